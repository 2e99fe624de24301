"""The first tables: organizations, campaigns, posts, accounts, deliveries, attempts, pauses and the sandbox's feed.

Revision ID: 0001
Revises: nothing

Constraints take their names from the metadata's naming convention.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SENDING = sa.text("state = 'sending'")


def row_id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def instant() -> sa.types.TypeEngine[object]:
    return sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "organization",
        sa.Column("id", row_id(), primary_key=True),
        sa.Column("slug", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("fill_ins", sa.JSON(), nullable=False),
        sa.Column("created_at", instant(), nullable=False),
        sa.UniqueConstraint("slug"),
    )

    op.create_table(
        "sandbox_post",
        sa.Column("id", row_id(), primary_key=True),
        sa.Column("account", sa.String(200), nullable=False),
        sa.Column("platform", sa.String(32), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("post_id", sa.String(40), nullable=False),
        sa.Column("parent_id", sa.String(40)),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("created_at", instant(), nullable=False),
        sa.UniqueConstraint("account", "key"),
        sa.UniqueConstraint("post_id"),
    )
    op.create_index("ix_sandbox_post_created_at", "sandbox_post", ["created_at"])

    op.create_table(
        "account",
        sa.Column("id", row_id(), primary_key=True),
        sa.Column("organization_id", row_id(), nullable=False),
        sa.Column("slug", sa.String(64), nullable=False),
        sa.Column("platform", sa.String(32), nullable=False),
        sa.Column("via", sa.String(16), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("server", sa.String(500)),
        sa.Column("remote_id", sa.String(300)),
        sa.Column("handle", sa.String(300)),
        sa.Column("person", sa.String(200)),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("state_reason", sa.Text()),
        sa.Column("min_gap_minutes", sa.Integer()),
        sa.Column("next_free_at", instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", instant(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"]),
        sa.UniqueConstraint("organization_id", "id"),
        sa.UniqueConstraint("organization_id", "slug"),
        sa.CheckConstraint("state IN ('connected', 'needs_reconnect', 'disconnected')", name="state"),
        sa.CheckConstraint("via IN ('network', 'sandbox', 'by_hand')", name="via"),
    )
    op.create_index("ix_account_next_free_at", "account", ["next_free_at"])
    op.create_index("ix_account_organization_id", "account", ["organization_id"])

    op.create_table(
        "campaign",
        sa.Column("id", row_id(), primary_key=True),
        sa.Column("organization_id", row_id(), nullable=False),
        sa.Column("slug", sa.String(128), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("pack_key", sa.String(100), nullable=False),
        sa.Column("pack_version", sa.Text(), nullable=False),
        sa.Column("pack_digest", sa.String(64), nullable=False),
        sa.Column("pack", sa.JSON(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("cadence", sa.JSON(), nullable=False),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("lateness_minutes", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", instant(), nullable=False),
        sa.Column("updated_at", instant(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"]),
        sa.UniqueConstraint("organization_id", "id"),
        sa.UniqueConstraint("organization_id", "slug"),
    )
    op.create_index("ix_campaign_organization_id", "campaign", ["organization_id"])

    op.create_table(
        "contact_confirmation",
        sa.Column("id", row_id(), primary_key=True),
        sa.Column("organization_id", row_id(), nullable=False),
        sa.Column("campaign_id", row_id(), nullable=False),
        sa.Column("fact_key", sa.String(100), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("confirmed_by", sa.String(200), nullable=False),
        sa.Column("method", sa.String(40), nullable=False),
        sa.Column("confirmed_at", instant(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id", "campaign_id"], ["campaign.organization_id", "campaign.id"]),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"]),
        sa.UniqueConstraint("campaign_id", "fact_key"),
    )
    op.create_index("ix_contact_confirmation_organization_id", "contact_confirmation", ["organization_id"])

    op.create_table(
        "credential",
        sa.Column("id", row_id(), primary_key=True),
        sa.Column("organization_id", row_id(), nullable=False),
        sa.Column("account_id", row_id(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", instant(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id", "account_id"], ["account.organization_id", "account.id"]),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"]),
        sa.UniqueConstraint("account_id"),
    )
    op.create_index("ix_credential_organization_id", "credential", ["organization_id"])

    op.create_table(
        "fill_in",
        sa.Column("id", row_id(), primary_key=True),
        sa.Column("organization_id", row_id(), nullable=False),
        sa.Column("campaign_id", row_id(), nullable=False),
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("updated_at", instant(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id", "campaign_id"], ["campaign.organization_id", "campaign.id"]),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"]),
        sa.UniqueConstraint("campaign_id", "key"),
    )
    op.create_index("ix_fill_in_organization_id", "fill_in", ["organization_id"])

    op.create_table(
        "pause",
        sa.Column("id", row_id(), primary_key=True),
        sa.Column("organization_id", row_id()),
        sa.Column("scope", sa.String(16), nullable=False),
        sa.Column("campaign_id", row_id()),
        sa.Column("week", sa.Integer()),
        sa.Column("account_id", row_id()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("started_by", sa.String(200), nullable=False),
        sa.Column("started_at", instant(), nullable=False),
        sa.Column("ended_by", sa.String(200)),
        sa.Column("ended_at", instant()),
        sa.ForeignKeyConstraint(["organization_id", "account_id"], ["account.organization_id", "account.id"]),
        sa.ForeignKeyConstraint(["organization_id", "campaign_id"], ["campaign.organization_id", "campaign.id"]),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"]),
        sa.CheckConstraint("(scope = 'account') = (account_id IS NOT NULL)", name="account"),
        sa.CheckConstraint("(scope IN ('campaign', 'week')) = (campaign_id IS NOT NULL)", name="campaign"),
        sa.CheckConstraint("(scope = 'instance') = (organization_id IS NULL)", name="instance_has_no_organization"),
        sa.CheckConstraint("scope IN ('instance', 'organization', 'campaign', 'week', 'account')", name="scope"),
        sa.CheckConstraint("(scope = 'week') = (week IS NOT NULL)", name="week"),
    )
    op.create_index("ix_pause_ended_at_scope", "pause", ["ended_at", "scope"])

    op.create_table(
        "post",
        sa.Column("id", row_id(), primary_key=True),
        sa.Column("organization_id", row_id(), nullable=False),
        sa.Column("campaign_id", row_id(), nullable=False),
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("language", sa.String(35), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.Column("pins", sa.JSON(), nullable=False),
        sa.Column("platforms", sa.JSON()),
        sa.Column("accounts", sa.JSON()),
        sa.Column("left_out", sa.Text()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", instant(), nullable=False),
        sa.Column("updated_at", instant(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id", "campaign_id"], ["campaign.organization_id", "campaign.id"]),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"]),
        sa.UniqueConstraint("campaign_id", "key"),
        sa.UniqueConstraint("organization_id", "id"),
    )
    op.create_index("ix_post_campaign_id_position", "post", ["campaign_id", "position"])
    op.create_index("ix_post_organization_id", "post", ["organization_id"])

    op.create_table(
        "delivery",
        sa.Column("id", row_id(), primary_key=True),
        sa.Column("organization_id", row_id(), nullable=False),
        sa.Column("campaign_id", row_id(), nullable=False),
        sa.Column("post_id", row_id(), nullable=False),
        sa.Column("account_id", row_id(), nullable=False),
        sa.Column("occurrence", sa.String(20), nullable=False),
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("state_reason", sa.String(64)),
        sa.Column("state_detail", sa.Text()),
        sa.Column("state_since", instant(), nullable=False),
        sa.Column("due_at", instant(), nullable=False),
        sa.Column("ready_at", instant(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lease", sa.String(10)),
        sa.Column("lease_until", instant()),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("parts_out", sa.Integer(), nullable=False),
        sa.Column("attempts_made", sa.Integer(), nullable=False),
        sa.Column("stop_requested_at", instant()),
        sa.Column("verdict", sa.JSON()),
        sa.Column("handed_over_at", instant()),
        sa.Column("handed_over_to", sa.String(200)),
        sa.Column("reminded_at", instant()),
        sa.Column("published_at", instant()),
        sa.Column("remote_id", sa.String(500)),
        sa.Column("remote_url", sa.String(1000)),
        sa.Column("created_at", instant(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id", "account_id"], ["account.organization_id", "account.id"]),
        sa.ForeignKeyConstraint(["organization_id", "campaign_id"], ["campaign.organization_id", "campaign.id"]),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"]),
        sa.ForeignKeyConstraint(["organization_id", "post_id"], ["post.organization_id", "post.id"]),
        sa.UniqueConstraint("account_id", "post_id", "occurrence"),
        sa.UniqueConstraint("organization_id", "id"),
        sa.CheckConstraint("lease IS NULL OR lease IN ('dispatch', 'send')", name="lease"),
        sa.CheckConstraint("(state = 'sending') = (lease IS NOT NULL)", name="lease_while_sending"),
        sa.CheckConstraint(
            "state IN ('scheduled', 'sending', 'unknown', 'needs_review', 'held', 'blocked', 'failed', "
            "'missed', 'handed_over', 'published', 'withdrawing', 'withdrawn', 'withdraw_failed', 'cancelled')",
            name="state",
        ),
    )
    op.create_index("ix_delivery_account_id_state_ready_at", "delivery", ["account_id", "state", "ready_at"])
    op.create_index("ix_delivery_campaign_id_due_at_id", "delivery", ["campaign_id", "due_at", "id"])
    op.create_index("ix_delivery_organization_id", "delivery", ["organization_id"])
    op.create_index("ix_delivery_state_ready_at", "delivery", ["state", "ready_at"])
    op.create_index(
        "uq_delivery_one_sending_per_account",
        "delivery",
        ["account_id"],
        unique=True,
        sqlite_where=SENDING,
        postgresql_where=SENDING,
    )

    op.create_table(
        "variant",
        sa.Column("id", row_id(), primary_key=True),
        sa.Column("organization_id", row_id(), nullable=False),
        sa.Column("post_id", row_id(), nullable=False),
        sa.Column("platform", sa.String(32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("updated_at", instant(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"]),
        sa.ForeignKeyConstraint(["organization_id", "post_id"], ["post.organization_id", "post.id"]),
        sa.UniqueConstraint("post_id", "platform"),
    )
    op.create_index("ix_variant_organization_id", "variant", ["organization_id"])

    op.create_table(
        "attempt",
        sa.Column("id", row_id(), primary_key=True),
        sa.Column("organization_id", row_id(), nullable=False),
        sa.Column("delivery_id", row_id(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("policy_version", sa.String(64), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("started_at", instant(), nullable=False),
        sa.Column("deadline_at", instant(), nullable=False),
        sa.Column("finished_at", instant()),
        sa.Column("outcome", sa.String(20)),
        sa.Column("code", sa.String(64)),
        sa.Column("detail", sa.Text()),
        sa.ForeignKeyConstraint(["organization_id", "delivery_id"], ["delivery.organization_id", "delivery.id"]),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"]),
        sa.UniqueConstraint("delivery_id", "token"),
        sa.UniqueConstraint("organization_id", "id"),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome IN ('published', 'retryable', 'permanent', 'auth_needed', 'unknown', "
            "'handed_over', 'not_sent')",
            name="outcome",
        ),
    )
    op.create_index("ix_attempt_delivery_id_id", "attempt", ["delivery_id", "id"])
    op.create_index("ix_attempt_organization_id", "attempt", ["organization_id"])

    op.create_table(
        "delivery_event",
        sa.Column("id", row_id(), primary_key=True),
        sa.Column("organization_id", row_id(), nullable=False),
        sa.Column("delivery_id", row_id(), nullable=False),
        sa.Column("from_state", sa.String(20)),
        sa.Column("to_state", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(64)),
        sa.Column("detail", sa.Text()),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("at", instant(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id", "delivery_id"], ["delivery.organization_id", "delivery.id"]),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"]),
    )
    op.create_index("ix_delivery_event_delivery_id_id", "delivery_event", ["delivery_id", "id"])
    op.create_index("ix_delivery_event_organization_id", "delivery_event", ["organization_id"])

    op.create_table(
        "attempt_part",
        sa.Column("id", row_id(), primary_key=True),
        sa.Column("organization_id", row_id(), nullable=False),
        sa.Column("attempt_id", row_id(), nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.Column("sent_at", instant()),
        sa.Column("outcome", sa.String(20)),
        sa.Column("code", sa.String(64)),
        sa.Column("detail", sa.Text()),
        sa.Column("remote_id", sa.String(500)),
        sa.Column("remote_url", sa.String(1000)),
        sa.Column("remote_extra", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id", "attempt_id"], ["attempt.organization_id", "attempt.id"]),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"]),
        sa.UniqueConstraint("attempt_id", "index"),
    )
    op.create_index("ix_attempt_part_organization_id", "attempt_part", ["organization_id"])
    op.create_index("ix_attempt_part_remote_id", "attempt_part", ["remote_id"])


def downgrade() -> None:
    for table in (
        "attempt_part",
        "delivery_event",
        "attempt",
        "variant",
        "delivery",
        "post",
        "pause",
        "fill_in",
        "credential",
        "contact_confirmation",
        "campaign",
        "account",
        "sandbox_post",
        "organization",
    ):
        op.drop_table(table)
