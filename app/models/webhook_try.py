from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, RowId, Tenant


class WebhookTry(Tenant, Base):
    """One try to send a message to a webhook: the HTTP status, or the error where there was no answer."""

    __tablename__ = "webhook_try"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "message_id"], ["webhook_message.organization_id", "webhook_message.id"]
        ),
        Index("ix_webhook_try_message_id", "message_id"),
    )

    message_id: Mapped[int] = mapped_column(RowId)
    at: Mapped[datetime]
    status: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(Text)
    milliseconds: Mapped[int]
