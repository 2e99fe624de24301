"""Which alerts a channel is to be told of, with the names of what they are about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from app.models import Account, Alert, AlertChannel, Campaign, Delivery, Post
from app.services.alerting.kinds import rank_of

#: The most that one message tells of; the next one takes the rest.
MOST_TOLD = 10_000
#: What was over before anybody was told of it is still told of for so long.
_OVER_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Told:
    """An alert with names. `post`, `due_at` and the campaign's name and zone are None where there are none."""

    alert: Alert
    account: str | None
    post: str | None
    due_at: datetime | None
    campaign: str | None
    zone: str | None


def has_news(session: Session, channel: AlertChannel, now: datetime) -> bool:
    """Return whether there are alerts that a channel was not told of."""
    return session.scalars(_news(select(Alert.id), channel, now).limit(1)).first() is not None


def news(session: Session, channel: AlertChannel, now: datetime) -> tuple[list[Told], int]:
    """Return the alerts that a channel was not told of, the gravest first, and up to which alert these are all."""
    top = session.scalar(select(func.max(Alert.id)).where(Alert.organization_id == channel.organization_id)) or 0
    query = _news(select(Alert.id), channel, now).where(Alert.id <= top).order_by(Alert.id).limit(MOST_TOLD)
    ids = session.scalars(query).all()
    if len(ids) == MOST_TOLD:
        top = ids[-1]
    found = named(session, and_(Alert.id.between(ids[0], ids[-1]), _is_news(channel, now))) if ids else []
    return found, top


def named(session: Session, which: ColumnElement[bool]) -> list[Told]:
    """Return alerts with the names of what they are about, by gravity, campaign, account and time."""
    query = (
        select(Alert, Account.slug, Post.key, Delivery.due_at, Campaign.name, Campaign.time_zone)
        .outerjoin(Account, Account.id == Alert.account_id)
        .outerjoin(Delivery, Delivery.id == Alert.delivery_id)
        .outerjoin(Post, Post.id == Delivery.post_id)
        .outerjoin(Campaign, Campaign.id == Alert.campaign_id)
        .where(which)
    )
    return sorted((Told(*row) for row in session.execute(query)), key=_order)


def _news(query: Select[Any], channel: AlertChannel, now: datetime) -> Select[Any]:
    return query.where(_is_news(channel, now))


def _is_news(channel: AlertChannel, now: datetime) -> ColumnElement[bool]:
    # A new channel is told of what is wrong now, not of what was over before it was there.
    lately = and_(Alert.opened_at >= channel.created_at, Alert.closed_at > now - _OVER_FOR)
    wanted = [
        Alert.organization_id == channel.organization_id,
        Alert.id > channel.told_up_to,
        or_(Alert.closed_at.is_(None), lately),
    ]
    if channel.kinds is not None:
        wanted.append(Alert.kind.in_(channel.kinds))
    return and_(*wanted)


def _order(told: Told) -> tuple[Any, ...]:
    alert = told.alert
    due = told.due_at.timestamp() if told.due_at is not None else 0.0
    return (
        alert.closed_at is not None, rank_of(alert.kind), told.campaign or "", told.account or "", due, alert.id,
    )  # fmt: skip
