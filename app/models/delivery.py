from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, RowId, Tenant


class State(StrEnum):
    """Where a delivery stands; `delivery/transitions.py` says what may follow what."""

    SCHEDULED = "scheduled"
    SENDING = "sending"
    UNKNOWN = "unknown"
    NEEDS_REVIEW = "needs_review"
    HELD = "held"
    BLOCKED = "blocked"
    FAILED = "failed"
    MISSED = "missed"
    HANDED_OVER = "handed_over"
    PUBLISHED = "published"
    WITHDRAWING = "withdrawing"
    WITHDRAWN = "withdrawn"
    WITHDRAW_FAILED = "withdraw_failed"
    CANCELLED = "cancelled"


#: What was found when a post was read back that somebody must know.
_IS_NEWS = text("read_back IN ('different', 'gone')")

STATES = tuple(state.value for state in State)


class Delivery(Tenant, Base):
    """One occurrence of one post on one account: the row that the engine works on.

    `due_at` is the moment it is meant for, `ready_at` the one from which it may be claimed (later than `due_at` after a
    retry). `fence` rises with every claim; whoever holds an older one can change nothing. While `sending`, `lease` says
    which lease runs (dispatch, send) and `lease_until` when it ends. `generation` rises only after proof that nothing
    was sent, or when a person decides to send again; `parts_out` counts the parts of it that are public. `verdict` is
    what the rules said when it was blocked.
    While `unknown`, `looks_made` counts the looks at the network that could not be made and `look_at` is when the next
    one is. Once it is published, `read_back_at` is when the post is read back next, and `read_back` what that found.
    While `withdrawing`, `withdraw_at` is when the engine tries next to take it back (None: a person does it), and
    `withdraw_lease_until` until when somebody is at it.
    Only `delivery/transitions.py` changes `state`.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "campaign_id"], ["campaign.organization_id", "campaign.id"]),
        ForeignKeyConstraint(["organization_id", "post_id"], ["post.organization_id", "post.id"]),
        ForeignKeyConstraint(["organization_id", "account_id"], ["account.organization_id", "account.id"]),
        UniqueConstraint("organization_id", "id"),
        UniqueConstraint("account_id", "post_id", "occurrence"),
        CheckConstraint("state IN (" + ", ".join(f"'{s}'" for s in STATES) + ")", name="state"),
        CheckConstraint("lease IS NULL OR lease IN ('dispatch', 'send')", name="lease"),
        CheckConstraint("(state = 'sending') = (lease IS NOT NULL)", name="lease_while_sending"),
        Index(
            "uq_delivery_one_sending_per_account",
            "account_id",
            unique=True,
            sqlite_where=text("state = 'sending'"),
            postgresql_where=text("state = 'sending'"),
        ),
        Index("ix_delivery_state_ready_at", "state", "ready_at"),
        Index("ix_delivery_account_id_state_ready_at", "account_id", "state", "ready_at"),
        # What people list: by time all together, a campaign's, an account's, a post's and those of a state; and by the
        # last change.
        Index("ix_delivery_campaign_id_due_at_id", "campaign_id", "due_at", "id"),
        Index("ix_delivery_organization_id_due_at_id", "organization_id", "due_at", "id"),
        Index("ix_delivery_organization_id_state_due_at_id", "organization_id", "state", "due_at", "id"),
        Index("ix_delivery_organization_id_state_since_id", "organization_id", "state_since", "id"),
        Index("ix_delivery_account_id_due_at_id", "account_id", "due_at", "id"),
        Index("ix_delivery_post_id", "post_id"),
        Index(
            "ix_delivery_read_back_at",
            "read_back_at",
            sqlite_where=text("read_back_at IS NOT NULL"),
            postgresql_where=text("read_back_at IS NOT NULL"),
        ),
        Index("ix_delivery_read_back", "read_back", sqlite_where=_IS_NEWS, postgresql_where=_IS_NEWS),
    )

    campaign_id: Mapped[int] = mapped_column(RowId)
    post_id: Mapped[int] = mapped_column(RowId)
    account_id: Mapped[int] = mapped_column(RowId)
    occurrence: Mapped[str] = mapped_column(String(20))
    week: Mapped[int]
    state: Mapped[str] = mapped_column(String(20), default="scheduled")
    state_reason: Mapped[str | None] = mapped_column(String(64))
    state_detail: Mapped[str | None] = mapped_column(Text)
    state_since: Mapped[datetime]
    due_at: Mapped[datetime]
    ready_at: Mapped[datetime]
    fence: Mapped[int] = mapped_column(default=0)
    lease: Mapped[str | None] = mapped_column(String(10))
    lease_until: Mapped[datetime | None]
    generation: Mapped[int] = mapped_column(default=1)
    parts_out: Mapped[int] = mapped_column(default=0)
    attempts_made: Mapped[int] = mapped_column(default=0)
    stop_requested_at: Mapped[datetime | None]
    looks_made: Mapped[int] = mapped_column(default=0, server_default="0")
    look_at: Mapped[datetime | None]
    verdict: Mapped[list[Any] | None]
    handed_over_at: Mapped[datetime | None]
    handed_over_to: Mapped[str | None] = mapped_column(String(200))
    reminded_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    remote_id: Mapped[str | None] = mapped_column(String(500))
    remote_url: Mapped[str | None] = mapped_column(String(1000))
    read_back_at: Mapped[datetime | None]
    read_backs_made: Mapped[int] = mapped_column(default=0, server_default="0")
    read_back: Mapped[str | None] = mapped_column(String(16))
    read_back_detail: Mapped[str | None] = mapped_column(Text)
    withdraw_reason: Mapped[str | None] = mapped_column(Text)
    withdraw_asked_by: Mapped[str | None] = mapped_column(String(200))
    withdraw_asked_at: Mapped[datetime | None]
    withdraw_at: Mapped[datetime | None]
    withdraw_lease_until: Mapped[datetime | None]
    withdrawals_made: Mapped[int] = mapped_column(default=0, server_default="0")
    withdrawn_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
