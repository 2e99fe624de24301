"""Chores: small jobs beside the ticks, each run again and again by the scheduler's process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Chore:
    """A job without a delivery of its own. `run` may raise: the next round tries again, and the log says why."""

    name: str
    every: timedelta
    run: Callable[[], None]
