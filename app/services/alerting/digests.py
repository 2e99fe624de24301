"""Digests: what a channel was not told of yet becomes one message, at most one in its `digest_minutes`.

The first alert after a quiet time is written down at once. While a message still waits to be sent no other is written:
what comes meanwhile goes into the next one, so that a mail server that was away gets one letter and not twenty.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.clock import Clock
from app.db import Database
from app.delivery.instant import instant
from app.models import AlertChannel, AlertMessage, Organization
from app.services.alerting.links import Links
from app.services.alerting.told import has_news, news
from app.services.alerting.words import digest_body
from app.services.outboxes import new_key


class Digests:
    """Writes the channels' messages; the outbox sends them."""

    def __init__(self, database: Database, clock: Clock, links: Links) -> None:
        self._database = database
        self._clock = clock
        self._links = links

    def write(self) -> int:
        """Write a message for each channel that has news and whose time has come; return how many."""
        with self._database.read() as session:
            now = instant(session, self._clock)
            channels = session.scalars(_free_channels()).all()
            due = [channel.id for channel in channels if _is_due(channel, now) and has_news(session, channel, now)]
        return sum(self._write_one(channel_id) for channel_id in due)

    def _write_one(self, channel_id: int) -> bool:
        with self._database.write() as session:
            query = _free_channels().where(AlertChannel.id == channel_id)
            channel = session.scalars(query.with_for_update(skip_locked=True, of=AlertChannel)).first()
            now = instant(session, self._clock)
            # Another process may have written it since we looked.
            if channel is None or not _is_due(channel, now) or _waits(session, channel_id):
                return False
            told, top = news(session, channel, now)
            if not told:
                return False
            organization = session.get_one(Organization, channel.organization_id)
            message = AlertMessage(
                organization_id=channel.organization_id,
                channel_id=channel.id,
                key=new_key(),
                alerts=[one.alert.id for one in told],
                body=digest_body(told, self._links, organization=organization.name, now=now),
                next_try_at=now,
                created_at=now,
            )
            session.add(message)
            channel.told_up_to, channel.last_message_at = top, now
            return True


def _free_channels() -> Select[AlertChannel]:
    waiting = select(AlertMessage.channel_id).where(AlertMessage.next_try_at.is_not(None))
    return (
        select(AlertChannel)
        .where(AlertChannel.state == "on", AlertChannel.id.not_in(waiting))
        .order_by(AlertChannel.id)
    )


def _waits(session: Session, channel_id: int) -> bool:
    query = select(AlertMessage.id).where(AlertMessage.channel_id == channel_id, AlertMessage.next_try_at.is_not(None))
    return session.scalars(query.limit(1)).first() is not None


def _is_due(channel: AlertChannel, now: datetime) -> bool:
    last = channel.last_message_at
    return last is None or now >= last + timedelta(minutes=channel.digest_minutes)
