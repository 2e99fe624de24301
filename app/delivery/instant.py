"""Which clock decides: the database's own on PostgreSQL, so that any number of machines agree; else the given one."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.clock import Clock, SystemClock


def instant(session: Session, clock: Clock) -> datetime:
    """Return the instant (aware, UTC) that decides due times and leases.

    On PostgreSQL it is the database's, unless time is virtual: a rehearsal's clock holds everywhere.
    """
    if database_decides(session, clock):
        # clock_timestamp() and not now(): a transaction may have waited for a lock since it began.
        present: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
        return present.astimezone(UTC)
    return clock.now()


def database_decides(session: Session, clock: Clock) -> bool:
    """Whether the database's own clock decides, and not the given one."""
    return isinstance(clock, SystemClock) and session.get_bind().dialect.name == "postgresql"
