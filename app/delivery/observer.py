"""What the engine tells whoever counts: attempts that ended, posts that went out, deliveries that wait for longer."""

from __future__ import annotations

from typing import Protocol


class Observer(Protocol):
    """Is told after the commit that the numbers come from. Must return at once and never raise."""

    def attempt_ended(self, platform: str, outcome: str, seconds: float) -> None:
        """An attempt on a platform (slug) ended with an outcome of `models.attempt.OUTCOMES` after `seconds`."""
        ...

    def published(self, platform: str, lateness_seconds: float) -> None:
        """A delivery went out, `lateness_seconds` after the moment that it was meant for."""
        ...

    def retried(self, platform: str) -> None:
        """A delivery that was proved not sent went back in line for another attempt."""
        ...


class Nobody:
    """Counts nothing."""

    def attempt_ended(self, platform: str, outcome: str, seconds: float) -> None:
        """Count nothing."""

    def published(self, platform: str, lateness_seconds: float) -> None:
        """Count nothing."""

    def retried(self, platform: str) -> None:
        """Count nothing."""
