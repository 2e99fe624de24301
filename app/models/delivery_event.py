from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, RowId, Tenant

#: The reasons that say that something went out which should not have.
_FACT_WITHDRAWN = text("reason = 'fact.withdrawn'")
_OUT_TWICE = text("reason IN ('late_proof.second_send', 'late_proof.after_cancel')")


class DeliveryEvent(Tenant, Base):
    """One change of a delivery's state, written in the same transaction: from, to, why, by whom, when."""

    __tablename__ = "delivery_event"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "delivery_id"], ["delivery.organization_id", "delivery.id"]),
        Index("ix_delivery_event_delivery_id_id", "delivery_id", "id"),
        Index("ix_delivery_event_out_twice", "at", sqlite_where=_OUT_TWICE, postgresql_where=_OUT_TWICE),
        Index("ix_delivery_event_fact_withdrawn", "at", sqlite_where=_FACT_WITHDRAWN, postgresql_where=_FACT_WITHDRAWN),
    )

    delivery_id: Mapped[int] = mapped_column(RowId)
    from_state: Mapped[str | None] = mapped_column(String(20))
    to_state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(64))
    detail: Mapped[str | None] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
