"""What health and metrics are made of: a few looks at the database, each through an index.

The months ahead do not make them slower: each reads only what should have been done by now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select, text
from sqlalchemy.orm import Session

from app.delivery.circuit import open_until
from app.delivery.claim import idle
from app.delivery.deps import Deps
from app.delivery.errands import RECONCILE, WITHDRAW
from app.delivery.instant import instant
from app.delivery.pauses import reaches
from app.models import Account, Credential, Delivery, Heartbeat, Pause, State
from app.platforms.base import Via

#: A delivery that nothing keeps and that is still there so long after its time is overdue.
OVERDUE_AFTER = timedelta(seconds=120)
#: A lease that ended so long ago should have been seen by some scheduler.
STUCK_AFTER = timedelta(seconds=60)
#: What waits for a question to its network, or to be taken back, should have been begun so long after its time.
NOT_ASKED_AFTER = timedelta(minutes=5)

#: No one statement of a look may take longer on PostgreSQL, nor wait longer for a lock. In milliseconds.
_STATEMENT_MS, _LOCK_MS = 2_000, 1_000
#: What is counted is counted up to here.
MOST_COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class Late:
    """Deliveries that should have been moved on: how many (1,000 at most), the oldest of them, since when."""

    count: int = 0
    delivery_id: int | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Facts:
    """How the work stands as of `now` (aware, UTC). `beats` are all schedulers' rows, the freshest first."""

    now: datetime
    beats: Sequence[Heartbeat]
    overdue: Late
    stuck: Late
    not_asked: Late
    not_withdrawn: Late


def limit_waits(session: Session) -> None:
    """Let no statement of this transaction wait for long on PostgreSQL; a reader on SQLite does not wait."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SET LOCAL statement_timeout = {_STATEMENT_MS}"))
        session.execute(text(f"SET LOCAL lock_timeout = {_LOCK_MS}"))


def look_at_work(session: Session, deps: Deps) -> Facts:
    """Read the facts."""
    now = instant(session, deps.clock)
    return Facts(
        now=now,
        beats=session.scalars(select(Heartbeat).order_by(Heartbeat.beat_at.desc()).limit(MOST_COUNTED)).all(),
        overdue=_overdue(session, now),
        stuck=_stuck(session, now),
        not_asked=_of([row for row in RECONCILE.waiting(deps, session) if row[1] < now - NOT_ASKED_AFTER], now),
        not_withdrawn=_of([row for row in WITHDRAW.waiting(deps, session) if row[1] < now - NOT_ASKED_AFTER], now),
    )


def newest_sealed(session: Session) -> bytes | None:
    """Return the newest sealed credentials, or None where there are none."""
    return session.scalars(select(Credential.sealed).order_by(Credential.id.desc()).limit(1)).first()


def _overdue(session: Session, now: datetime) -> Late:
    cutoff = now - OVERDUE_AFTER
    due = (
        Delivery.state == State.SCHEDULED.value,
        Delivery.ready_at <= cutoff,
        # What has only just come back to the line, from a hold say, has the same time from then on.
        Delivery.state_since <= cutoff,
    )
    query = select(Delivery.id, Delivery.ready_at).join(Account, Account.id == Delivery.account_id)
    query = query.where(*due, _may_start(cutoff), _way_is_free(cutoff)).order_by(Delivery.ready_at, Delivery.id)
    return _of([(row[0], row[1]) for row in session.execute(query.limit(MOST_COUNTED))], now)


def _may_start(cutoff: datetime) -> ColumnElement[bool]:
    """No person keeps the delivery back, or did a moment ago. A thread that has begun is finished in any case."""
    kept = exists(select(Pause.id).where(or_(Pause.ended_at.is_(None), Pause.ended_at > cutoff), reaches()))
    return or_(Delivery.parts_out > 0, and_(Account.state == "connected", ~kept.correlate(Delivery)))


def _way_is_free(cutoff: datetime) -> ColumnElement[bool]:
    """The account was free all the time; a person who posts by hand is never busy."""
    closed = or_(open_until().is_(None), open_until() <= cutoff)
    free = and_(Account.next_free_at <= cutoff, idle(), closed)
    return or_(Account.via == Via.BY_HAND.value, free)


def _stuck(session: Session, now: datetime) -> Late:
    """Return what is being sent, or taken back, under a lease that ended a while ago."""
    cutoff = now - STUCK_AFTER
    sending = select(Delivery.id, Delivery.lease_until).where(
        Delivery.state == State.SENDING.value, Delivery.lease_until < cutoff
    )
    withdrawing = select(Delivery.id, Delivery.withdraw_lease_until).where(
        Delivery.state == State.WITHDRAWING.value,
        Delivery.withdraw_at < cutoff,
        Delivery.withdraw_lease_until < cutoff,
    )
    rows = [row for query in (sending, withdrawing) for row in session.execute(query.limit(MOST_COUNTED))]
    return _of([(row[0], row[1]) for row in rows if row[1] is not None], now)


def _of(rows: Sequence[tuple[int, datetime]], now: datetime) -> Late:
    if not rows:
        return Late()
    delivery_id, since = min(rows, key=lambda row: row[1])
    return Late(min(len(rows), MOST_COUNTED), delivery_id, (now - since).total_seconds())
