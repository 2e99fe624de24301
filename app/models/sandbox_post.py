from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Row


class SandboxPost(Row, Base):
    """One message in the local feed: what the sandbox, standing in for a network, has accepted.

    It belongs to the stand-in and not to an organization's records: `account` is a plain name (organization/slug), as a
    network would know it, and no foreign key ties it to ours.
    """

    __tablename__ = "sandbox_post"
    __table_args__ = (UniqueConstraint("account", "key"), Index("ix_sandbox_post_created_at", "created_at"))

    account: Mapped[str] = mapped_column(String(200))
    platform: Mapped[str] = mapped_column(String(32))
    key: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    length: Mapped[int]
    parent_key: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
