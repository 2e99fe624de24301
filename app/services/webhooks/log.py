"""The log of a webhook: its messages, every try of each, and sending one again by hand. It is kept for 30 days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Literal

from sqlalchemy import delete, or_, select

from app.clock import Clock
from app.db import Database
from app.errors import Conflict, NotFound
from app.models import Webhook, WebhookMessage, WebhookTry
from app.services.pages import Asked, Page, page_of
from app.services.scope import Scope

KEPT = timedelta(days=30)
_AT_ONCE = 1000

MessageState = Literal["waiting", "sent", "given_up"]


def state_of(message: WebhookMessage) -> MessageState:
    """Return whether a message waits for a try, was taken, or was given up."""
    if message.next_try_at is not None:
        return "waiting"
    return "sent" if message.sent_at is not None else "given_up"


def messages_page(
    scope: Scope, webhook: Webhook, asked: Asked, *, state: MessageState | None = None, kind: str | None = None
) -> Page[WebhookMessage]:
    """Return a page of a webhook's messages, the newest first; None asks for all."""
    query = scope.query(WebhookMessage).where(WebhookMessage.webhook_id == webhook.id)
    waits, sent = WebhookMessage.next_try_at.is_not(None), WebhookMessage.sent_at.is_not(None)
    if state is not None:
        query = query.where({"waiting": waits, "sent": ~waits & sent, "given_up": ~waits & ~sent}[state])
    if kind is not None:
        query = query.where(WebhookMessage.kind == kind)
    return page_of(scope.session, query, (WebhookMessage.id,), lambda row: (row.id,), asked, newest_first=True)


def message_of(scope: Scope, webhook: Webhook, message_id: int, *, lock: bool = False) -> WebhookMessage:
    """Return one message of a webhook.

    Raises:
        NotFound: There is none, or it is another webhook's.
    """
    message = scope.get(WebhookMessage, message_id, lock=lock)
    if message.webhook_id != webhook.id:
        raise NotFound(f"There is no webhook message {message_id}.", hint="List the webhook's messages.")
    return message


def tries_of(scope: Scope, messages: Sequence[WebhookMessage]) -> Mapping[int, list[WebhookTry]]:
    """Return the tries of messages by the messages' ids, the oldest first."""
    found: dict[int, list[WebhookTry]] = {message.id: [] for message in messages}
    query = scope.query(WebhookTry).where(WebhookTry.message_id.in_(found))
    for row in scope.session.scalars(query.order_by(WebhookTry.id)):
        found[row.message_id].append(row)
    return found


def resend(scope: Scope, webhook: Webhook, message_id: int) -> WebhookMessage:
    """Have a message sent again now, with the same id and a full row of tries; the webhook is locked.

    Raises:
        NotFound: There is none.
        Conflict: The webhook is off.
    """
    message = message_of(scope, webhook, message_id, lock=True)
    if webhook.state == "off":
        raise Conflict("The webhook is off, so nothing is sent.", hint="Turn it on, then send the message again.")
    message.next_try_at, message.tries = scope.now, 0
    message.sent_at = message.given_up_at = None
    scope.session.flush()
    return message


def forget_old(database: Database, clock: Clock) -> int:
    """Delete tries and messages that are older than 30 days and wait for nothing; return how many messages."""
    before = clock.now() - KEPT
    forgotten = 0
    while True:
        with database.write() as session:
            old = select(WebhookMessage.id).where(
                WebhookMessage.created_at < before,
                WebhookMessage.next_try_at.is_(None),
                or_(WebhookMessage.sent_at.is_(None), WebhookMessage.sent_at < before),
            )
            ids = session.scalars(old.order_by(WebhookMessage.id).limit(_AT_ONCE)).all()
            session.execute(delete(WebhookTry).where(WebhookTry.message_id.in_(ids)))
            session.execute(delete(WebhookMessage).where(WebhookMessage.id.in_(ids)))
        forgotten += len(ids)
        if len(ids) < _AT_ONCE:
            return forgotten
