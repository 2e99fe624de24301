"""Heartbeats: each scheduler's process says in the database that it ticks, so that others see when it stops.

A beat is written by the tick itself, at its end. One written by a timer of its own would go on while ticks hang.
"""

from __future__ import annotations

import os
import secrets
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, delete, update
from sqlalchemy.orm import Session

from app.clock import Clock
from app.db import Database
from app.delivery.instant import database_decides, instant
from app.delivery.watch import MARK
from app.models import ClockMark, Heartbeat

#: Codes of what keeps a scheduler from its work: its clock is not trusted, its ticks fail, its beat cannot be written.
CLOCK = "clock.refused"
TICK_FAILED = "scheduler.tick_failed"
BEAT_FAILED = "scheduler.beat_failed"
NOT_TICKING = "scheduler.not_ticking"

#: Two beats of one scheduler are at least so far apart, unless its trouble has changed.
_SPACING = timedelta(seconds=5)
#: A scheduler that was silent for so long is forgotten.
_FORGOTTEN_AFTER = timedelta(days=1)
_PATIENCE = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What keeps a scheduler from its work: a code of this module, and the same in words."""

    code: str
    message: str


def freshness(longest_sleep: timedelta) -> timedelta:
    """Return how old the last beat of a scheduler that sleeps so long at most may be before something is wrong."""
    return 2 * longest_sleep + _PATIENCE


class Pulse:
    """The heartbeat of this process's scheduler. One thread at a time beats."""

    def __init__(self, database: Database, clock: Clock, *, longest_sleep: timedelta) -> None:
        #: The scheduler's name: its host, its process and what tells it from others that had the same.
        self.scheduler = f"{socket.gethostname()[:150]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._database = database
        self._clock = clock
        self._longest = longest_sleep
        self._spacing = min(_SPACING, longest_sleep / 2)
        self._started_at: datetime | None = None
        self._last: tuple[float, Trouble | None] | None = None

    def beat(self, next_due: datetime | None, trouble: Trouble | None) -> timedelta:
        """Say that a tick has ended; return after how long the next beat is wanted at the latest.

        `next_due` is when the next tick has something to do (aware, UTC). Within a few seconds of the last beat nothing
        is written, unless the trouble has changed.

        Raises:
            StorageUnavailable: The database does not take it; the next tick tries again.
        """
        monotonic = self._clock.monotonic()
        if self._last is not None and self._last[1] == trouble:
            since = timedelta(seconds=monotonic - self._last[0])
            if since < self._spacing:
                return self._longest - since
        with self._database.write() as session:
            now = instant(session, self._clock)
            self._started_at = self._started_at or now
            self._write(session, now, next_due, trouble)
            session.execute(delete(Heartbeat).where(Heartbeat.beat_at < now - _FORGOTTEN_AFTER))
            if not database_decides(session, self._clock):
                refused_before = self._last is not None and self._last[1] is not None and self._last[1].code == CLOCK
                _mark(session, now, trouble, was_refused=refused_before)
        self._last = (monotonic, trouble)
        return self._longest

    def stop(self) -> None:
        """Take the row away: this scheduler has ended as it should.

        Raises:
            StorageUnavailable: The database does not take it; the row grows old there.
        """
        if self._started_at is None:
            return
        with self._database.write() as session:
            session.execute(delete(Heartbeat).where(Heartbeat.scheduler == self.scheduler))
        self._started_at = self._last = None

    def _write(self, session: Session, now: datetime, next_due: datetime | None, trouble: Trouble | None) -> None:
        values = {
            "beat_at": now,
            "next_due_at": next_due,
            "trouble": None if trouble is None else trouble.message,
            "trouble_code": None if trouble is None else trouble.code,
        }
        mine = update(Heartbeat).where(Heartbeat.scheduler == self.scheduler).values(**values)
        result = cast("CursorResult[Any]", session.execute(mine.execution_options(synchronize_session=False)))
        if result.rowcount == 0:
            session.add(Heartbeat(scheduler=self.scheduler, started_at=self._started_at, **values))


def _mark(session: Session, now: datetime, trouble: Trouble | None, *, was_refused: bool) -> None:
    """Keep what a later process must know of the clock: the last good tick, or that the clock is not trusted."""
    mark = session.get(ClockMark, MARK)
    if mark is None:
        mark = ClockMark(id=MARK, seen_at=now, confirmations=0)
        session.add(mark)
    if trouble is not None and trouble.code == CLOCK:
        if mark.refusal is None:
            mark.refused_at = now
        mark.refusal = trouble.message
    elif trouble is None:
        mark.seen_at = now
        if was_refused:
            # The confirmation may have come between that tick and its beat, which then wrote the refusal once more.
            mark.refusal = mark.refused_at = None
