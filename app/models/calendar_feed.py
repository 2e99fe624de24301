from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, RowId, Tenant


class CalendarFeed(Tenant, Base):
    """A secret address under which calendar programs read a campaign's posts. Only its digest is kept."""

    __tablename__ = "calendar_feed"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "campaign_id"], ["campaign.organization_id", "campaign.id"]),
        UniqueConstraint("organization_id", "id"),
        UniqueConstraint("digest"),
        Index("ix_calendar_feed_campaign_id", "campaign_id"),
    )

    campaign_id: Mapped[int] = mapped_column(RowId)
    name: Mapped[str] = mapped_column(String(100), default="")
    digest: Mapped[str] = mapped_column(String(64))
    created_by: Mapped[str] = mapped_column(String(320))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
