"""Holds: an account whose token was refused keeps its deliveries back until it is connected again.

And who it is then: what one account began is not continued as another.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.delivery import gate, reasons, transitions
from app.delivery.deps import Deps
from app.delivery.instant import instant
from app.delivery.looks import look_again
from app.delivery.window import window_end
from app.models import Account, Attempt, Campaign, Delivery, State


def needs_reconnect(session: Session, account: Account, detail: str, now: datetime) -> None:
    """Mark an account (locked) whose credentials were refused, and hold all that waits for it."""
    if account.state == "connected":
        account.state = "needs_reconnect"
        account.version += 1
    account.state_reason = detail
    session.flush()
    hold_account(session, account, now)


def hold_account(session: Session, account: Account, now: datetime) -> int:
    """Hold every waiting delivery of an account that is not connected; threads that have begun go their own way."""
    waiting = select(Delivery.id).where(
        Delivery.account_id == account.id, Delivery.state == State.SCHEDULED.value, Delivery.parts_out == 0
    )
    reason, detail = f"account.{account.state}", gate.account_detail(account)
    return sum(
        transitions.move(session, row, State.SCHEDULED, State.HELD, at=now, reason=reason, detail=detail)
        for row in session.scalars(waiting.order_by(Delivery.id)).all()
    )


def release_account(session: Session, account: Account, now: datetime, *, actor: str) -> tuple[int, int]:
    """Mark an account connected again; what is still in its window returns, what is past it is missed.

    What the network could not tell without it is asked again.

    Returns:
        How many deliveries are scheduled again, and how many were missed.
    """
    account.state, account.state_reason = "connected", None
    account.version += 1
    session.flush()
    query = select(Delivery, Campaign).join(Campaign, Campaign.id == Delivery.campaign_id)
    counts = {State.SCHEDULED: 0, State.MISSED: 0}
    held = query.where(Delivery.account_id == account.id, Delivery.state == State.HELD.value)
    for delivery, campaign in session.execute(held.order_by(Delivery.id)).all():
        past = now > window_end(delivery.due_at, campaign)
        state, reason = (State.MISSED, reasons.LATE_HELD) if past else (State.SCHEDULED, reasons.ACCOUNT_RECONNECTED)
        moved = transitions.move(session, delivery.id, State.HELD, state, at=now, reason=reason, actor=actor)
        counts[state] += moved
    look_again(session, account, now, actor=actor)
    return counts[State.SCHEDULED], counts[State.MISSED]


def hold_due(deps: Deps) -> int:
    """Hold deliveries that have come due on accounts that are not connected."""
    query = (
        select(Account.id)
        .join(Delivery, Delivery.account_id == Account.id)
        .where(Delivery.state == State.SCHEDULED.value, Delivery.parts_out == 0, Account.state != "connected")
        .distinct()
    )
    with deps.database.read() as session:
        due = Delivery.ready_at <= instant(session, deps.clock)
        accounts = session.scalars(query.where(due)).all()
    held = 0
    for account_id in accounts:
        with deps.database.write() as session:
            account = session.get_one(Account, account_id, with_for_update={"key_share": True})
            if account.state != "connected":
                held += hold_account(session, account, instant(session, deps.clock))
    return held


def same_account(attempt: Attempt, account: Account) -> bool:
    """Whether an account is still who it was on its network when an attempt was made.

    An attempt that was made before the network had said who it is counts as the same.
    """
    return attempt.account_remote_id is None or attempt.account_remote_id == account.remote_id


def other_account(delivery: Delivery) -> gate.Refusal:
    """Refuse to go on with a thread that another account of the network has begun."""
    detail = (
        f"{delivery.parts_out} parts are out, sent as another account of the network: the rest would not be a reply "
        "of the same author. Connect that account again, or finish the thread as it is."
    )
    return gate.Refusal(State.NEEDS_REVIEW, reasons.OTHER_ACCOUNT, detail)
