"""What a webhook was not told yet, read from the rows. Bodies hold ids and states, never the text of a post.

Deliveries' events are read by their ids after the webhook's cursor. On PostgreSQL an event may become visible after
later ones: its id is given when it is written, and others commit first. So the cursor stays `LOOK_BACK` behind, all
that came after it is looked at again each time, and what was told before is known by its source. No transaction of ours
stands open for nearly so long; the database ends it before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, exists, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.clock import utc_text
from app.models import Account, Delivery, DeliveryEvent, Post, Review, Webhook, WebhookMessage
from app.services.webhooks.kinds import BY_STATE, NEEDS_RECONNECT, REVIEW_ASKED, NewsKind, wants

#: So far the cursor stays behind the present.
LOOK_BACK = timedelta(minutes=10)
#: A review that was asked for longer ago is not told any more.
REVIEWS_FOR = timedelta(days=3)
#: The most that one round writes for a webhook; the next round takes the rest.
MOST_AT_ONCE = 500


_Rows = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class News:
    """One thing to be told: `source` names it, so that it is told once; `data` is what the message holds of it."""

    kind: NewsKind
    source: str
    at: datetime
    data: dict[str, Any]


def untold(session: Session, webhook: Webhook, now: datetime) -> tuple[list[News], int]:
    """Return what a webhook is to be told now, the oldest first, and up to which event its cursor may move."""
    events = list(_events(session, webhook))
    top = _settled(session, webhook, now)
    if len(events) == MOST_AT_ONCE:
        top = min(top, int(events[-1].source.rpartition(":")[2]))
    return [*events, *_reviews(session, webhook, now), *_accounts(session, webhook, now)], top


def newest_event(session: Session) -> int:
    """Return the id of the newest event there is."""
    return session.scalar(select(func.max(DeliveryEvent.id))) or 0


def _settled(session: Session, webhook: Webhook, now: datetime) -> int:
    """Return the last event below which no other can become visible any more."""
    beyond = DeliveryEvent.id > webhook.told_up_to
    recent = session.scalar(select(func.min(DeliveryEvent.id)).where(beyond, DeliveryEvent.at >= now - LOOK_BACK))
    query = select(func.max(DeliveryEvent.id)).where(beyond)
    return session.scalar(query if recent is None else query.where(DeliveryEvent.id < recent)) or webhook.told_up_to


def _events(session: Session, webhook: Webhook) -> Iterable[News]:
    states = [state for state, kind in BY_STATE.items() if wants(webhook.kinds, kind)]
    if not states:
        return
    moved = or_(DeliveryEvent.from_state.is_(None), DeliveryEvent.from_state != DeliveryEvent.to_state)
    query = (
        select(DeliveryEvent, Delivery, Account.platform)
        .join(Delivery, Delivery.id == DeliveryEvent.delivery_id)
        .join(Account, Account.id == Delivery.account_id)
        .where(
            DeliveryEvent.organization_id == webhook.organization_id,
            DeliveryEvent.id > webhook.told_up_to,
            DeliveryEvent.to_state.in_(states),
            moved,
        )
        .order_by(DeliveryEvent.id)
        .limit(MOST_AT_ONCE)
    )
    for event, delivery, platform in session.execute(_not_told(query, webhook, "delivery_event", DeliveryEvent.id)):
        data = {
            "delivery_id": delivery.id,
            "campaign_id": delivery.campaign_id,
            "post_id": delivery.post_id,
            "account_id": delivery.account_id,
            "platform": platform,
            "from_state": event.from_state,
            "state": event.to_state,
            "reason": event.reason,
            "due_at": utc_text(delivery.due_at),
        }
        if event.to_state == "published":
            data["url"] = delivery.remote_url
        yield News(BY_STATE[event.to_state], f"delivery_event:{event.id}", event.at, data)


def _reviews(session: Session, webhook: Webhook, now: datetime) -> Iterable[News]:
    if not wants(webhook.kinds, REVIEW_ASKED):
        return
    query = (
        select(Review, Post.campaign_id)
        .join(Post, Post.id == Review.post_id)
        .where(
            Review.organization_id == webhook.organization_id,
            Review.state == "open",
            Review.asked_at >= max(webhook.on_since, now - REVIEWS_FOR),
        )
        .order_by(Review.id)
        .limit(MOST_AT_ONCE)
    )
    for review, campaign_id in session.execute(_not_told(query, webhook, "review", Review.id)):
        data = {
            "review_id": review.id,
            "post_id": review.post_id,
            "campaign_id": campaign_id,
            "reviewer_id": review.reviewer_id,
            "due_at": None if review.due_at is None else utc_text(review.due_at),
        }
        yield News(REVIEW_ASKED, f"review:{review.id}", review.asked_at, data)


def _accounts(session: Session, webhook: Webhook, now: datetime) -> Iterable[News]:
    if not wants(webhook.kinds, NEEDS_RECONNECT):
        return
    query = select(Account).where(
        Account.organization_id == webhook.organization_id, Account.state == "needs_reconnect"
    )
    # Its version rises when it is connected again: the next time that it is refused is news.
    spell = cast(Account.id, String()) + literal(":", String()) + cast(Account.version, String())
    for account in session.scalars(_not_told(query.order_by(Account.id), webhook, "account", spell)):
        data = {"account_id": account.id, "platform": account.platform, "state": account.state}
        yield News(NEEDS_RECONNECT, f"account:{account.id}:{account.version}", now, data)


def _not_told(
    query: _Rows, webhook: Webhook, of: str, ending: ColumnElement[Any] | InstrumentedAttribute[Any]
) -> _Rows:
    source = literal(f"{of}:", String()) + cast(ending, String())
    told = select(WebhookMessage.id).where(WebhookMessage.webhook_id == webhook.id, WebhookMessage.source == source)
    return query.where(~exists(told))
