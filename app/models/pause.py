from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, PartlyTenant, Row, RowId


def _one_in_force(scope: str, *columns: str) -> Index:
    """Return the index that lets one pause of a scope and thing be in force at a time, whoever orders two at once."""
    in_force = text(f"scope = '{scope}' AND ended_at IS NULL")
    return Index(f"uq_pause_{scope}_in_force", *columns, unique=True, sqlite_where=in_force, postgresql_where=in_force)


class Pause(PartlyTenant, Row, Base):
    """A stop that a person ordered, with a reason; it is never lifted by itself.

    `scope` says what it holds: the whole instance (no organization), an organization, a campaign, one focus week of a
    campaign, or an account. It is in force while `ended_at` is None; of each thing one may be.
    """

    __tablename__ = "pause"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id"], ["organization.id"]),
        ForeignKeyConstraint(["organization_id", "campaign_id"], ["campaign.organization_id", "campaign.id"]),
        ForeignKeyConstraint(["organization_id", "account_id"], ["account.organization_id", "account.id"]),
        CheckConstraint("scope IN ('instance', 'organization', 'campaign', 'week', 'account')", name="scope"),
        CheckConstraint("(scope = 'instance') = (organization_id IS NULL)", name="instance_has_no_organization"),
        CheckConstraint("(scope IN ('campaign', 'week')) = (campaign_id IS NOT NULL)", name="campaign"),
        CheckConstraint("(scope = 'week') = (week IS NOT NULL)", name="week"),
        CheckConstraint("(scope = 'account') = (account_id IS NOT NULL)", name="account"),
        Index("ix_pause_ended_at_scope", "ended_at", "scope"),
        _one_in_force("instance", "scope"),
        _one_in_force("organization", "organization_id"),
        _one_in_force("campaign", "campaign_id"),
        _one_in_force("week", "campaign_id", "week"),
        _one_in_force("account", "account_id"),
    )

    organization_id: Mapped[int | None] = mapped_column(RowId)
    scope: Mapped[str] = mapped_column(String(16))
    campaign_id: Mapped[int | None] = mapped_column(RowId)
    week: Mapped[int | None]
    account_id: Mapped[int | None] = mapped_column(RowId)
    reason: Mapped[str] = mapped_column(Text)
    started_by: Mapped[str] = mapped_column(String(200))
    started_at: Mapped[datetime]
    ended_by: Mapped[str | None] = mapped_column(String(200))
    ended_at: Mapped[datetime | None]
