"""Webhooks as people set them up: where they lead, what they get, on and off, tried out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select

from app.errors import Conflict
from app.models import Organization, Webhook, WebhookMessage, WebhookTry
from app.platforms.vault import Vault
from app.services.house import House
from app.services.outboxes import new_key
from app.services.pages import Asked, Page, page_of
from app.services.receivers import checked_receiver
from app.services.scope import Scope
from app.services.webhooks import signing_keys
from app.services.webhooks.events import newest_event
from app.services.webhooks.kinds import TEST, checked_kinds
from app.services.webhooks.news import payload

#: An organization has so many at most: each costs a look every few seconds.
MOST = 50
_EXAMPLE = "https://receiver.example/focusweek"


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """A webhook to be made; `kinds` None means all."""

    url: str
    description: str = ""
    kinds: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a test message, and the receiver's HTTP status if it answered."""

    sent: bool
    status: int | None
    detail: str


def add_webhook(
    scope: Scope, vault: Callable[[], Vault], new: NewWebhook, *, allow_private: bool
) -> tuple[Webhook, str]:
    """Add a webhook, which is told of what happens from now on; return it and its signing secret, given this one time.

    Raises:
        InvalidInput: The address or a kind cannot be used.
        Conflict: There are too many.
    """
    mine = Webhook.organization_id == scope.organization_id
    if (scope.session.scalar(select(func.count()).select_from(Webhook).where(mine)) or 0) >= MOST:
        raise Conflict(f"There are {MOST} webhooks already.", hint="Remove one that nobody needs.")
    webhook = Webhook(
        organization_id=scope.organization_id,
        url=checked_receiver(new.url, allow_private=allow_private, example=_EXAMPLE),
        description=new.description,
        kinds=checked_kinds(new.kinds),
        told_up_to=newest_event(scope.session),
        on_since=scope.now,
        created_by=scope.actor,
        created_at=scope.now,
    )
    secret = signing_keys.seal_new(webhook, vault())
    scope.session.add(webhook)
    scope.session.flush()
    return webhook, secret


def change_webhook(scope: Scope, webhook: Webhook, values: Mapping[str, Any], *, allow_private: bool) -> Webhook:
    """Change what is given of a webhook (locked): url, description, kinds, state.

    One that is turned on is told of what happens from then on.

    Raises:
        InvalidInput: As in `add_webhook`.
    """
    if "url" in values:
        webhook.url = checked_receiver(values["url"], allow_private=allow_private, example=_EXAMPLE)
    if "description" in values:
        webhook.description = values["description"]
    if "kinds" in values:
        webhook.kinds = checked_kinds(values["kinds"])
    if values.get("state") == "on" and webhook.state == "off":
        webhook.told_up_to, webhook.on_since = newest_event(scope.session), scope.now
    if "state" in values:
        webhook.state = values["state"]
    if values.keys() & {"state", "url"}:
        # What went wrong went wrong before this.
        webhook.state_reason = webhook.failing_since = None
    scope.session.flush()
    return webhook


def remove_webhook(scope: Scope, webhook: Webhook) -> None:
    """Remove a webhook (locked) with its log."""
    messages = select(WebhookMessage.id).where(WebhookMessage.webhook_id == webhook.id)
    scope.session.execute(delete(WebhookTry).where(WebhookTry.message_id.in_(messages)))
    scope.session.execute(delete(WebhookMessage).where(WebhookMessage.webhook_id == webhook.id))
    scope.session.delete(webhook)
    scope.session.flush()


def renew_secret(scope: Scope, vault: Callable[[], Vault], webhook: Webhook) -> str:
    """Give a webhook (locked) a new signing secret and return it; for a day the former one signs as well."""
    secret = signing_keys.renew(webhook, vault(), scope.now)
    scope.session.flush()
    return secret


def webhooks_page(scope: Scope, asked: Asked) -> Page[Webhook]:
    """Return a page of the organization's webhooks, the oldest first."""
    return page_of(scope.session, scope.query(Webhook), (Webhook.id,), lambda row: (row.id,), asked)


def try_webhook(house: House, webhook_id: int) -> Tried:
    """Send a test message now, once, and return what happened. Works for a webhook that is off, too.

    Raises:
        NotFound: There is none.
    """
    with house.write() as scope:
        webhook = scope.get(Webhook, webhook_id)
        organization = scope.session.get_one(Organization, scope.organization_id)
        key = new_key()
        message = WebhookMessage(
            organization_id=scope.organization_id,
            webhook_id=webhook.id,
            key=key,
            kind=TEST.slug,
            source=f"test:{key}",
            body=payload(TEST, scope.now, organization.slug, {"webhook_id": webhook.id}),
            tries=1,
            created_at=scope.now,
        )
        scope.session.add(message)
        scope.session.flush()
        now = scope.now
    sender = house.webhooks.sender
    posted = sender.post(webhook, message, now)
    with house.database.write() as session:
        sender.record(session, message, posted)
    return Tried(posted.problem is None, posted.status, posted.problem or "The receiver took it.")
