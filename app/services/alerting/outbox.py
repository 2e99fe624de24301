"""The outbox: sends the messages that were written, each until it is taken, or a day has passed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.clock import Clock
from app.db import Database
from app.delivery.instant import instant
from app.models import AlertChannel, AlertMessage
from app.services.alerting.senders import Senders
from app.services.alerting.sending import SendFailed
from app.services.outboxes import LEASE, claimed

__all__ = ["LEASE", "Outbox", "Sent", "wait_after"]

log = structlog.get_logger(__name__)

#: The wait after the first failed try; it doubles up to the longest.
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=60)
GIVE_UP_AFTER = timedelta(hours=24)
_MOST_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Sent:
    """How many messages a round of the outbox sent, and how many it could not."""

    sent: int = 0
    failed: int = 0


class Outbox:
    """Sends what waits; any number of processes may run one."""

    def __init__(self, database: Database, clock: Clock, senders: Senders) -> None:
        self._database = database
        self._clock = clock
        self._senders = senders

    def run(self) -> Sent:
        """Send what is due, the oldest first, 50 messages at most."""
        with self._database.read() as session:
            query = select(AlertMessage.id).where(AlertMessage.next_try_at <= instant(session, self._clock))
            waiting = session.scalars(query.order_by(AlertMessage.next_try_at, AlertMessage.id).limit(_MOST_AT_ONCE))
            due = waiting.all()
        outcomes = [outcome for message_id in due if (outcome := self._send(message_id)) is not None]
        return Sent(outcomes.count(True), outcomes.count(False))

    def _send(self, message_id: int) -> bool | None:
        """Send one message; None where there was nothing to send."""
        with self._database.write() as session:
            claimed = self._claim(session, message_id)
        if claimed is None:
            return None
        message, channel = claimed
        try:
            self._senders.send(channel, key=message.key, body=message.body, written_at=message.created_at)
        except SendFailed as failure:
            log.warning("alert_message_not_sent", message=message_id, channel=channel.id, tries=message.tries)
            with self._database.write() as session:
                self._record_failure(session, message, failure)
            return False
        with self._database.write() as session:
            self._record_success(session, message)
        log.info("alert_message_sent", message=message_id, channel=channel.id, alerts=len(message.alerts))
        return True

    def _claim(self, session: Session, message_id: int) -> tuple[AlertMessage, AlertChannel] | None:
        now = instant(session, self._clock)
        found = claimed(session, AlertMessage, AlertChannel, AlertMessage.channel_id, message_id, now)
        if found is None:
            return None
        message, channel = found
        if channel.state == "off":
            message.next_try_at, message.error = None, "The channel was turned off before it was sent."
            _tell_again(channel, message)
            return None
        return message, channel

    def _record_success(self, session: Session, message: AlertMessage) -> None:
        now = instant(session, self._clock)
        channel = _channel_of(session, message)
        if channel is None:
            return
        if channel.state == "on":
            channel.state_reason = None
        # Whoever took it over after the lease may have sent it, too; it is sent all the same.
        session.execute(
            update(AlertMessage).where(AlertMessage.id == message.id).values(sent_at=now, next_try_at=None, error=None)
        )

    def _record_failure(self, session: Session, message: AlertMessage, failure: SendFailed) -> None:
        now = instant(session, self._clock)
        channel = _channel_of(session, message)
        if channel is None:
            return
        over = failure.gone or now - message.created_at >= GIVE_UP_AFTER
        mine = (AlertMessage.id == message.id, AlertMessage.tries == message.tries, AlertMessage.sent_at.is_(None))
        changed = session.scalars(
            update(AlertMessage)
            .where(*mine)
            .values(next_try_at=None if over else now + wait_after(message.tries), error=failure.detail)
            .returning(AlertMessage.id)
        ).all()
        if not changed:
            return
        channel.state_reason = failure.detail
        if failure.gone:
            channel.state = "off"
            channel.state_reason = f"{failure.detail} Turn the channel on again when it does."
        if over:
            log.error("alert_message_given_up", message=message.id, channel=channel.id, tries=message.tries)
            _tell_again(channel, message)


def wait_after(tries: int) -> timedelta:
    """Return how long after the nth failed try the next one comes: 1, 2, 4 ... 60 minutes."""
    doublings = min(tries - 1, 10)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def _channel_of(session: Session, message: AlertMessage) -> AlertChannel | None:
    """Lock a message's channel; None where it was removed meanwhile."""
    return session.scalars(select(AlertChannel).where(AlertChannel.id == message.channel_id).with_for_update()).first()


def _tell_again(channel: AlertChannel, message: AlertMessage) -> None:
    """Let the next digest tell of what was in a message that nobody got."""
    channel.told_up_to = min([channel.told_up_to, *(alert - 1 for alert in message.alerts)])
