"""News: what happened becomes one message for each webhook that wants it, exactly once. The messages are sent later."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from app.clock import Clock, utc_text
from app.db import Database
from app.delivery.instant import instant
from app.models import Organization, Webhook, WebhookMessage
from app.services.outboxes import new_key
from app.services.webhooks.events import News, untold
from app.services.webhooks.kinds import NewsKind

#: A cursor that is so many events behind is moved though there is no news, so that no round reads them again.
_FAR_BEHIND = 1000


class Newsroom:
    """Writes the messages; any number of processes may run one."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def run(self) -> int:
        """Write what is new for every webhook that is on; return how many messages."""
        with self._database.read() as session:
            now = instant(session, self._clock)
            webhooks = session.scalars(select(Webhook).where(Webhook.state == "on").order_by(Webhook.id)).all()
            waiting = [webhook.id for webhook in webhooks if _has_news(session, webhook, now)]
        return sum(self._write(webhook_id) for webhook_id in waiting)

    def _write(self, webhook_id: int) -> int:
        with self._database.write() as session:
            query = select(Webhook).where(Webhook.id == webhook_id, Webhook.state == "on")
            # While one process writes for a webhook, another leaves it alone; what it told is told.
            webhook = session.scalars(query.with_for_update(skip_locked=True)).first()
            if webhook is None:
                return 0
            now = instant(session, self._clock)
            news, top = untold(session, webhook, now)
            organization = session.get_one(Organization, webhook.organization_id)
            if news:
                rows = [_message(webhook, one, organization.slug, now) for one in news]
                session.execute(insert(cast("Table", WebhookMessage.__table__)), rows)
            webhook.told_up_to = top
            return len(news)


def payload(kind: NewsKind, at: datetime, organization: str, data: dict[str, Any]) -> dict[str, Any]:
    """Return a message's payload: what happened, when (aware), in which organization (slug)."""
    return {"type": kind.type, "timestamp": utc_text(at), "data": {"organization": organization, **data}}


def _has_news(session: Session, webhook: Webhook, now: datetime) -> bool:
    news, top = untold(session, webhook, now)
    return bool(news) or top - webhook.told_up_to > _FAR_BEHIND


def _message(webhook: Webhook, news: News, organization: str, now: datetime) -> dict[str, Any]:
    return {
        "organization_id": webhook.organization_id,
        "webhook_id": webhook.id,
        "key": new_key(),
        "kind": news.kind.slug,
        "source": news.source,
        "body": payload(news.kind, news.at, organization, news.data),
        "tries": 0,
        "next_try_at": now,
        "created_at": now,
    }
