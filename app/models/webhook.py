from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, RowId, Tenant


class Webhook(Tenant, Base):
    """Where an organization's own systems are told what happened, by Standard Webhooks.

    `kinds` are the kinds of news that it gets, None meaning all. `sealed` is its signing secret. Deliveries' events up
    to row id `told_up_to` were turned into messages, and nothing from before `on_since`, when it was turned on, is
    told. `failing_since` is when its tries began to fail in a row.
    """

    __tablename__ = "webhook"
    __table_args__ = (
        UniqueConstraint("organization_id", "id"),
        CheckConstraint("state IN ('on', 'off')", name="state"),
    )

    url: Mapped[str] = mapped_column(String(1000))
    description: Mapped[str] = mapped_column(String(200), default="")
    kinds: Mapped[list[Any] | None]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(8), default="on")
    state_reason: Mapped[str | None] = mapped_column(Text)
    failing_since: Mapped[datetime | None]
    told_up_to: Mapped[int] = mapped_column(RowId, default=0)
    on_since: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(320))
    created_at: Mapped[datetime]

    def __repr__(self) -> str:
        return f"<Webhook {self.id}>"
