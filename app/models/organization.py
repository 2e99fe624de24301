from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Row


class Organization(Row, Base):
    """An agency: the tenant that everything below belongs to. `fill_ins` are its default values, by key."""

    __tablename__ = "organization"
    __table_args__ = (UniqueConstraint("slug"),)

    slug: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    fill_ins: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]
