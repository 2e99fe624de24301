from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, PartlyTenant, Row, RowId

PURPOSES = ("set_up", "invitation", "password_reset", "oidc")


class OneTimeLink(PartlyTenant, Row, Base):
    """A link that works once, until it expires: the digest of its token, and what it is for.

    `set_up` makes the first operator, `invitation` a member of `organization_id` with `details["role"]`,
    `password_reset` a new password for `user_id`; `oidc` is a sign-in under way at the OpenID provider.
    """

    __tablename__ = "one_time_link"
    __table_args__ = (
        UniqueConstraint("digest"),
        CheckConstraint("purpose IN (" + ", ".join(f"'{purpose}'" for purpose in PURPOSES) + ")", name="purpose"),
    )

    purpose: Mapped[str] = mapped_column(String(20))
    digest: Mapped[str] = mapped_column(String(64))
    organization_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("organization.id"))
    user_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("user.id"))
    email: Mapped[str | None] = mapped_column(String(320))
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_by: Mapped[str] = mapped_column(String(320))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
