from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, RowId, Tenant


class ApiToken(Tenant, Base):
    """A program's key to one organization. Only its digest is kept; `hint` is how it begins, to tell it from others.

    It may do what its `scopes` say and its user's role allows; one without a user was made on the machine itself.
    """

    __tablename__ = "api_token"
    __table_args__ = (UniqueConstraint("organization_id", "id"), UniqueConstraint("digest"))

    user_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("user.id"))
    name: Mapped[str] = mapped_column(String(100))
    hint: Mapped[str] = mapped_column(String(16))
    digest: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[list[Any]]
    created_by: Mapped[str] = mapped_column(String(320))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
