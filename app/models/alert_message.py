from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, RowId, Tenant


class AlertMessage(Tenant, Base):
    """One digest for one channel, written before it is sent, so that none is lost.

    `key` is the same on every try, so that who gets it twice can tell. It waits while `next_try_at` is set.
    """

    __tablename__ = "alert_message"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "channel_id"], ["alert_channel.organization_id", "alert_channel.id"]),
        Index(
            "ix_alert_message_next_try_at",
            "next_try_at",
            sqlite_where=text("next_try_at IS NOT NULL"),
            postgresql_where=text("next_try_at IS NOT NULL"),
        ),
    )

    channel_id: Mapped[int] = mapped_column(RowId)
    key: Mapped[str] = mapped_column(String(64))
    alerts: Mapped[list[Any]]
    body: Mapped[dict[str, Any]]
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
