"""Agencies: users, sessions, tokens, review, imports, webhooks, and the audit trail.

Revision ID: 0003
Revises: 0002

Columns are only added to the tables that there were, and without constraints: SQLite could not take those without
writing a table anew. Posts of an older release become drafts: what they say has been approved by nobody yet.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def row_id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def instant() -> sa.types.TypeEngine[object]:
    return sa.DateTime(timezone=True)


def upgrade() -> None:  # noqa: PLR0915 - one statement a table and index
    op.create_table(
        "idempotency_key",
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("request", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("headers", sa.String(length=2000), nullable=False),
        sa.Column("created_at", instant(), nullable=False),
        sa.Column("expires_at", instant(), nullable=False),
        sa.Column("id", row_id(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_key")),
        sa.UniqueConstraint("owner", "key", name=op.f("uq_idempotency_key_owner_key")),
    )
    op.create_index(op.f("ix_idempotency_key_expires_at"), "idempotency_key", ["expires_at"], unique=False)
    op.create_table(
        "throttle",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed_at", instant(), nullable=False),
        sa.Column("closed_until", instant(), nullable=True),
        sa.Column("id", row_id(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_throttle")),
        sa.UniqueConstraint("key", name=op.f("uq_throttle_key")),
    )
    op.create_table(
        "user",
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.String(length=300), nullable=True),
        sa.Column("totp", sa.LargeBinary(), nullable=True),
        sa.Column("totp_since", instant(), nullable=True),
        sa.Column("totp_step", sa.Integer(), nullable=True),
        sa.Column("recovery_codes", sa.JSON(), nullable=False),
        sa.Column("issuer", sa.String(length=500), nullable=True),
        sa.Column("subject", sa.String(length=300), nullable=True),
        sa.Column("is_operator", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("last_sign_in_at", instant(), nullable=True),
        sa.Column("created_at", instant(), nullable=False),
        sa.Column("id", row_id(), nullable=False),
        sa.CheckConstraint("state IN ('active', 'disabled')", name=op.f("ck_user_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("email", name=op.f("uq_user_email")),
    )
    op.create_index(
        "uq_user_issuer_subject",
        "user",
        ["issuer", "subject"],
        unique=True,
        sqlite_where=sa.text("subject IS NOT NULL"),
        postgresql_where=sa.text("subject IS NOT NULL"),
    )
    op.create_table(
        "withdrawn_fact",
        sa.Column("pack_key", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("old", sa.Text(), nullable=False),
        sa.Column("new", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("issued_by", sa.String(length=320), nullable=False),
        sa.Column("issued_at", instant(), nullable=False),
        sa.Column("applied_at", instant(), nullable=True),
        sa.Column("id", row_id(), nullable=False),
        sa.CheckConstraint("kind IN ('number', 'link', 'words')", name=op.f("ck_withdrawn_fact_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawn_fact")),
    )
    op.create_index(op.f("ix_withdrawn_fact_pack_key"), "withdrawn_fact", ["pack_key"], unique=False)
    withdrawn = sa.text("reason = 'fact.withdrawn'")
    op.create_index(
        "ix_delivery_event_fact_withdrawn",
        "delivery_event",
        ["at"],
        sqlite_where=withdrawn,
        postgresql_where=withdrawn,
    )
    op.create_table(
        "api_token",
        sa.Column("user_id", row_id(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("hint", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.String(length=320), nullable=False),
        sa.Column("created_at", instant(), nullable=False),
        sa.Column("expires_at", instant(), nullable=True),
        sa.Column("used_at", instant(), nullable=True),
        sa.Column("revoked_at", instant(), nullable=True),
        sa.Column("organization_id", row_id(), nullable=False),
        sa.Column("id", row_id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_api_token_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_api_token_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_token_digest")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_api_token_organization_id_id")),
    )
    op.create_index(op.f("ix_api_token_organization_id"), "api_token", ["organization_id"], unique=False)
    op.create_table(
        "audit_event",
        sa.Column("organization_id", row_id(), nullable=True),
        sa.Column("at", instant(), nullable=False),
        sa.Column("actor", sa.String(length=320), nullable=False),
        sa.Column("user_id", row_id(), nullable=True),
        sa.Column("via", sa.String(length=16), nullable=False),
        sa.Column("origin", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.String(length=32), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("subject_id", row_id(), nullable=True),
        sa.Column("account_id", row_id(), nullable=True),
        sa.Column("post_id", row_id(), nullable=True),
        sa.Column("campaign_id", row_id(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=True),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("id", row_id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_audit_event_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    for whole in ("account_id", "post_id", "campaign_id"):
        op.create_index(f"ix_audit_event_{whole}", "audit_event", ["organization_id", whole, "at", "id"], unique=False)
    op.create_index(
        "ix_audit_event_organization_id_at_id", "audit_event", ["organization_id", "at", "id"], unique=False
    )
    op.create_index("ix_audit_event_subject", "audit_event", ["organization_id", "subject", "subject_id"], unique=False)
    op.create_table(
        "column_mapping",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.String(length=320), nullable=False),
        sa.Column("created_at", instant(), nullable=False),
        sa.Column("organization_id", row_id(), nullable=False),
        sa.Column("id", row_id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_column_mapping_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_column_mapping")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_column_mapping_organization_id_id")),
        sa.UniqueConstraint("organization_id", "name", name=op.f("uq_column_mapping_organization_id_name")),
    )
    op.create_index(op.f("ix_column_mapping_organization_id"), "column_mapping", ["organization_id"], unique=False)
    op.create_table(
        "guest_review",
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("post_ids", sa.JSON(), nullable=False),
        sa.Column("may_decide", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("code_digest", sa.String(length=64), nullable=True),
        sa.Column("code_sent_at", instant(), nullable=True),
        sa.Column("code_expires_at", instant(), nullable=True),
        sa.Column("code_tries", sa.Integer(), nullable=False),
        sa.Column("session_digest", sa.String(length=64), nullable=True),
        sa.Column("session_expires_at", instant(), nullable=True),
        sa.Column("created_by", sa.String(length=320), nullable=False),
        sa.Column("created_by_id", row_id(), nullable=True),
        sa.Column("created_at", instant(), nullable=False),
        sa.Column("expires_at", instant(), nullable=False),
        sa.Column("revoked_at", instant(), nullable=True),
        sa.Column("organization_id", row_id(), nullable=False),
        sa.Column("id", row_id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_guest_review_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["created_by_id"], ["user.id"], name=op.f("fk_guest_review_created_by_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guest_review")),
        sa.UniqueConstraint("digest", name=op.f("uq_guest_review_digest")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_guest_review_organization_id_id")),
    )
    op.create_index(op.f("ix_guest_review_organization_id"), "guest_review", ["organization_id"], unique=False)
    op.create_table(
        "membership",
        sa.Column("user_id", row_id(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("created_by", sa.String(length=320), nullable=False),
        sa.Column("created_at", instant(), nullable=False),
        sa.Column("organization_id", row_id(), nullable=False),
        sa.Column("id", row_id(), nullable=False),
        sa.CheckConstraint("role IN ('viewer', 'author', 'reviewer', 'admin')", name=op.f("ck_membership_role")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_membership_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_membership_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint("organization_id", "user_id", name=op.f("uq_membership_organization_id_user_id")),
    )
    op.create_index(op.f("ix_membership_organization_id"), "membership", ["organization_id"], unique=False)
    op.create_index(op.f("ix_membership_user_id"), "membership", ["user_id"], unique=False)
    op.create_table(
        "one_time_link",
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("organization_id", row_id(), nullable=True),
        sa.Column("user_id", row_id(), nullable=True),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.String(length=320), nullable=False),
        sa.Column("created_at", instant(), nullable=False),
        sa.Column("expires_at", instant(), nullable=False),
        sa.Column("used_at", instant(), nullable=True),
        sa.Column("id", row_id(), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('set_up', 'invitation', 'password_reset', 'oidc')", name=op.f("ck_one_time_link_purpose")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_one_time_link_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_one_time_link_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_link")),
        sa.UniqueConstraint("digest", name=op.f("uq_one_time_link_digest")),
    )
    op.create_table(
        "review_delegate",
        sa.Column("user_id", row_id(), nullable=False),
        sa.Column("delegate_id", row_id(), nullable=False),
        sa.Column("since", instant(), nullable=False),
        sa.Column("until", instant(), nullable=False),
        sa.Column("created_by", sa.String(length=320), nullable=False),
        sa.Column("created_at", instant(), nullable=False),
        sa.Column("organization_id", row_id(), nullable=False),
        sa.Column("id", row_id(), nullable=False),
        sa.CheckConstraint("delegate_id <> user_id", name=op.f("ck_review_delegate_somebody_else")),
        sa.CheckConstraint("until > since", name=op.f("ck_review_delegate_order")),
        sa.ForeignKeyConstraint(["delegate_id"], ["user.id"], name=op.f("fk_review_delegate_delegate_id_user")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_review_delegate_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_review_delegate_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_delegate")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_review_delegate_organization_id_id")),
    )
    op.create_index(op.f("ix_review_delegate_organization_id"), "review_delegate", ["organization_id"], unique=False)
    op.create_table(
        "user_session",
        sa.Column("user_id", row_id(), nullable=False),
        sa.Column("organization_id", row_id(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("agent", sa.String(length=300), nullable=False),
        sa.Column("created_at", instant(), nullable=False),
        sa.Column("seen_at", instant(), nullable=False),
        sa.Column("expires_at", instant(), nullable=False),
        sa.Column("revoked_at", instant(), nullable=True),
        sa.Column("id", row_id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_user_session_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_user_session_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_session")),
        sa.UniqueConstraint("digest", name=op.f("uq_user_session_digest")),
    )
    op.create_index(op.f("ix_user_session_user_id"), "user_session", ["user_id"], unique=False)
    op.create_table(
        "webhook",
        sa.Column("url", sa.String(length=1000), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=True),
        sa.Column("failing_since", instant(), nullable=True),
        sa.Column("told_up_to", row_id(), nullable=False),
        sa.Column("on_since", instant(), nullable=False),
        sa.Column("created_by", sa.String(length=320), nullable=False),
        sa.Column("created_at", instant(), nullable=False),
        sa.Column("organization_id", row_id(), nullable=False),
        sa.Column("id", row_id(), nullable=False),
        sa.CheckConstraint("state IN ('on', 'off')", name=op.f("ck_webhook_state")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_webhook_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_webhook_organization_id_id")),
    )
    op.create_index(op.f("ix_webhook_organization_id"), "webhook", ["organization_id"], unique=False)
    op.create_table(
        "calendar_feed",
        sa.Column("campaign_id", row_id(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_by", sa.String(length=320), nullable=False),
        sa.Column("created_at", instant(), nullable=False),
        sa.Column("used_at", instant(), nullable=True),
        sa.Column("revoked_at", instant(), nullable=True),
        sa.Column("organization_id", row_id(), nullable=False),
        sa.Column("id", row_id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "campaign_id"],
            ["campaign.organization_id", "campaign.id"],
            name=op.f("fk_calendar_feed_organization_id_campaign_id_campaign"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_calendar_feed_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("digest", name=op.f("uq_calendar_feed_digest")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_calendar_feed_organization_id_id")),
    )
    op.create_index("ix_calendar_feed_campaign_id", "calendar_feed", ["campaign_id"], unique=False)
    op.create_index(op.f("ix_calendar_feed_organization_id"), "calendar_feed", ["organization_id"], unique=False)
    op.create_table(
        "import_run",
        sa.Column("campaign_id", row_id(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("file_name", sa.String(length=300), nullable=False),
        sa.Column("file_digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("format", sa.String(length=32), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("fixes", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.String(length=320), nullable=False),
        sa.Column("created_at", instant(), nullable=False),
        sa.Column("expires_at", instant(), nullable=True),
        sa.Column("committed_by", sa.String(length=320), nullable=True),
        sa.Column("committed_at", instant(), nullable=True),
        sa.Column("undone_by", sa.String(length=320), nullable=True),
        sa.Column("undone_at", instant(), nullable=True),
        sa.Column("organization_id", row_id(), nullable=False),
        sa.Column("id", row_id(), nullable=False),
        sa.CheckConstraint("state IN ('previewed', 'committed', 'undone')", name=op.f("ck_import_run_state")),
        sa.ForeignKeyConstraint(
            ["organization_id", "campaign_id"],
            ["campaign.organization_id", "campaign.id"],
            name=op.f("fk_import_run_organization_id_campaign_id_campaign"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_import_run_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_import_run_organization_id_id")),
    )
    op.create_index("ix_import_run_campaign_id", "import_run", ["campaign_id"], unique=False)
    op.create_index(op.f("ix_import_run_organization_id"), "import_run", ["organization_id"], unique=False)
    op.create_table(
        "webhook_message",
        sa.Column("webhook_id", row_id(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", instant(), nullable=True),
        sa.Column("sent_at", instant(), nullable=True),
        sa.Column("given_up_at", instant(), nullable=True),
        sa.Column("created_at", instant(), nullable=False),
        sa.Column("organization_id", row_id(), nullable=False),
        sa.Column("id", row_id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "webhook_id"],
            ["webhook.organization_id", "webhook.id"],
            name=op.f("fk_webhook_message_organization_id_webhook_id_webhook"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_webhook_message_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_message")),
        sa.UniqueConstraint("key", name=op.f("uq_webhook_message_key")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_webhook_message_organization_id_id")),
        sa.UniqueConstraint("webhook_id", "source", name=op.f("uq_webhook_message_webhook_id_source")),
    )
    op.create_index(
        "ix_webhook_message_next_try_at",
        "webhook_message",
        ["next_try_at"],
        unique=False,
        sqlite_where=sa.text("next_try_at IS NOT NULL"),
        postgresql_where=sa.text("next_try_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_webhook_message_organization_id"), "webhook_message", ["organization_id"], unique=False)
    op.create_index("ix_webhook_message_webhook_id_id", "webhook_message", ["webhook_id", "id"], unique=False)
    op.create_table(
        "approval",
        sa.Column("post_id", row_id(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=100), nullable=True),
        sa.Column("platforms", sa.JSON(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("policy_version", sa.String(length=64), nullable=False),
        sa.Column("acknowledged", sa.JSON(), nullable=False),
        sa.Column("approved_by", sa.String(length=320), nullable=False),
        sa.Column("user_id", row_id(), nullable=True),
        sa.Column("approved_at", instant(), nullable=False),
        sa.Column("voided_at", instant(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("organization_id", row_id(), nullable=False),
        sa.Column("id", row_id(), nullable=False),
        sa.CheckConstraint("step IN (1, 2)", name=op.f("ck_approval_step")),
        sa.ForeignKeyConstraint(
            ["organization_id", "post_id"],
            ["post.organization_id", "post.id"],
            name=op.f("fk_approval_organization_id_post_id_post"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_approval_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_approval_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_approval_organization_id_id")),
    )
    op.create_index(op.f("ix_approval_organization_id"), "approval", ["organization_id"], unique=False)
    op.create_index("ix_approval_post_id", "approval", ["post_id"], unique=False)
    op.create_index(
        "uq_approval_one_in_force",
        "approval",
        ["post_id", "digest", "step"],
        unique=True,
        sqlite_where=sa.text("voided_at IS NULL"),
        postgresql_where=sa.text("voided_at IS NULL"),
    )
    op.create_table(
        "import_row",
        sa.Column("import_run_id", row_id(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("post_id", row_id(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("errors", sa.JSON(), nullable=False),
        sa.Column("organization_id", row_id(), nullable=False),
        sa.Column("id", row_id(), nullable=False),
        sa.CheckConstraint("action IN ('added', 'changed', 'unchanged', 'refused')", name=op.f("ck_import_row_action")),
        sa.ForeignKeyConstraint(
            ["organization_id", "import_run_id"],
            ["import_run.organization_id", "import_run.id"],
            name=op.f("fk_import_row_organization_id_import_run_id_import_run"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_import_row_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_row")),
    )
    op.create_index("ix_import_row_import_run_id_row", "import_row", ["import_run_id", "row"], unique=False)
    op.create_index(op.f("ix_import_row_organization_id"), "import_row", ["organization_id"], unique=False)
    op.create_table(
        "review",
        sa.Column("post_id", row_id(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("asked_by", sa.String(length=320), nullable=False),
        sa.Column("asked_by_id", row_id(), nullable=True),
        sa.Column("asked_at", instant(), nullable=False),
        sa.Column("reviewer_id", row_id(), nullable=True),
        sa.Column("due_at", instant(), nullable=True),
        sa.Column("reminded_at", instant(), nullable=True),
        sa.Column("decided_by", sa.String(length=320), nullable=True),
        sa.Column("decided_at", instant(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("organization_id", row_id(), nullable=False),
        sa.Column("id", row_id(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'approved', 'returned', 'withdrawn')", name=op.f("ck_review_state")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["user.id"], name=op.f("fk_review_asked_by_id_user")),
        sa.ForeignKeyConstraint(
            ["organization_id", "post_id"],
            ["post.organization_id", "post.id"],
            name=op.f("fk_review_organization_id_post_id_post"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_review_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["reviewer_id"], ["user.id"], name=op.f("fk_review_reviewer_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_review_organization_id_id")),
    )
    op.create_index(op.f("ix_review_organization_id"), "review", ["organization_id"], unique=False)
    op.create_index(
        "uq_review_one_open_per_post",
        "review",
        ["post_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "review_comment",
        sa.Column("post_id", row_id(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("said_by", sa.String(length=320), nullable=False),
        sa.Column("user_id", row_id(), nullable=True),
        sa.Column("said_at", instant(), nullable=False),
        sa.Column("settled_by", sa.String(length=320), nullable=True),
        sa.Column("settled_at", instant(), nullable=True),
        sa.Column("organization_id", row_id(), nullable=False),
        sa.Column("id", row_id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "post_id"],
            ["post.organization_id", "post.id"],
            name=op.f("fk_review_comment_organization_id_post_id_post"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_review_comment_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_review_comment_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_comment")),
        sa.UniqueConstraint("organization_id", "id", name=op.f("uq_review_comment_organization_id_id")),
    )
    op.create_index(op.f("ix_review_comment_organization_id"), "review_comment", ["organization_id"], unique=False)
    op.create_index("ix_review_comment_post_id", "review_comment", ["post_id"], unique=False)
    op.create_table(
        "webhook_try",
        sa.Column("message_id", row_id(), nullable=False),
        sa.Column("at", instant(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("organization_id", row_id(), nullable=False),
        sa.Column("id", row_id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "message_id"],
            ["webhook_message.organization_id", "webhook_message.id"],
            name=op.f("fk_webhook_try_organization_id_message_id_webhook_message"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_webhook_try_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_try")),
    )
    op.create_index("ix_webhook_try_message_id", "webhook_try", ["message_id"], unique=False)
    op.create_index(op.f("ix_webhook_try_organization_id"), "webhook_try", ["organization_id"], unique=False)
    for columns in (
        ["organization_id", "due_at", "id"],
        ["organization_id", "state", "due_at", "id"],
        ["organization_id", "state_since", "id"],
        ["account_id", "due_at", "id"],
        ["post_id"],
    ):
        op.create_index(f"ix_delivery_{'_'.join(columns)}", "delivery", columns, unique=False)
    op.add_column("fill_in", sa.Column("user_id", row_id(), nullable=True))
    op.add_column(
        "organization", sa.Column("allows_own_approval", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column(
        "organization", sa.Column("issuer_clearance_suffices", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("organization", sa.Column("second_clearance", sa.String(length=100), nullable=True))
    op.add_column("organization", sa.Column("second_clearance_role", sa.String(length=16), nullable=True))
    op.add_column("organization", sa.Column("state", sa.String(length=10), server_default="active", nullable=False))
    op.add_column("post", sa.Column("media", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("post", sa.Column("at", instant(), nullable=True))
    op.add_column("post", sa.Column("source_digest", sa.String(length=64), nullable=True))
    op.add_column("post", sa.Column("tags", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("post", sa.Column("review_state", sa.String(length=16), server_default="draft", nullable=False))
    op.add_column("post", sa.Column("writers", sa.JSON(), server_default="[]", nullable=False))
    refuse_changes_of_the_record()


def refuse_changes_of_the_record() -> None:
    """Let the database itself refuse what would change the record: the audit trail, approvals, what was attempted."""
    refuse("audit_event", "UPDATE OR DELETE OR TRUNCATE", "the audit trail is only added to")
    refuse("attempt", "DELETE OR TRUNCATE", "what was attempted stays on record")
    refuse("attempt_part", "DELETE OR TRUNCATE", "what was attempted stays on record")
    attempted = "EXISTS (SELECT 1 FROM attempt WHERE attempt.delivery_id = OLD.delivery_id)"
    refuse("delivery_event", "UPDATE OR TRUNCATE", "what happened to a delivery stays on record")
    refuse("delivery_event", "DELETE", "what happened to an attempted delivery stays on record", only=attempted)
    sent = (
        "EXISTS (SELECT 1 FROM attempt JOIN delivery ON delivery.id = attempt.delivery_id"
        " WHERE delivery.post_id = OLD.post_id)"
    )
    refuse("approval", "DELETE", "the approval of a post that was attempted stays on record", only=sent)
    refuse("approval", "TRUNCATE", "approvals stay on record")
    columns = [column["name"] for column in sa.inspect(op.get_bind()).get_columns("approval")]
    fixed = ", ".join(name for name in columns if name not in ("voided_at", "void_reason"))
    refuse("approval", f"UPDATE OF {fixed}", "an approval is voided, and never changed")
    refuse("approval", "UPDATE", "a voided approval stays voided", only="OLD.voided_at IS NOT NULL", name="voided")


def refuse(table: str, deeds: str, said: str, *, only: str = "TRUE", name: str = "") -> None:
    """Refuse deeds (joined by OR) on a table's rows, those for which `only` holds, with what is said."""
    if op.get_bind().dialect.name == "sqlite":
        for deed in deeds.split(" OR "):
            if deed != "TRUNCATE":
                trigger = "_".join(word for word in (table, "no", deed.split()[0].lower(), name) if word)
                op.execute(
                    f"CREATE TRIGGER {trigger} BEFORE {deed} ON {table} "
                    f"WHEN {only} BEGIN SELECT RAISE(ABORT, '{said}'); END"
                )
        return
    for kind, each in (("ROW", "UPDATE DELETE"), ("STATEMENT", "TRUNCATE")):
        of_kind = [deed for deed in deeds.split(" OR ") if deed.split()[0] in each]
        if not of_kind:
            continue
        trigger = "_".join(word for word in (table, "no", *(deed.split()[0].lower() for deed in of_kind), name) if word)
        check = f"IF {only} THEN RAISE EXCEPTION '{said}'; END IF;" if kind == "ROW" else f"RAISE EXCEPTION '{said}';"
        given_back = "RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;" if kind == "ROW" else "RETURN NULL;"
        op.execute(
            f"CREATE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {check} {given_back} END $$"
        )
        op.execute(
            f"CREATE TRIGGER {trigger} BEFORE {' OR '.join(of_kind)} ON {table} "
            f"FOR EACH {kind} EXECUTE FUNCTION {trigger}()"
        )
