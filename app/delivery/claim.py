"""Claiming: which deliveries go to a worker now, at most one of each account.

Account rows are locked, not deliveries: an account sends one post at a time, whatever number of schedulers there is.
Locked rows are skipped on PostgreSQL; on SQLite the transaction is immediate. A partial unique index stands behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

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


def claim_due(deps: Deps, limit: int) -> list[Claim]:
    """Claim up to `limit` due deliveries, the longest waiting first, in one short transaction."""
    if limit < 1:
        return []
    with deps.database.read() as session:
        # A look first: an idle tick must not take SQLite's one write lock.
        if session.scalars(_accounts(instant(session, deps.clock), 1)).first() is None:
            return []
    with deps.database.write() as session:
        now = instant(session, deps.clock)
        accounts = session.scalars(_accounts(now, limit).with_for_update(skip_locked=True, of=Account)).all()
        claims = (_claim_one(session, deps, account_id, now) for account_id in accounts)
        return [claim for claim in claims if claim is not None]


def _accounts(now: datetime, limit: int) -> Select[int]:
    due = select(func.min(Delivery.ready_at)).where(may_go(), Delivery.ready_at <= now).correlate(Account)
    oldest = due.scalar_subquery()
    return (
        select(Account.id)
        .where(Account.next_free_at <= now, oldest.is_not(None), idle())
        .order_by(oldest, Account.id)
        .limit(limit)
    )


def _claim_one(session: Session, deps: Deps, account_id: int, now: datetime) -> Claim | None:
    query = (
        select(Delivery.id, Delivery.campaign_id, Delivery.post_id, Delivery.fence)
        .join(Account, Account.id == Delivery.account_id)
        # Asked again after the lock: another scheduler may have claimed between the first look and the lock.
        .where(Account.id == account_id, may_go(), idle(), Delivery.ready_at <= now, Account.next_free_at <= now)
        .order_by(Delivery.parts_out.desc(), Delivery.ready_at, Delivery.id)
        .limit(1)
    )
    row = session.execute(query).first()
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
