from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Tenant


class ColumnMapping(Tenant, Base):
    """Which column of an agency's own spreadsheets is what of a post, saved by name. `columns` is field by heading."""

    __tablename__ = "column_mapping"
    __table_args__ = (UniqueConstraint("organization_id", "id"), UniqueConstraint("organization_id", "name"))

    name: Mapped[str] = mapped_column(String(100))
    columns: Mapped[dict[str, Any]]
    created_by: Mapped[str] = mapped_column(String(320))
    created_at: Mapped[datetime]
