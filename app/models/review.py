from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, RowId, Tenant

_OPEN = text("state = 'open'")


class Review(Tenant, Base):
    """One time that a post was put before reviewers: asked by whom, due when, decided by whom and why.

    `reviewer_id` is who is asked, None for anybody who may. Of a post one review may be open.
    """

    __tablename__ = "review"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "post_id"], ["post.organization_id", "post.id"]),
        UniqueConstraint("organization_id", "id"),
        CheckConstraint("state IN ('open', 'approved', 'returned', 'withdrawn')", name="state"),
        Index("uq_review_one_open_per_post", "post_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    post_id: Mapped[int] = mapped_column(RowId)
    state: Mapped[str] = mapped_column(String(16), default="open")
    asked_by: Mapped[str] = mapped_column(String(320))
    asked_by_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("user.id"))
    asked_at: Mapped[datetime]
    reviewer_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("user.id"))
    due_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(320))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)
