from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, RowId, Tenant


class ReviewComment(Tenant, Base):
    """What somebody said of a post; open until somebody marks it settled."""

    __tablename__ = "review_comment"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "post_id"], ["post.organization_id", "post.id"]),
        UniqueConstraint("organization_id", "id"),
        Index("ix_review_comment_post_id", "post_id"),
    )

    post_id: Mapped[int] = mapped_column(RowId)
    text: Mapped[str] = mapped_column(Text)
    said_by: Mapped[str] = mapped_column(String(320))
    user_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("user.id"))
    said_at: Mapped[datetime]
    settled_by: Mapped[str | None] = mapped_column(String(320))
    settled_at: Mapped[datetime | None]
