from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, RowId, Tenant


class ContactConfirmation(Tenant, Base):
    """Who called, texted or opened a contact fact of a campaign, when, and the value that was confirmed."""

    __tablename__ = "contact_confirmation"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "campaign_id"], ["campaign.organization_id", "campaign.id"]),
        UniqueConstraint("campaign_id", "fact_key"),
    )

    campaign_id: Mapped[int] = mapped_column(RowId)
    fact_key: Mapped[str] = mapped_column(String(100))
    value: Mapped[str] = mapped_column(Text)
    confirmed_by: Mapped[str] = mapped_column(String(200))
    method: Mapped[str] = mapped_column(String(40))
    confirmed_at: Mapped[datetime]
