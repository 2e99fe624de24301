from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, RowId, Tenant

_IN_FORCE = text("voided_at IS NULL")


class Approval(Tenant, Base):
    """One person's word that the exact parts of a post with this digest may go out, under which rules they were seen.

    Variants with the same parts share a digest and take one decision. `step` is 1 for the review and 2 for the second
    clearance, whose role is `role`. `parts` are the parts themselves, `{"text", "links"}`. `acknowledged` are the keys
    of the warnings that were accepted. It is in force until `voided_at`, and then stays on record with `void_reason`.
    """

    __tablename__ = "approval"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "post_id"], ["post.organization_id", "post.id"]),
        UniqueConstraint("organization_id", "id"),
        CheckConstraint("step IN (1, 2)", name="step"),
        Index("ix_approval_post_id", "post_id"),
        Index(
            "uq_approval_one_in_force",
            "post_id",
            "digest",
            "step",
            unique=True,
            sqlite_where=_IN_FORCE,
            postgresql_where=_IN_FORCE,
        ),
    )

    post_id: Mapped[int] = mapped_column(RowId)
    digest: Mapped[str] = mapped_column(String(64))
    step: Mapped[int] = mapped_column(default=1)
    role: Mapped[str | None] = mapped_column(String(100))
    platforms: Mapped[list[Any]]
    parts: Mapped[list[Any]] = mapped_column(default=list)
    policy_version: Mapped[str] = mapped_column(String(64))
    acknowledged: Mapped[list[Any]] = mapped_column(default=list)
    approved_by: Mapped[str] = mapped_column(String(320))
    user_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("user.id"))
    approved_at: Mapped[datetime]
    voided_at: Mapped[datetime | None]
    void_reason: Mapped[str | None] = mapped_column(Text)
