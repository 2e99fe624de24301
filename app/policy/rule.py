"""What a rule is: its codes, its level where the campaign sets none, and a function that yields findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from app.policy.facts import Facts
from app.policy.finding import Level
from app.policy.policy import Policy


class Found(NamedTuple):
    """What a rule found, before the campaign's level is put to it. `span` is of the original text."""

    code: str
    span: tuple[int, int]
    message: str
    suggestion: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule. `name` is its code, or its family's where the codes come from the pack.

    `check` is a pure function, linear in the text, and never raises.
    """

    name: str
    level: Level
    check: Callable[[Facts, Policy], Iterable[Found]]
