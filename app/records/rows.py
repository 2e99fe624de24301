"""A row of the audit trail, made of a row that changes: what it was and what it becomes, without its secrets."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, LargeBinary, Table
from sqlalchemy.orm import Session

from app.clock import utc_text
from app.db import Base
from app.models import (
    Alert,
    AlertMessage,
    Attempt,
    AttemptPart,
    AuditEvent,
    Circuit,
    ClockMark,
    DeliveryEvent,
    Heartbeat,
    IdempotencyKey,
    ImportRow,
    OneTimeLink,
    SandboxPost,
    Throttle,
    UserSession,
    WebhookMessage,
    WebhookTry,
)

#: Where a session keeps who acts in it, and at which instant.
ACTS = "who"
WHEN = "now"

#: What a row may be part of, by the column that says so.
PART_OF = ("account_id", "post_id", "campaign_id")
#: What the service itself writes down again and again: no person's change, or noted by a verb of its own.
NOT_NOTED: tuple[type[Base], ...] = (
    Alert, AlertMessage, Attempt, AttemptPart, AuditEvent, Circuit, ClockMark, DeliveryEvent, Heartbeat, IdempotencyKey,
    ImportRow, OneTimeLink, SandboxPost, Throttle, UserSession, WebhookMessage, WebhookTry,
)  # fmt: skip
#: Secrets that have a verb of their own, digests of secrets, whole documents, and what changes by itself.
_LEFT_OUT = frozenset({
    "password_hash", "totp", "recovery_codes", "totp_step", "digest", "code_digest", "session_digest",
    "session_expires_at", "code_tries", "code_expires_at", "pack", "content", "updated_at", "version", "used_at",
    "last_sign_in_at", "told_up_to", "last_message_at", "next_free_at", "failures",
    # The engine's own, of a delivery.
    "fence", "lease", "lease_until", "ready_at", "attempts_made", "looks_made", "look_at", "read_backs_made",
    "withdraw_at", "withdraw_lease_until", "withdrawals_made",
})  # fmt: skip
#: Named like a secret's digest, and itself what goes on record: of the texts that were approved.
_KEPT = frozenset({("approval", "digest")})
#: Where messages go: the path or query of an address may hold a secret, so only its host is shown.
_ADDRESSES = frozenset({"url", "target"})
#: What stands for a secret: that there is one goes on record, and that it was changed.
_SECRET = "(secret)"  # noqa: S105 - a word in its place
_LONGEST_WORDS = 20_000

AUDIT = cast("Table", AuditEvent.__table__)


class Actor(Protocol):
    """Who acts, as far as the trail needs it; see `identity.principal`."""

    @property
    def name(self) -> str: ...  # noqa: D102 - as there
    @property
    def organization_id(self) -> int | None: ...  # noqa: D102
    @property
    def user_id(self) -> int | None: ...  # noqa: D102
    @property
    def via(self) -> str: ...  # noqa: D102
    @property
    def origin(self) -> str: ...  # noqa: D102
    @property
    def request_id(self) -> str: ...  # noqa: D102


def noted_columns(table: Table) -> list[str]:
    """Return the names of a table's columns that go on record."""
    return [
        column.name for column in table.columns if column.name not in _LEFT_OUT or (table.name, column.name) in _KEPT
    ]


def shown(column: ColumnElement[Any], value: Any) -> Any:  # noqa: ANN401 - whatever a column holds
    """Return a column's value as it goes on record."""
    if value is None:
        return None
    if isinstance(column.type, LargeBinary):
        return _SECRET
    if column.key in _ADDRESSES:
        return _host_of(str(value))
    return plain(value)


def changed_row(
    session: Session,
    action: str,
    table: Table,
    identity: Mapping[str, Any],
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Return the trail's row of a row that was added, changed or removed; `identity` has its columns as they are."""
    row_id: int = identity["id"]
    organization_id = row_id if table.name == "organization" else identity.get("organization_id")
    row = audit_row(session, action, table.name, row_id, organization_id, before, after)
    return (
        row
        | {name: identity.get(name) for name in PART_OF}
        | _itself(table.name, row_id)
        | {"state": identity.get("state")}
    )


def _itself(subject: str, subject_id: int | None) -> dict[str, Any]:
    """Say that an account is part of itself, and so are a post and a campaign."""
    return {name: subject_id for name in PART_OF if name == f"{subject}_id"}


def audit_row(
    session: Session,
    action: str,
    subject: str,
    subject_id: int | None,
    organization_id: int | None,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Return a row of the trail, by whoever acts in the session."""
    who: Actor = session.info[ACTS]
    return {
        "organization_id": organization_id,
        "at": session.info[WHEN],
        "actor": who.name,
        "user_id": who.user_id,
        "via": who.via,
        "origin": who.origin,
        "request_id": who.request_id,
        "action": action,
        "subject": subject,
        "subject_id": subject_id,
        "state": None,
        "before": None if before is None else dict(before),
        "after": None if after is None else dict(after),
        "words": words_of(who.name, action, subject, before, after),
        **dict.fromkeys(PART_OF),
        **_itself(subject, subject_id),
    }


def words_of(*said: object) -> str:
    """Return all that is said, in lower case, to search in."""
    return " ".join(_texts(said)).lower()[:_LONGEST_WORDS]


def _texts(values: object) -> Iterable[str]:
    if isinstance(values, str):
        yield values
    elif isinstance(values, Mapping):
        for value in values.values():
            yield from _texts(value)
    elif isinstance(values, Collection):
        for value in values:
            yield from _texts(value)


def _host_of(address: str) -> str:
    """Return an address without its path; one that is no URL (an e-mail's) as it is."""
    if "://" not in address:
        return address
    try:
        parts = urlsplit(address)
    except ValueError:
        return _SECRET
    return f"{parts.scheme}://{parts.hostname}/..."


def plain(value: Any) -> Any:  # noqa: ANN401 - whatever a column holds
    """Return a value as JSON can hold it: instants in UTC, dates in ISO 8601."""
    if isinstance(value, datetime):
        return utc_text(value if value.tzinfo else value.replace(tzinfo=UTC))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    return value
