from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, RowId, Tenant

_OPEN = text("closed_at IS NULL")


class Alert(Tenant, Base):
    """Something that a person should know of, as long as it lasts: one open alert per kind and subject.

    `subject` names what it is about ("delivery:12", "account:3"). It is open while `closed_at` is None.
    """

    __tablename__ = "alert"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "campaign_id"], ["campaign.organization_id", "campaign.id"]),
        ForeignKeyConstraint(["organization_id", "account_id"], ["account.organization_id", "account.id"]),
        UniqueConstraint("organization_id", "id"),
        Index(
            "uq_alert_one_open_per_subject",
            "organization_id",
            "kind",
            "subject",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    kind: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(64))
    campaign_id: Mapped[int | None] = mapped_column(RowId)
    # No foreign key: a re-plan may delete a delivery that was never attempted, and the alert stays on record.
    delivery_id: Mapped[int | None] = mapped_column(RowId)
    account_id: Mapped[int | None] = mapped_column(RowId)
    detail: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
