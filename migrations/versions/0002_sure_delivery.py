"""Sure delivery: looks put off, reading back, withdrawals, circuits, heartbeats and alerts.

Revision ID: 0002
Revises: 0001

Columns are only added, and without constraints: SQLite could not take those without writing a table anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def row_id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def instant() -> sa.types.TypeEngine[object]:
    return sa.DateTime(timezone=True)


def own_key() -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", row_id(), primary_key=True),
        sa.Column("organization_id", row_id(), sa.ForeignKey("organization.id"), nullable=False, index=True),
    ]


def of_same_organization(column: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["organization_id", column], [f"{table}.organization_id", f"{table}.id"])


def upgrade() -> None:
    for name in ("looks_made", "read_backs_made", "withdrawals_made"):
        op.add_column("delivery", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    moments = ("look_at", "read_back_at", "withdraw_asked_at", "withdraw_at", "withdraw_lease_until", "withdrawn_at")
    for name in moments:
        op.add_column("delivery", sa.Column(name, instant()))
    op.add_column("delivery", sa.Column("read_back", sa.String(16)))
    op.add_column("delivery", sa.Column("read_back_detail", sa.Text()))
    op.add_column("delivery", sa.Column("withdraw_reason", sa.Text()))
    op.add_column("delivery", sa.Column("withdraw_asked_by", sa.String(200)))
    waits_to_be_read = sa.text("read_back_at IS NOT NULL")
    op.create_index(
        "ix_delivery_read_back_at",
        "delivery",
        ["read_back_at"],
        sqlite_where=waits_to_be_read,
        postgresql_where=waits_to_be_read,
    )
    is_news = sa.text("read_back IN ('different', 'gone')")
    op.create_index("ix_delivery_read_back", "delivery", ["read_back"], sqlite_where=is_news, postgresql_where=is_news)
    out_twice = sa.text("reason IN ('late_proof.second_send', 'late_proof.after_cancel')")
    op.create_index(
        "ix_delivery_event_out_twice", "delivery_event", ["at"], sqlite_where=out_twice, postgresql_where=out_twice
    )

    op.add_column("attempt", sa.Column("account_remote_id", sa.String(300)))
    op.add_column("attempt_part", sa.Column("retracted_at", instant()))
    op.add_column("attempt_part", sa.Column("retract_code", sa.String(64)))
    op.add_column("attempt_part", sa.Column("retract_detail", sa.Text()))
    op.add_column("account", sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("account", sa.Column("token_expires_at", instant()))

    one_of_each_in_force = (
        ("instance", ["scope"]),
        ("organization", ["organization_id"]),
        ("campaign", ["campaign_id"]),
        ("week", ["campaign_id", "week"]),
        ("account", ["account_id"]),
    )
    for scope, columns in one_of_each_in_force:
        in_force = sa.text(f"scope = '{scope}' AND ended_at IS NULL")
        op.create_index(
            f"uq_pause_{scope}_in_force",
            "pause",
            columns,
            unique=True,
            sqlite_where=in_force,
            postgresql_where=in_force,
        )

    op.create_table(
        "circuit",
        sa.Column("id", row_id(), primary_key=True),
        sa.Column("host", sa.String(500), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("open_until", instant()),
        sa.Column("account_id", row_id()),
        sa.Column("probe_id", row_id()),
        sa.Column("code", sa.String(64)),
        sa.Column("detail", sa.Text()),
        sa.Column("changed_at", instant(), nullable=False),
        sa.UniqueConstraint("host"),
    )
    op.create_table(
        "heartbeat",
        sa.Column("id", row_id(), primary_key=True),
        sa.Column("scheduler", sa.String(200), nullable=False),
        sa.Column("started_at", instant(), nullable=False),
        sa.Column("beat_at", instant(), nullable=False),
        sa.Column("next_due_at", instant()),
        sa.Column("trouble", sa.Text()),
        sa.Column("trouble_code", sa.String(32)),
        sa.UniqueConstraint("scheduler"),
        sa.Index("ix_heartbeat_beat_at", "beat_at"),
    )
    op.create_table(
        "clock_mark",
        sa.Column("id", row_id(), primary_key=True),
        sa.Column("seen_at", instant(), nullable=False),
        sa.Column("refusal", sa.Text()),
        sa.Column("refused_at", instant()),
        sa.Column("confirmations", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", instant()),
        sa.Column("confirmed_by", sa.String(200)),
        sa.CheckConstraint("id = 1", name="one_row"),
    )
    op.create_table(
        "correction",
        *own_key(),
        sa.Column("post_id", row_id(), nullable=False),
        sa.Column("delivery_id", row_id(), nullable=False),
        sa.Column("created_by", sa.String(200), nullable=False),
        sa.Column("created_at", instant(), nullable=False),
        of_same_organization("post_id", "post"),
        of_same_organization("delivery_id", "delivery"),
        sa.UniqueConstraint("delivery_id"),
        sa.Index("ix_correction_post_id", "post_id"),
    )
    make_alert_tables()


def make_alert_tables() -> None:
    is_open = sa.text("closed_at IS NULL")
    op.create_table(
        "alert",
        *own_key(),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("campaign_id", row_id()),
        sa.Column("delivery_id", row_id()),
        sa.Column("account_id", row_id()),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("opened_at", instant(), nullable=False),
        sa.Column("closed_at", instant()),
        of_same_organization("campaign_id", "campaign"),
        of_same_organization("account_id", "account"),
        sa.UniqueConstraint("organization_id", "id"),
        sa.Index(
            "uq_alert_one_open_per_subject",
            "organization_id",
            "kind",
            "subject",
            unique=True,
            sqlite_where=is_open,
            postgresql_where=is_open,
        ),
    )
    op.create_table(
        "alert_channel",
        *own_key(),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("via", sa.String(16), nullable=False),
        sa.Column("target", sa.String(1000), nullable=False),
        sa.Column("kinds", sa.JSON()),
        sa.Column("sealed", sa.LargeBinary()),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("state_reason", sa.Text()),
        sa.Column("digest_minutes", sa.Integer(), nullable=False),
        sa.Column("told_up_to", row_id(), nullable=False),
        sa.Column("last_message_at", instant()),
        sa.Column("created_at", instant(), nullable=False),
        sa.UniqueConstraint("organization_id", "id"),
        sa.UniqueConstraint("organization_id", "name"),
        sa.CheckConstraint("via IN ('email', 'webhook')", name="via"),
        sa.CheckConstraint("state IN ('on', 'off')", name="state"),
    )
    waits_to_be_sent = sa.text("next_try_at IS NOT NULL")
    op.create_table(
        "alert_message",
        *own_key(),
        sa.Column("channel_id", row_id(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("alerts", sa.JSON(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", instant()),
        sa.Column("sent_at", instant()),
        sa.Column("error", sa.Text()),
        sa.Column("created_at", instant(), nullable=False),
        of_same_organization("channel_id", "alert_channel"),
        sa.Index(
            "ix_alert_message_next_try_at",
            "next_try_at",
            sqlite_where=waits_to_be_sent,
            postgresql_where=waits_to_be_sent,
        ),
    )
