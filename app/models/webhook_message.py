from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, RowId, Tenant


class WebhookMessage(Tenant, Base):
    """One piece of news for one webhook, written before it is sent. `key` is its id on every try.

    It waits while `next_try_at` is set. `source` names what it tells of, so that nothing is told twice.
    """

    __tablename__ = "webhook_message"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "webhook_id"], ["webhook.organization_id", "webhook.id"]),
        UniqueConstraint("organization_id", "id"),
        UniqueConstraint("webhook_id", "source"),
        UniqueConstraint("key"),
        Index("ix_webhook_message_webhook_id_id", "webhook_id", "id"),
        Index(
            "ix_webhook_message_next_try_at",
            "next_try_at",
            sqlite_where=text("next_try_at IS NOT NULL"),
            postgresql_where=text("next_try_at IS NOT NULL"),
        ),
    )

    webhook_id: Mapped[int] = mapped_column(RowId)
    key: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(100))
    body: Mapped[dict[str, Any]]
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
