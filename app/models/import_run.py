from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, RowId, Tenant


class ImportRun(Tenant, Base):
    """A file of posts on its way into a campaign: previewed, then committed; undone while nothing of it was sent.

    `content` is the file itself while it is previewed and None afterwards; `options` are the format, the mapping and
    the answers that it is read with, `fixes` what a person has bulk-changed of chosen rows. A preview is forgotten
    after `expires_at`. `counts` are rows by what became of them.
    """

    __tablename__ = "import_run"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "campaign_id"], ["campaign.organization_id", "campaign.id"]),
        UniqueConstraint("organization_id", "id"),
        CheckConstraint("state IN ('previewed', 'committed', 'undone')", name="state"),
        Index("ix_import_run_campaign_id", "campaign_id"),
    )

    campaign_id: Mapped[int] = mapped_column(RowId)
    state: Mapped[str] = mapped_column(String(16), default="previewed")
    file_name: Mapped[str] = mapped_column(String(300))
    file_digest: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    format: Mapped[str] = mapped_column(String(32))
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    fixes: Mapped[list[Any]] = mapped_column(default=list)
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_by: Mapped[str] = mapped_column(String(320))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    committed_by: Mapped[str | None] = mapped_column(String(320))
    committed_at: Mapped[datetime | None]
    undone_by: Mapped[str | None] = mapped_column(String(320))
    undone_at: Mapped[datetime | None]
