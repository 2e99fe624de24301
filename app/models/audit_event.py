from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, PartlyTenant, Row, RowId


class AuditEvent(PartlyTenant, Row, Base):
    """One change that was made: who, what, before and after, when, from where. Rows are added and never changed.

    Triggers of the database refuse to change or delete one. `organization_id` is None for what belongs to the
    instance. `action` is added, changed or removed, or a verb of its own (`signed_in`); `subject` is the kind of thing
    and `subject_id` its row; `account_id`, `post_id` and `campaign_id` say what it is part of. `before` and `after`
    hold what changed, secrets left out. `via` says how they came: session, token, local, guest or engine; `origin`
    from which address. `words` is all of it in lower case, to search in.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_organization_id_at_id", "organization_id", "at", "id"),
        Index("ix_audit_event_subject", "organization_id", "subject", "subject_id"),
        Index("ix_audit_event_account_id", "organization_id", "account_id", "at", "id"),
        Index("ix_audit_event_post_id", "organization_id", "post_id", "at", "id"),
        Index("ix_audit_event_campaign_id", "organization_id", "campaign_id", "at", "id"),
    )

    organization_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("organization.id"))
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(320))
    # No foreign key: who acted stays on record whatever becomes of their user.
    user_id: Mapped[int | None] = mapped_column(RowId)
    via: Mapped[str] = mapped_column(String(16))
    origin: Mapped[str] = mapped_column(String(64), default="")
    request_id: Mapped[str] = mapped_column(String(32), default="")
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(64))
    subject_id: Mapped[int | None] = mapped_column(RowId)
    account_id: Mapped[int | None] = mapped_column(RowId)
    post_id: Mapped[int | None] = mapped_column(RowId)
    campaign_id: Mapped[int | None] = mapped_column(RowId)
    state: Mapped[str | None] = mapped_column(String(20))
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    words: Mapped[str] = mapped_column(Text, default="")
