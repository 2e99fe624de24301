from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, RowId, Tenant


class AlertChannel(Tenant, Base):
    """Where an organization's alerts go: an e-mail address, or an address that takes signed webhooks.

    `kinds` are the kinds of alert that it gets, None meaning all. `sealed` is a webhook's signing secret. Alerts up to
    row id `told_up_to` were put into a message; between two messages lie at least `digest_minutes`.
    """

    __tablename__ = "alert_channel"
    __table_args__ = (
        UniqueConstraint("organization_id", "id"),
        UniqueConstraint("organization_id", "name"),
        CheckConstraint("via IN ('email', 'webhook')", name="via"),
        CheckConstraint("state IN ('on', 'off')", name="state"),
    )

    name: Mapped[str] = mapped_column(String(100))
    via: Mapped[str] = mapped_column(String(16))
    target: Mapped[str] = mapped_column(String(1000))
    kinds: Mapped[list[Any] | None]
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(8), default="on")
    state_reason: Mapped[str | None] = mapped_column(Text)
    digest_minutes: Mapped[int] = mapped_column(default=15)
    told_up_to: Mapped[int] = mapped_column(RowId, default=0)
    last_message_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    def __repr__(self) -> str:
        return f"<AlertChannel {self.name}>"
