from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, RowId, Tenant


class Variant(Tenant, Base):
    """A post's text for one platform."""

    __tablename__ = "variant"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "post_id"], ["post.organization_id", "post.id"]),
        UniqueConstraint("post_id", "platform"),
    )

    post_id: Mapped[int] = mapped_column(RowId)
    platform: Mapped[str] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime]
