"""A clock that is set, for tests of what notices that."""

from __future__ import annotations

from datetime import datetime, timedelta

from delivery_stage import START

from app.clock import VirtualClock


class SetClock(VirtualClock):
    """A wall clock that somebody sets while the monotonic one goes on."""

    def __init__(self) -> None:
        super().__init__(START)
        self.set_by = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.set_by

    def monotonic(self) -> float:
        return (super().now() - START).total_seconds()

    def advance(self, by: timedelta) -> None:
        self.move_to(super().now() + by)
