"""Looks: when a network is asked what became of a delivery, and how often one that cannot be asked now is asked again.

A look is made at deliveries of unknown outcome; and, once their account is connected anew, at those that were left to a
person because the network could not tell.
"""

from __future__ import annotations

import random
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from app.delivery import reasons, transitions
from app.delivery.circuit import open_until
from app.delivery.deps import Deps
from app.delivery.options import EngineOptions
from app.delivery.retry import backoff
from app.models import Account, Attempt, Delivery, State
from app.platforms.results import CannotTell


def in_doubt() -> ColumnElement[bool]:
    """A condition on `Delivery`: the network is to be asked what became of it, now or later."""
    unsettled = and_(Delivery.state == State.NEEDS_REVIEW.value, Delivery.state_reason == reasons.CANNOT_TELL)
    return or_(Delivery.state == State.UNKNOWN.value, and_(unsettled, Delivery.look_at.is_not(None)))


def is_in_doubt(delivery: Delivery) -> bool:
    """Whether `in_doubt` holds for a row as it was read."""
    asked_again = delivery.state_reason == reasons.CANNOT_TELL and delivery.look_at is not None
    return delivery.state == State.UNKNOWN or (delivery.state == State.NEEDS_REVIEW and asked_again)


def waiting(deps: Deps, session: Session) -> list[tuple[int, datetime]]:
    """Return the deliveries in doubt, and from when each may be asked about.

    Not before the last attempt's deadline, however often it was renewed, and the settle time; not before the next look
    is due; and not while nothing reaches the account's host.
    """
    deadline = (
        select(func.max(Attempt.deadline_at))
        .where(Attempt.delivery_id == Delivery.id)
        .correlate(Delivery)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Delivery.id, func.coalesce(deadline, Delivery.state_since), Delivery.look_at, open_until())
        .join(Account, Account.id == Delivery.account_id)
        .where(in_doubt())
    )
    settle = deps.options.settle
    return [(row[0], max(at for at in (row[1] + settle, row[2], row[3]) if at is not None)) for row in rows]


def next_look(
    made: int, now: datetime, retry_at: datetime | None, options: EngineOptions, dice: random.Random
) -> datetime | None:
    """Return when to look again after `made` looks that could not be made; None where the budget is spent.

    The network's own time is never undercut.
    """
    if made >= options.looks_budget:
        return None
    wait = backoff(made, options.look_first, options.look_longest, dice)
    return max(now + wait, retry_at or now)


def put_off(session: Session, deps: Deps, delivery: Delivery, answer: CannotTell, now: datetime) -> str | None:
    """Keep a (locked) delivery in doubt whose network could not be asked now, for another look.

    Returns:
        None; or, where the budget is spent, what to tell the person who must look now.
    """
    made = delivery.looks_made + 1
    at = next_look(made, now, answer.retry_at, deps.options, deps.random)
    if at is None:
        return f"The network was asked {made} times and could not answer. {answer.reason}"
    transitions.adjust(
        session,
        delivery.id,
        delivery.state,
        at=now,
        reason=reasons.LOOK_LATER,
        detail=answer.reason,
        fence=delivery.fence,
        values={"looks_made": made, "look_at": at},
    )
    return None


def look_again(session: Session, account: Account, now: datetime, *, actor: str) -> int:
    """Let an account's deliveries in doubt be asked about afresh, for now it may be answered; returns how many."""
    unsettled = and_(Delivery.state == State.NEEDS_REVIEW.value, Delivery.state_reason == reasons.CANNOT_TELL)
    put_off_before = and_(Delivery.state == State.UNKNOWN.value, Delivery.look_at.is_not(None))
    open_ones = or_(unsettled, put_off_before)
    rows = session.execute(
        select(Delivery.id, Delivery.state).where(Delivery.account_id == account.id, open_ones).order_by(Delivery.id)
    ).all()
    afresh = {"looks_made": 0, "look_at": now}
    return sum(
        transitions.adjust(
            session,
            row.id,
            row.state,
            at=now,
            reason=reasons.LOOK_AGAIN,
            detail="The account was connected again.",
            actor=actor,
            when=(open_ones,),
            values=afresh,
        )
        for row in rows
    )
