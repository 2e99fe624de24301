from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Tenant


class Account(Tenant, Base):
    """One place on one platform to publish to, or one that a person posts to by hand.

    `via` is how its posts leave (network, sandbox, by_hand), `person` who posts by hand, `server` the base URL where a
    network has many. `next_free_at` is when its minimum gap since the last attempt's start has passed, or when its
    network takes posts again. `failures` counts the attempts in a row that its network did not answer or put off.
    `token_expires_at` is when a person must have connected it anew. The secrets are in `credential`.
    """

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("organization_id", "id"),
        UniqueConstraint("organization_id", "slug"),
        CheckConstraint("via IN ('network', 'sandbox', 'by_hand')", name="via"),
        CheckConstraint("state IN ('connected', 'needs_reconnect', 'disconnected')", name="state"),
        Index("ix_account_next_free_at", "next_free_at"),
    )

    slug: Mapped[str] = mapped_column(String(64))
    platform: Mapped[str] = mapped_column(String(32))
    via: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(200), default="")
    server: Mapped[str | None] = mapped_column(String(500))
    remote_id: Mapped[str | None] = mapped_column(String(300))
    handle: Mapped[str | None] = mapped_column(String(300))
    person: Mapped[str | None] = mapped_column(String(200))
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(20), default="connected")
    state_reason: Mapped[str | None] = mapped_column(Text)
    min_gap_minutes: Mapped[int | None]
    next_free_at: Mapped[datetime]
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    token_expires_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
