from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Row, RowId


class UserSession(Row, Base):
    """A signed-in browser: `digest` is of its cookie, which only it has. Deleted or `revoked_at`: signed out.

    `organization_id` is the organization that it looks at; `pending` while the second factor is still asked for.
    """

    __tablename__ = "user_session"
    __table_args__ = (UniqueConstraint("digest"),)

    user_id: Mapped[int] = mapped_column(RowId, ForeignKey("user.id"), index=True)
    organization_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("organization.id"))
    digest: Mapped[str] = mapped_column(String(64))
    pending: Mapped[bool] = mapped_column(default=False)
    address: Mapped[str] = mapped_column(String(64), default="")
    agent: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
