from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, RowId, Tenant


class Post(Tenant, Base):
    """One message of a campaign.

    `links` are `{"visible", "target"}`; `pins` are ISO dates of the campaign's year; `platforms` and `accounts` (slugs)
    say what it is for, None meaning every one; `left_out` is the reason that it is not planned at all.
    `media` are `{"url", "alt"}`. `at` is the moment that an imported row asked for; `source_digest` that row's digest.
    `review_state` is draft, in_review, approved or returned; `writers` are the ids of the users who have changed its
    text since it was last approved. What may go out is said by `approval`, not by this word.
    """

    __tablename__ = "post"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "campaign_id"], ["campaign.organization_id", "campaign.id"]),
        UniqueConstraint("organization_id", "id"),
        UniqueConstraint("campaign_id", "key"),
        Index("ix_post_campaign_id_position", "campaign_id", "position"),
    )

    campaign_id: Mapped[int] = mapped_column(RowId)
    key: Mapped[str] = mapped_column(String(100))
    position: Mapped[int]
    week: Mapped[int]
    section: Mapped[str] = mapped_column(Text, default="")
    resource: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(35))
    text: Mapped[str] = mapped_column(Text)
    links: Mapped[list[Any]] = mapped_column(default=list)
    pins: Mapped[list[Any]] = mapped_column(default=list)
    platforms: Mapped[list[Any] | None]
    accounts: Mapped[list[Any] | None]
    left_out: Mapped[str | None] = mapped_column(Text)
    media: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    at: Mapped[datetime | None]
    source_digest: Mapped[str | None] = mapped_column(String(64))
    tags: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    review_state: Mapped[str] = mapped_column(String(16), default="draft", server_default="draft")
    writers: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
