from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Tenant


class Campaign(Tenant, Base):
    """A pack set up by an organization for a year.

    `pack` is the whole pack as JSON, as it was when the campaign was made; its posts live in `post` from then on.
    `levels` are changed rule levels by code, `cadence` the plan's settings. `version` rises with every change, so
    that the gate sees a change that came between composing and sending.
    """

    __tablename__ = "campaign"
    __table_args__ = (UniqueConstraint("organization_id", "id"), UniqueConstraint("organization_id", "slug"))

    slug: Mapped[str] = mapped_column(String(128))
    name: Mapped[str] = mapped_column(Text)
    pack_key: Mapped[str] = mapped_column(String(100))
    pack_version: Mapped[str] = mapped_column(Text)
    pack_digest: Mapped[str] = mapped_column(String(64))
    pack: Mapped[dict[str, Any]]
    year: Mapped[int]
    time_zone: Mapped[str] = mapped_column(String(64))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    cadence: Mapped[dict[str, Any]] = mapped_column(default=dict)
    levels: Mapped[dict[str, Any]] = mapped_column(default=dict)
    lateness_minutes: Mapped[int] = mapped_column(default=60)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
