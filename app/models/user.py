from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Row

_FROM_PROVIDER = text("subject IS NOT NULL")


class User(Row, Base):
    """A person who signs in. What they may do in an organization is said by their `membership` of it.

    `email` is kept in lower case. `password_hash` is None for who signs in elsewhere, or has not set one yet. `totp`
    is the sealed second factor's secret, in force once `totp_since` is set; `recovery_codes` are digests of those that
    are left. `issuer` and `subject` name the person at the OpenID provider. `is_operator` runs the instance.
    """

    __tablename__ = "user"
    __table_args__ = (
        UniqueConstraint("email"),
        CheckConstraint("state IN ('active', 'disabled')", name="state"),
        Index(
            "uq_user_issuer_subject",
            "issuer",
            "subject",
            unique=True,
            sqlite_where=_FROM_PROVIDER,
            postgresql_where=_FROM_PROVIDER,
        ),
    )

    email: Mapped[str] = mapped_column(String(320))
    name: Mapped[str] = mapped_column(String(200), default="")
    password_hash: Mapped[str | None] = mapped_column(String(300))
    totp: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_since: Mapped[datetime | None]
    totp_step: Mapped[int | None]
    recovery_codes: Mapped[list[Any]] = mapped_column(default=list)
    issuer: Mapped[str | None] = mapped_column(String(500))
    subject: Mapped[str | None] = mapped_column(String(300))
    is_operator: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(10), default="active")
    last_sign_in_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    def __repr__(self) -> str:
        return f"<User {self.id}>"
