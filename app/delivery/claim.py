"""Claiming: which deliveries go to a worker now, at most one of each account.

Account rows are locked, not deliveries: an account sends one post at a time, whatever number of schedulers there is.
Locked rows are skipped on PostgreSQL; on SQLite the transaction is immediate. A partial unique index stands behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Integer, ScalarSelect, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from app.db import Instant, RowId
from app.delivery import reasons, transitions
from app.delivery.deps import Deps
from app.delivery.instant import instant
from app.delivery.pauses import paused
from app.models import Account, Delivery, State
from app.platforms.base import Via


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that a worker may try, and the fencing token that it must show for every change."""

    delivery_id: int
    campaign_id: int
    post_id: int
    account_id: int
    token: int


def may_go() -> ColumnElement[bool]:
    """A condition on `Account` and `Delivery`: nothing but time keeps this delivery of this account.

    A thread that has begun is finished whatever was paused meanwhile; its gate decides what becomes of it.
    """
    begun = Delivery.parts_out > 0
    free_to_start = and_(Account.state == "connected", ~paused())
    return and_(
        Delivery.account_id == Account.id,
        Account.via != Via.BY_HAND.value,
        Delivery.state == State.SCHEDULED.value,
        or_(begun, free_to_start),
    )


def idle() -> ColumnElement[bool]:
    """A condition on `Account`: nothing of it is being sent."""
    sending = select(Delivery.id).where(Delivery.account_id == Account.id, Delivery.state == State.SENDING.value)
    return ~exists(sending.correlate(Account))


def _oldest() -> ScalarSelect[datetime]:
    due = select(func.min(Delivery.ready_at)).where(may_go(), Delivery.ready_at <= _NOW)
    return due.correlate(Account).scalar_subquery()


_NOW = bindparam("now", type_=Instant())
_ACCOUNTS = (
    select(Account.id)
    .where(Account.next_free_at <= _NOW, _oldest().is_not(None), idle())
    .order_by(_oldest(), Account.id)
    .limit(bindparam("limit", type_=Integer()))
    .with_for_update(skip_locked=True, of=Account)
)
# Asked again after the lock: another scheduler may have claimed between the first look and the lock.
_FIRST_OF = (
    select(Delivery.id, Delivery.campaign_id, Delivery.post_id, Delivery.fence)
    .join(Account, Account.id == Delivery.account_id)
    .where(
        Account.id == bindparam("account", type_=RowId),
        may_go(),
        idle(),
        Delivery.ready_at <= _NOW,
        Account.next_free_at <= _NOW,
    )
    .order_by(Delivery.parts_out.desc(), Delivery.ready_at, Delivery.id)
    .limit(1)
)


def claim_due(deps: Deps, limit: int) -> list[Claim]:
    """Claim up to `limit` due deliveries, the longest waiting first, in one short transaction."""
    if limit < 1:
        return []
    with deps.database.write() as session:
        now = instant(session, deps.clock)
        accounts = session.scalars(_ACCOUNTS, {"now": now, "limit": limit}).all()
        claims = (_claim_one(session, deps, account_id, now) for account_id in accounts)
        return [claim for claim in claims if claim is not None]


def _claim_one(session: Session, deps: Deps, account_id: int, now: datetime) -> Claim | None:
    row = session.execute(_FIRST_OF, {"account": account_id, "now": now}).first()
    if row is None:
        return None
    claimed = transitions.move(
        session,
        row.id,
        State.SCHEDULED,
        State.SENDING,
        at=now,
        reason=reasons.CLAIMED,
        fence=row.fence,
        values={"lease": "dispatch", "lease_until": now + deps.options.dispatch_lease},
    )
    return Claim(row.id, row.campaign_id, row.post_id, account_id, row.fence + 1) if claimed else None
