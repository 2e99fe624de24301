from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, RowId, Tenant


class Correction(Tenant, Base):
    """A post that was opened as the correction of what a withdrawn delivery had published."""

    __tablename__ = "correction"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "post_id"], ["post.organization_id", "post.id"]),
        ForeignKeyConstraint(["organization_id", "delivery_id"], ["delivery.organization_id", "delivery.id"]),
        UniqueConstraint("delivery_id"),
        Index("ix_correction_post_id", "post_id"),
    )

    post_id: Mapped[int] = mapped_column(RowId)
    delivery_id: Mapped[int] = mapped_column(RowId)
    created_by: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
