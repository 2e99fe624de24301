"""The clock watch: a clock that was set must not publish the month.

Where the wall clock departs from the monotonic one, or from the database's, nothing is claimed. What a process cannot
know by itself stands in the one row of `clock_mark`: when a scheduler last ticked, whether one stopped because of the
clock, and whether a person has confirmed since. So neither a restart nor another process forgets it.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from app.clock import Clock
from app.delivery.instant import database_decides, instant
from app.delivery.options import EngineOptions
from app.models import ClockMark

log = structlog.get_logger(__name__)

#: The id of the one row of `clock_mark`.
MARK = 1


class ClockWatch:
    """Remembers how the clocks stood to one another when it was made, or last looked at them without a finding."""

    def __init__(self, clock: Clock, options: EngineOptions) -> None:
        self._clock = clock
        self._options = options
        self._lock = threading.Lock()
        self._stopped: str | None = None
        self._begun = False
        self._confirmations = 0
        self._wall, self._monotonic = clock.now(), clock.monotonic()

    def refusal(self, session: Session, now: datetime | None = None) -> str | None:
        """Return why nothing may be claimed now, or None.

        A wall clock that jumped stays refused until a person confirms it, here or through the database. A difference
        from PostgreSQL's clock is refused only as long as it lasts, for there the database's decides; `now` is that
        instant where it was just read.
        """
        if database_decides(session, self._clock):
            skew = abs((now or instant(session, self._clock)) - self._clock.now())
            limit = self._options.database_skew
            return f"This machine's clock is {duration_words(skew)} off the database's." if skew > limit else None
        with self._lock:
            jump = self._jump()
            if not self._begun:
                self._begin(session)
            if jump is not None:
                # Only what is confirmed after this look is meant for this jump.
                self._stop(session, jump)
            elif self._stopped is not None:
                self._see_confirmation(session)
            return self._stopped

    def confirm(self) -> None:
        """A person says that the wall clock is right: begin anew from here."""
        with self._lock:
            self._wall, self._monotonic = self._clock.now(), self._clock.monotonic()
            self._stopped, self._begun = None, True

    def _jump(self) -> str | None:
        now, monotonic = self._clock.now(), self._clock.monotonic()
        departed = (now - self._wall) - timedelta(seconds=monotonic - self._monotonic)
        # Slow corrections are no jumps: what was small is forgotten. What was not is told once.
        self._wall, self._monotonic = now, monotonic
        if abs(departed) <= self._options.clock_departure:
            return None
        log.error("clock_departed", seconds=round(departed.total_seconds()))
        way = "forward" if departed > timedelta(0) else "back"
        return f"The clock was set {way} by {duration_words(abs(departed))}."

    def _begin(self, session: Session) -> None:
        """Take over what former processes knew: a jump back while none ran, and one that nobody has confirmed."""
        self._begun = True
        mark = session.get(ClockMark, MARK)
        if mark is None:
            return
        behind = behind_mark(mark, self._clock.now(), self._options.clock_departure)
        if mark.refusal is not None or behind is not None:
            log.error("clock_unconfirmed", reason=mark.refusal or behind)
            self._stop(session, mark.refusal or behind or "")

    def _stop(self, session: Session, why: str) -> None:
        mark = session.get(ClockMark, MARK, populate_existing=True)
        self._stopped, self._confirmations = why, 0 if mark is None else mark.confirmations

    def _see_confirmation(self, session: Session) -> None:
        mark = session.get(ClockMark, MARK, populate_existing=True)
        if mark is not None and mark.confirmations > self._confirmations:
            log.warning("clock_confirmed", by=mark.confirmed_by)
            self._stopped = None


def behind_mark(mark: ClockMark, now: datetime, limit: timedelta) -> str | None:
    """Say that `now` (aware, UTC) lies before the last good tick by more than `limit`, or None."""
    behind = mark.seen_at - now
    return f"The clock stands {duration_words(behind)} before the last tick." if behind > limit else None


def duration_words(length: timedelta) -> str:
    """Return a length of time as a person says it."""
    seconds = round(length.total_seconds())
    for size, word in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds // size} {word}"
    return f"{seconds} seconds"
