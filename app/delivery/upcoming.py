"""When the engine has something to do next, so that whoever ticks it can sleep until then."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from app.delivery import hand_over, missed, reconcile
from app.delivery.claim import idle, may_go
from app.delivery.deps import Deps
from app.delivery.instant import instant
from app.delivery.pauses import paused
from app.models import Account, Delivery, State
from app.platforms.base import Via


def next_due(session: Session, deps: Deps, *, claiming: bool, asking: frozenset[int]) -> datetime | None:
    """Return the next instant (aware, UTC) at which a tick would change something; past if it would now.

    `claiming` says whether deliveries may be claimed at all; `asking` are those about which the network is being asked.
    """
    now = instant(session, deps.clock)
    moments = [
        _claimable(session, now) if claiming else None,
        _by_hand(session, now) if claiming else None,
        _ahead(session, now),
        session.scalars(select(func.min(Delivery.lease_until)).where(Delivery.state == State.SENDING.value)).one(),
        missed.next_miss(session, now) if claiming else None,
        *(hand_over.next_steps(session) if claiming else []),
        *(at for row, at in reconcile.waiting(deps, session) if row not in asking),
    ]
    return min((moment for moment in moments if moment is not None), default=None)


def _claimable(session: Session, now: datetime) -> datetime | None:
    """When the first of the deliveries that are due finds its account free."""
    first = select(func.min(Delivery.ready_at)).where(may_go(), Delivery.ready_at <= now).correlate(Account)
    oldest = first.scalar_subquery()
    later = case((Account.next_free_at > oldest, Account.next_free_at), else_=oldest)
    moment: datetime | None = session.scalars(select(func.min(later)).where(oldest.is_not(None), idle())).one()
    return moment


def _by_hand(session: Session, now: datetime) -> datetime | None:
    due = (
        select(func.min(Delivery.ready_at))
        .join(Account, Account.id == Delivery.account_id)
        .where(
            Account.via == Via.BY_HAND.value,
            Account.state == "connected",
            Delivery.state == State.SCHEDULED.value,
            Delivery.ready_at <= now,
            ~paused(),
        )
    )
    return session.scalars(due).one()


def _ahead(session: Session, now: datetime) -> datetime | None:
    """When the first of those that are not due yet comes due, whatever may keep it back then."""
    firsts: list[datetime | None] = [
        session.scalars(
            select(func.min(Delivery.ready_at)).where(Delivery.state == state.value, Delivery.ready_at > now)
        ).one()
        for state in (State.SCHEDULED, State.HELD)
    ]
    return min((first for first in firsts if first is not None), default=None)
