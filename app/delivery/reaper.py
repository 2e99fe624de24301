"""The reaper: leases that ran out. Whoever held one may have died, or may still answer (see `late`)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from app.delivery import reasons, transitions
from app.delivery.deps import Deps
from app.delivery.instant import instant
from app.models import Attempt, Delivery, State


def reap(deps: Deps) -> int:
    """Return claims without an attempt to the line, and make attempts without an answer `unknown`."""
    expired = select(Delivery.id, Delivery.fence, Delivery.lease, Delivery.parts_out, Delivery.stop_requested_at).where(
        Delivery.state == State.SENDING.value
    )
    with deps.database.read() as session:
        now = instant(session, deps.clock)
        if session.execute(expired.where(Delivery.lease_until <= now).limit(1)).first() is None:
            return 0
    with deps.database.write() as session:
        now = instant(session, deps.clock)
        # In the order in which gates and outcomes lock deliveries that are being sent: by their accounts.
        ordered = expired.where(Delivery.lease_until <= now).order_by(Delivery.account_id, Delivery.id)
        rows = session.execute(ordered).all()
        return sum(_reap_one(session, row, now) for row in rows)


def _reap_one(session: Session, row: Row[int, int, str | None, int, datetime | None], now: datetime) -> bool:
    # The lease itself is part of the condition: a dispatch lease may turn into a send lease between look and write.
    same_lease = (Delivery.lease == row.lease, Delivery.lease_until <= now)
    if row.lease == "send":
        state, detail = State.UNKNOWN, "The attempt gave no answer before its lease ran out."
    elif row.stop_requested_at is not None and row.parts_out == 0:
        state, detail = State.CANCELLED, "A stop was asked; nothing was sent."
    else:
        state, detail = State.SCHEDULED, "The claim was not taken up before its lease ran out."
    reason = reasons.STOPPED if state is State.CANCELLED else reasons.LEASE_EXPIRED
    moved = transitions.move(
        session, row.id, State.SENDING, state, at=now, reason=reason, detail=detail, fence=row.fence, when=same_lease
    )
    # Only then, for everybody locks the delivery before its attempt.
    if moved and row.lease == "send":
        _close_attempt(session, row.id, row.fence, now)
    return moved


def _close_attempt(session: Session, delivery_id: int, token: int, now: datetime) -> None:
    open_attempt = (Attempt.delivery_id == delivery_id, Attempt.token == token, Attempt.outcome.is_(None))
    session.execute(
        update(Attempt)
        .where(*open_attempt)
        .values(outcome="unknown", code=reasons.LEASE_EXPIRED, finished_at=now)
        .execution_options(synchronize_session=False)
    )
