from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, RowId, Tenant


class AttemptPart(Tenant, Base):
    """One part of an attempt, frozen before sending: exact text, idempotency key, whole record; then what became of it.

    `length` is in the network's own count. `index` counts from 0. `retracted_at` is when it was taken back;
    `retract_code` and `retract_detail` say why that did not work.
    """

    __tablename__ = "attempt_part"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "attempt_id"], ["attempt.organization_id", "attempt.id"]),
        UniqueConstraint("attempt_id", "index"),
        Index("ix_attempt_part_remote_id", "remote_id"),
    )

    attempt_id: Mapped[int] = mapped_column(RowId)
    index: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    length: Mapped[int]
    key: Mapped[str] = mapped_column(String(200))
    record: Mapped[dict[str, Any]]
    sent_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(20))
    code: Mapped[str | None] = mapped_column(String(64))
    detail: Mapped[str | None] = mapped_column(Text)
    remote_id: Mapped[str | None] = mapped_column(String(500))
    remote_url: Mapped[str | None] = mapped_column(String(1000))
    remote_extra: Mapped[dict[str, Any]] = mapped_column(default=dict)
    retracted_at: Mapped[datetime | None]
    retract_code: Mapped[str | None] = mapped_column(String(64))
    retract_detail: Mapped[str | None] = mapped_column(Text)
