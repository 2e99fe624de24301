from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, RowId, Tenant


class ReviewDelegate(Tenant, Base):
    """Who reviews in a reviewer's place, from one instant to another: what is asked of the one is asked of both."""

    __tablename__ = "review_delegate"
    __table_args__ = (
        UniqueConstraint("organization_id", "id"),
        CheckConstraint("until > since", name="order"),
        CheckConstraint("delegate_id <> user_id", name="somebody_else"),
    )

    user_id: Mapped[int] = mapped_column(RowId, ForeignKey("user.id"))
    delegate_id: Mapped[int] = mapped_column(RowId, ForeignKey("user.id"))
    since: Mapped[datetime]
    until: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(320))
    created_at: Mapped[datetime]
