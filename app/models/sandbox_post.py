from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Row


class SandboxPost(Row, Base):
    """One message in the local feed: what the sandbox, standing in for a network, has accepted.

    It belongs to the stand-in and not to an organization's records: `account` is a plain name, as a network would know
    it, and no foreign key ties it to ours. `post_id` is the stand-in network's id, `parent_id` that of the post it
    continues.
    """

    __tablename__ = "sandbox_post"
    __table_args__ = (
        UniqueConstraint("account", "key"),
        UniqueConstraint("post_id"),
        Index("ix_sandbox_post_created_at", "created_at"),
    )

    account: Mapped[str] = mapped_column(String(200))
    platform: Mapped[str] = mapped_column(String(32))
    key: Mapped[str] = mapped_column(String(200))
    post_id: Mapped[str] = mapped_column(String(40))
    parent_id: Mapped[str | None] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]
