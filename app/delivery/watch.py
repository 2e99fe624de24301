"""The clock watch: a clock that was set must not publish the month.

Where the wall clock departs from the monotonic one, or from the database's, nothing is claimed.
"""

from __future__ import annotations

import threading
from datetime import timedelta

import structlog
from sqlalchemy.orm import Session

from app.clock import Clock, SystemClock
from app.delivery.instant import instant
from app.delivery.options import EngineOptions

log = structlog.get_logger(__name__)


class ClockWatch:
    """Remembers how the clocks stood to one another when it was made, or last confirmed."""

    def __init__(self, clock: Clock, options: EngineOptions) -> None:
        self._clock = clock
        self._options = options
        self._lock = threading.Lock()
        self._stopped: str | None = None
        self._wall, self._monotonic = clock.now(), clock.monotonic()

    def refusal(self, session: Session) -> str | None:
        """Return why nothing may be claimed now, or None.

        A wall clock that jumped stays refused until `confirm`; a difference from PostgreSQL's clock only as long as it
        lasts, for there the database's decides.
        """
        if session.get_bind().dialect.name == "postgresql" and isinstance(self._clock, SystemClock):
            skew = abs(instant(session, self._clock) - self._clock.now())
            return f"This machine's clock is {_said(skew)} off the database's." if skew > self._limit() else None
        with self._lock:
            if self._stopped is None:
                self._stopped = self._look()
            return self._stopped

    def confirm(self) -> None:
        """A person says that the wall clock is right: begin anew from here."""
        with self._lock:
            self._wall, self._monotonic = self._clock.now(), self._clock.monotonic()
            self._stopped = None

    def _limit(self) -> timedelta:
        return self._options.database_skew

    def _look(self) -> str | None:
        now, monotonic = self._clock.now(), self._clock.monotonic()
        departed = (now - self._wall) - timedelta(seconds=monotonic - self._monotonic)
        if abs(departed) > self._options.clock_departure:
            log.error("clock_departed", seconds=round(departed.total_seconds()))
            return f"The clock was set by {_said(abs(departed))}; confirm that it is right."
        # Slow corrections are no jumps: what was small is forgotten.
        self._wall, self._monotonic = now, monotonic
        return None


def _said(difference: timedelta) -> str:
    seconds = round(difference.total_seconds())
    return f"{seconds} seconds" if seconds < 120 else f"{seconds // 60} minutes"  # noqa: PLR2004  # two minutes
