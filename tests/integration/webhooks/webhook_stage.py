"""The webhooks on the engine's stage: virtual time, a real database, real receivers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from cryptography.fernet import Fernet
from delivery_stage import Stage
from people import person
from sqlalchemy import select, update

from app.clock import Clock
from app.models import (
    Account,
    Campaign,
    Delivery,
    DeliveryEvent,
    Organization,
    Post,
    Review,
    Webhook,
    WebhookMessage,
    WebhookTry,
)
from app.platforms.http import Outbound
from app.platforms.vault import Vault
from app.services.scope import Scope
from app.services.webhooks import endpoints
from app.services.webhooks.webhooks import WebhooksOut


class WebhookStage:
    """The stage with the webhooks beside it; `again()` is another process on the same database."""

    def __init__(self, stage: Stage, *, allow_private: bool = True) -> None:
        self.stage = stage
        self.clock = stage.clock
        self.allow_private = allow_private
        self.vault = Vault([Fernet.generate_key().decode()])
        self.out = self.again()
        self.campaign = stage.campaign()

    def again(self, *, threads: int = 1, wire: Clock | None = None) -> WebhooksOut:
        """Another process; `wire` is the clock that its deadlines are read on."""
        return WebhooksOut(
            database=self.stage.database,
            clock=self.clock,
            outbound=Outbound(wire or self.clock, allow_private=self.allow_private),
            vault=lambda: self.vault,
            allow_private=True,
            threads=threads,
        )

    # What happens.

    def scope(self, session: Any, campaign: Campaign | None = None) -> Scope:
        organization_id = (campaign or self.campaign).organization_id
        return Scope(session, organization_id, self.clock.now(), person("staff", organization_id))

    def webhook(
        self, url: str, *, kinds: Sequence[str] | None = None, campaign: Campaign | None = None
    ) -> tuple[int, str]:
        with self.stage.database.write() as session:
            new = endpoints.NewWebhook(url, kinds=kinds)
            scope = self.scope(session, campaign)
            webhook, secret = endpoints.add_webhook(scope, lambda: self.vault, new, allow_private=True)
            return webhook.id, secret

    def change(self, webhook_id: int, **values: Any) -> None:
        with self.stage.database.write() as session:
            scope = self.scope(session)
            webhook = scope.get(Webhook, webhook_id, lock=True)
            endpoints.change_webhook(scope, webhook, values, allow_private=True)

    def renew(self, webhook_id: int) -> str:
        with self.stage.database.write() as session:
            scope = self.scope(session)
            webhook = scope.get(Webhook, webhook_id, lock=True)
            return endpoints.renew_secret(scope, lambda: self.vault, webhook)

    def delivery(self, name: str = "main", campaign: Campaign | None = None) -> int:
        campaign = campaign or self.campaign
        return self.stage.delivery(self.stage.post(campaign, key=name), self.stage.account(campaign, name))

    def moved(self, delivery_id: int, state: str, *, source: str = "sending", session: Any = None) -> int:
        """Write the event of a change of state, and return its id."""
        row = self.stage.get(delivery_id)
        event = DeliveryEvent(
            organization_id=row.organization_id, delivery_id=row.id, from_state=source, to_state=state,
            reason="test", detail="Nobody's business", actor="engine", at=self.clock.now(),
        )  # fmt: skip
        if session is not None:
            session.add(event)
            session.flush()
            return event.id
        with self.stage.database.write() as own:
            own.execute(update(Delivery).where(Delivery.id == delivery_id).values(state=state))
            own.add(event)
            own.flush()
            return event.id

    def review(self, post: Post, **values: Any) -> int:
        with self.stage.database.write() as session:
            asked = {"asked_by": "author@agency.example", "asked_at": self.clock.now()} | values
            review = Review(organization_id=post.organization_id, post_id=post.id, **asked)
            session.add(review)
            session.flush()
            return review.id

    def set_account(self, delivery_id: int, **values: Any) -> None:
        account_id = self.stage.get_account(delivery_id).id
        with self.stage.database.write() as session:
            session.execute(update(Account).where(Account.id == account_id).values(**values))

    def after(self, **time: float) -> None:
        """Let time pass, then do what the scheduler's process does every few seconds."""
        self.stage.clock.advance(timedelta(**time))  # type: ignore[attr-defined]  # virtual on this stage
        self.out.newsroom.run()
        self.out.sender.run()

    # What is to be seen.

    def messages(self) -> list[WebhookMessage]:
        with self.stage.database.read() as session:
            return list(session.scalars(select(WebhookMessage).order_by(WebhookMessage.id)))

    def tries(self) -> list[WebhookTry]:
        with self.stage.database.read() as session:
            return list(session.scalars(select(WebhookTry).order_by(WebhookTry.id)))

    def get(self, webhook_id: int) -> Webhook:
        with self.stage.database.read() as session:
            return session.get_one(Webhook, webhook_id)

    def organization(self) -> str:
        with self.stage.database.read() as session:
            return session.get_one(Organization, self.campaign.organization_id).slug
