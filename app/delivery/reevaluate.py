"""Blocked deliveries after text, fill-in, policy or approval has changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.delivery import reasons, transitions
from app.delivery.gate import is_approval
from app.delivery.window import window_end
from app.models import Campaign, Delivery, State


@dataclass(frozen=True, slots=True)
class Reevaluated:
    """How many deliveries are scheduled again, and how many were missed."""

    scheduled: int
    missed: int


def reevaluate(
    session: Session, campaign_id: int, *, now: datetime, actor: str, post_id: int | None = None
) -> Reevaluated:
    """Send a campaign's (or one post's) blocked deliveries back in line, where the gate judges them anew.

    Those whose window has passed are missed: they never go out late. What was blocked because nobody had approved it is
    missed as soon as its moment itself has passed, for an approval after it is none for that moment.
    """
    query = (
        select(Delivery.id, Delivery.due_at, Delivery.fence, Delivery.state_detail, Delivery.verdict, Campaign)
        .join(Campaign, Campaign.id == Delivery.campaign_id)
        .where(Delivery.campaign_id == campaign_id, Delivery.state == State.BLOCKED.value)
    )
    if post_id is not None:
        query = query.where(Delivery.post_id == post_id)
    counts = {State.SCHEDULED: 0, State.MISSED: 0}
    for delivery_id, due_at, fence, blocked_for, verdict, campaign in session.execute(
        query.order_by(Delivery.id)
    ).all():
        if now > due_at and any(is_approval(str(finding.get("code"))) for finding in verdict or ()):
            state, reason = State.MISSED, reasons.LATE_APPROVAL
            said = "Its moment passed before it was approved."
        elif now > window_end(due_at, campaign):
            state, reason = State.MISSED, reasons.LATE_BLOCKED
            said = f"Its window passed while it was blocked. {blocked_for or ''}".strip()
        else:
            state, reason, said = State.SCHEDULED, reasons.REEVALUATED, None
        counts[state] += transitions.move(
            session, delivery_id, State.BLOCKED, state, at=now, reason=reason, detail=said, actor=actor, fence=fence
        )
    return Reevaluated(counts[State.SCHEDULED], counts[State.MISSED])
