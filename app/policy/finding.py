"""What rules say of a text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """How much a finding weighs: errors block at the gate, warnings are acknowledged, notes inform."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a rule says of a text.

    `span` is half-open, in Unicode code points of the text as it was given; `message` is for the writer;
    `suggestion` is what to do or write instead, or None.
    """

    code: str
    level: Level
    span: tuple[int, int]
    message: str
    suggestion: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the finding as it is written to people and kept with deliveries: the span as a list of two."""
        return {
            "code": self.code,
            "level": self.level.value,
            "span": list(self.span),
            "message": self.message,
            "suggestion": self.suggestion,
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """All findings of one text under one policy version, in the order they stand in the text."""

    findings: tuple[Finding, ...]
    policy_version: str

    @property
    def sendable(self) -> bool:
        """Whether nothing blocks the text at the gate."""
        return not any(finding.level is Level.ERROR for finding in self.findings)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that block."""
        return tuple(finding for finding in self.findings if finding.level is Level.ERROR)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings by place, then code, each once."""
    return tuple(sorted(dict.fromkeys(findings), key=lambda f: (f.span, f.code, f.message)))
