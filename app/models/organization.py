from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Row


class Organization(Row, Base):
    """An agency: the tenant that everything below belongs to. `fill_ins` are its default values, by key.

    How it reviews: `allows_own_approval` lets people approve what they wrote (asked of whoever works alone, at set-up),
    `issuer_clearance_suffices` takes a toolkit's unchanged text as approved by its issuer, and `second_clearance` names
    the role that must clear a text after its review ("Legal"), given by whoever is at least `second_clearance_role`.
    A closed one publishes nothing and lets nobody in.
    """

    __tablename__ = "organization"
    __table_args__ = (UniqueConstraint("slug"),)

    slug: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    fill_ins: Mapped[dict[str, Any]] = mapped_column(default=dict)
    allows_own_approval: Mapped[bool] = mapped_column(default=False, server_default=false())
    issuer_clearance_suffices: Mapped[bool] = mapped_column(default=False, server_default=false())
    second_clearance: Mapped[str | None] = mapped_column(String(100))
    second_clearance_role: Mapped[str | None] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(10), default="active", server_default="active")
    created_at: Mapped[datetime]
