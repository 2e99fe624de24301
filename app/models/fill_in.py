from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, RowId, Tenant


class FillIn(Tenant, Base):
    """A campaign's value for one of its pack's fill-ins; `user_id` is who gave it."""

    __tablename__ = "fill_in"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "campaign_id"], ["campaign.organization_id", "campaign.id"]),
        UniqueConstraint("campaign_id", "key"),
    )

    campaign_id: Mapped[int] = mapped_column(RowId)
    key: Mapped[str] = mapped_column(String(100))
    value: Mapped[str] = mapped_column(Text)
    user_id: Mapped[int | None] = mapped_column(RowId)
    updated_at: Mapped[datetime]
