"""Sends webhooks' messages, each until it is taken or its tries are over, and writes every try down."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.clock import Clock
from app.db import Database
from app.delivery.instant import instant
from app.errors import BadConfiguration
from app.models import Webhook, WebhookMessage, WebhookTry
from app.platforms.vault import Vault
from app.services.outboxes import claimed
from app.services.signed_posts import Posted, SignedPosts
from app.services.webhooks.signing_keys import in_force

log = structlog.get_logger(__name__)

#: The wait after each failed try, before what chance adds; after the last one no other follows.
WAITS: tuple[timedelta, ...] = (
    timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)  # fmt: skip
#: Chance adds up to this share of the wait, so that receivers that come back are not met by all at once.
JITTER = 0.2
#: A receiver that has taken nothing for so long is turned off.
OFF_AFTER = timedelta(days=5)
#: The most that one round sends to one receiver; the next round goes on.
_MOST_EACH = 50
_CHANCE = secrets.SystemRandom()


@dataclass(frozen=True, slots=True)
class Sent:
    """How many messages a round sent, and how many it could not."""

    sent: int = 0
    failed: int = 0


class Sender:
    """Sends what waits; any number of processes may run one. `threads` receivers are served at a time."""

    def __init__(
        self, database: Database, clock: Clock, posts: SignedPosts, vault: Callable[[], Vault], *, threads: int = 8
    ) -> None:
        self._database = database
        self._clock = clock
        self._posts = posts
        self._vault = vault
        self._threads = threads

    def run(self) -> Sent:
        """Send what is due, receiver by receiver, those that fail last; one that fails is left until the next round."""
        with self._database.read() as session:
            due = (WebhookMessage.next_try_at <= instant(session, self._clock), Webhook.id == WebhookMessage.webhook_id)
            query = select(Webhook.id, Webhook.failing_since).where(*due).group_by(Webhook.id, Webhook.failing_since)
            rows = session.execute(query.order_by(func.min(WebhookMessage.next_try_at))).all()
        # What fails must keep nothing waiting that is taken.
        waiting = [row[0] for row in sorted(rows, key=lambda row: row[1] is not None)]
        if len(waiting) < 2 or self._threads < 2:  # noqa: PLR2004 - nothing to do side by side
            done = [self._serve(webhook_id) for webhook_id in waiting]
        else:
            with ThreadPoolExecutor(self._threads, thread_name_prefix="webhooks") as pool:
                done = list(pool.map(self._serve, waiting))
        return Sent(sum(one.sent for one in done), sum(one.failed for one in done))

    def _serve(self, webhook_id: int) -> Sent:
        with self._database.read() as session:
            mine = (
                WebhookMessage.webhook_id == webhook_id,
                WebhookMessage.next_try_at <= instant(session, self._clock),
            )
            query = select(WebhookMessage.id).where(*mine).order_by(WebhookMessage.next_try_at, WebhookMessage.id)
            due = session.scalars(query.limit(_MOST_EACH)).all()
        sent = 0
        for message_id in due:
            outcome = self._send(message_id)
            if outcome is False:
                return Sent(sent, 1)
            sent += outcome is True
        return Sent(sent)

    def _send(self, message_id: int) -> bool | None:
        """Send one message; None where there was nothing to send."""
        with self._database.write() as session:
            now = instant(session, self._clock)
            found = claimed(session, WebhookMessage, Webhook, WebhookMessage.webhook_id, message_id, now)
            if found is None:
                return None
            message, webhook = found
            if webhook.state == "off":
                give_up(session, webhook, now, "The webhook was turned off before it was sent.")
                return None
        posted = self.post(webhook, message, now)
        with self._database.write() as session:
            self.record(session, message, posted)
        said = log.info if posted.problem is None else log.warning
        said("webhook_message_tried", message=message_id, webhook=webhook.id, tries=message.tries, status=posted.status)
        return posted.problem is None

    def post(self, webhook: Webhook, message: WebhookMessage, now: datetime) -> Posted:
        """Post a message once, outside any transaction; whatever goes wrong is in the answer."""
        try:
            signing = in_force(webhook, self._vault(), now)
            return self._posts.post(webhook.url, signing, key=message.key, payload=message.body)
        except BadConfiguration as error:
            return Posted(None, 0, f"{error.message} {error.hint}".strip())
        except Exception as error:  # noqa: BLE001 - must not keep other receivers' messages back; its words might hold a secret
            log.error("webhook_sending_failed", webhook=webhook.id, error=type(error).__name__)  # noqa: TRY400 - see above
            return Posted(None, 0, f"Something went wrong in sending it ({type(error).__name__}).")

    def record(self, session: Session, message: WebhookMessage, posted: Posted) -> None:
        """Write a try down, and what follows from it for the message and its webhook."""
        now = instant(session, self._clock)
        webhook = session.scalars(select(Webhook).where(Webhook.id == message.webhook_id).with_for_update()).first()
        if webhook is None:
            # Removed while it was sent, and its messages with it.
            return
        session.add(
            WebhookTry(
                organization_id=message.organization_id, message_id=message.id, at=now, status=posted.status,
                error=posted.problem, milliseconds=posted.milliseconds,
            )
        )  # fmt: skip
        session.flush()
        of = update(WebhookMessage).where(WebhookMessage.id == message.id)
        if posted.problem is None:
            # Whoever took it over after the lease may have sent it, too; it is sent all the same.
            session.execute(of.values(sent_at=now, next_try_at=None, given_up_at=None))
            webhook.failing_since = None
            if webhook.state == "on":
                webhook.state_reason = None
            return
        if message.kind == "test":
            session.execute(of.values(given_up_at=now))
            return
        mine = of.where(WebhookMessage.tries == message.tries, WebhookMessage.sent_at.is_(None))
        wait = wait_after(message.tries)
        over = {"next_try_at": None, "given_up_at": now} if wait is None else {"next_try_at": now + wait}
        if not session.scalars(mine.values(**over).returning(WebhookMessage.id)).all():
            return
        webhook.failing_since = webhook.failing_since or now
        webhook.state_reason = posted.problem
        if posted.gone:
            turn_off(session, webhook, now, f"{posted.problem} Turn it on again when it does.")
        elif now - webhook.failing_since >= OFF_AFTER:
            turn_off(session, webhook, now, f"It took nothing for {OFF_AFTER.days} days. {posted.problem}")


def wait_after(tries: int) -> timedelta | None:
    """Return how long after the nth failed try the next one comes, with what chance adds; None where none does."""
    if tries > len(WAITS):
        return None
    return WAITS[tries - 1] * (1 + JITTER * _CHANCE.random())


def turn_off(session: Session, webhook: Webhook, now: datetime, reason: str) -> None:
    """Turn a webhook (locked) off and give up what waits for it; it can be sent again by hand."""
    webhook.state, webhook.state_reason = "off", reason
    give_up(session, webhook, now, "The webhook was turned off before it was sent.")
    log.warning("webhook_turned_off", webhook=webhook.id)


def give_up(session: Session, webhook: Webhook, now: datetime, why: str) -> None:
    """Let nothing wait for a webhook any more, and say so in the log of each message."""
    session.flush()
    waits = (WebhookMessage.webhook_id == webhook.id, WebhookMessage.next_try_at.is_not(None))
    done = update(WebhookMessage).where(*waits).values(next_try_at=None, given_up_at=now).returning(WebhookMessage.id)
    for message_id in session.scalars(done).all():
        session.add(
            WebhookTry(
                organization_id=webhook.organization_id, message_id=message_id, at=now, error=why, milliseconds=0
            )
        )
