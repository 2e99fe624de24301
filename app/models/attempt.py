from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, RowId, Tenant

OUTCOMES = ("published", "retryable", "permanent", "auth_needed", "unknown", "handed_over", "not_sent")


class Attempt(Tenant, Base):
    """One try to publish a delivery, committed before anything is sent; its commit is the point of no return.

    `digest` is of the exact parts, `policy_version` the rules that passed them. `account_remote_id` is who the account
    was on its network then: a thread is not continued as somebody else. `outcome` is None while in flight.
    """

    __tablename__ = "attempt"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "delivery_id"], ["delivery.organization_id", "delivery.id"]),
        UniqueConstraint("organization_id", "id"),
        UniqueConstraint("delivery_id", "token"),
        CheckConstraint(
            "outcome IS NULL OR outcome IN (" + ", ".join(f"'{o}'" for o in OUTCOMES) + ")", name="outcome"
        ),
        Index("ix_attempt_delivery_id_id", "delivery_id", "id"),
    )

    delivery_id: Mapped[int] = mapped_column(RowId)
    token: Mapped[int]
    generation: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    policy_version: Mapped[str] = mapped_column(String(64))
    account_remote_id: Mapped[str | None] = mapped_column(String(300))
    findings: Mapped[list[Any]] = mapped_column(default=list)
    started_at: Mapped[datetime]
    deadline_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(20))
    code: Mapped[str | None] = mapped_column(String(64))
    detail: Mapped[str | None] = mapped_column(Text)
