from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, RowId, Tenant


class GuestReview(Tenant, Base):
    """Posts put before somebody who has no user here: a link that expires, and a code sent to their address.

    `digest` is of the link's token, `code_digest` of the code that was sent last; `session_digest` of what their
    browser got for the right code. `may_decide` lets them approve; else they only comment.
    """

    __tablename__ = "guest_review"
    __table_args__ = (UniqueConstraint("organization_id", "id"), UniqueConstraint("digest"))

    email: Mapped[str] = mapped_column(String(320))
    name: Mapped[str] = mapped_column(String(200), default="")
    post_ids: Mapped[list[Any]]
    may_decide: Mapped[bool] = mapped_column(default=True)
    digest: Mapped[str] = mapped_column(String(64))
    code_digest: Mapped[str | None] = mapped_column(String(64))
    code_sent_at: Mapped[datetime | None]
    code_expires_at: Mapped[datetime | None]
    code_tries: Mapped[int] = mapped_column(default=0)
    session_digest: Mapped[str | None] = mapped_column(String(64))
    session_expires_at: Mapped[datetime | None]
    created_by: Mapped[str] = mapped_column(String(320))
    created_by_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("user.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
