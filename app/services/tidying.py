"""What is over and of no use to anybody is deleted: ended sessions, old links, forgotten tries."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete

from app.clock import Clock
from app.db import Database
from app.identity import sessions, throttle
from app.models import OneTimeLink
from app.services.chores import Chore

_EVERY = timedelta(hours=1)
_LINKS_KEPT = timedelta(days=30)


def tidying(database: Database, clock: Clock) -> Chore:
    """Return the chore."""

    def run() -> None:
        now: datetime = clock.now()
        with database.write() as session:
            sessions.forget_old(session, now)
            throttle.forget_old(session, now)
            session.execute(delete(OneTimeLink).where(OneTimeLink.expires_at < now - _LINKS_KEPT))

    return Chore("tidying", _EVERY, run)
