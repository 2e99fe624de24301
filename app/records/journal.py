"""The audit trail as it is written: in the same transaction as the change, by the session itself.

Whatever a person changes through the object mapper is noted when it is flushed; nobody has to remember to do so. What
is changed by plain statements (a delivery's state) is noted by whoever runs them (`note`). The engine's own sessions
have nobody who acts, and note only what they say themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Protocol, cast

from sqlalchemy import BindParameter, LargeBinary, Table, bindparam, event, insert, inspect, literal, select
from sqlalchemy.orm import Session, UOWTransaction

from app.clock import utc_text
from app.db import Base, RowId
from app.models import (
    Account,
    Alert,
    AlertMessage,
    Attempt,
    AttemptPart,
    AuditEvent,
    Circuit,
    ClockMark,
    Delivery,
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

_ACTS = "who"
_WHEN = "now"

#: What the service itself writes down again and again: no person's change, or noted by a verb of its own.
_NOT_NOTED = (
    Alert, AlertMessage, Attempt, AttemptPart, AuditEvent, Circuit, ClockMark, DeliveryEvent, Heartbeat, IdempotencyKey,
    ImportRow, OneTimeLink, SandboxPost, Throttle, UserSession, WebhookMessage, WebhookTry,
)  # fmt: skip
#: Secrets, digests of secrets, whole documents, and what changes by itself.
_LEFT_OUT = frozenset({
    "password_hash", "recovery_codes", "totp_step", "digest", "code_digest", "session_digest", "session_expires_at",
    "code_tries", "code_expires_at", "pack", "content", "updated_at", "version", "used_at", "last_sign_in_at",
    "told_up_to", "last_message_at", "next_free_at", "failures",
})  # fmt: skip
_LONGEST_WORDS = 20_000


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


def acts(session: Session, who: Actor, now: datetime) -> None:
    """Say who acts in a session, at which instant (aware): all that it changes is noted as theirs."""
    session.info[_ACTS], session.info[_WHEN] = who, now


def note(
    session: Session,
    action: str,
    subject: str,
    subject_id: int | None = None,
    *,
    organization_id: int | None = None,
    account_id: int | None = None,
    state: str | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Note one change or deed of whoever acts in this session; nothing where nobody does."""
    who: Actor | None = session.info.get(_ACTS)
    if who is None:
        return
    if organization_id is None:
        organization_id = who.organization_id
    row = _row(session, action, subject, subject_id, organization_id, before, after)
    row |= {"account_id": account_id, "state": state}
    session.execute(insert(_AUDIT), [row])


@dataclass(frozen=True, slots=True)
class Move:
    """A delivery's change of state, as its event has it. `at` is aware; `actor` is a person or the engine."""

    delivery_id: int
    source: str
    target: str
    reason: str | None
    detail: str | None
    actor: str
    at: datetime


def note_moves(session: Session, moves: Sequence[Move], *, via: str = "engine") -> None:
    """Note changes of deliveries' states, which plain statements make; with whoever acts in the session, if anybody.

    Where nobody does, they came `via` the engine.
    """
    if not moves:
        return
    who: Actor | None = session.info.get(_ACTS)
    rows = []
    for move in moves:
        after = {"state": move.target, "reason": move.reason, "detail": move.detail}
        words = " ".join((move.actor, "moved delivery", move.source, *_texts(after)))
        rows.append(
            {
                "move_at": move.at,
                "move_actor": move.actor,
                "move_user": None if who is None else who.user_id,
                "move_via": via if who is None else who.via,
                "move_origin": "" if who is None else who.origin,
                "move_request": "" if who is None else who.request_id,
                "move_state": move.target,
                "move_before": {"state": move.source},
                "move_after": after,
                "move_words": words.lower()[:_LONGEST_WORDS],
                "move_delivery": move.delivery_id,
            }
        )
    session.execute(_MOVES, rows)


_AUDIT = cast("Table", AuditEvent.__table__)


def _given(name: str, column: str) -> BindParameter[Any]:
    return bindparam(name, type_=_AUDIT.c[column].type)


_MOVES = insert(_AUDIT).from_select(
    ["organization_id", "at", "actor", "user_id", "via", "origin", "request_id", "action", "subject", "subject_id",
     "account_id", "state", "before", "after", "words"],
    select(
        Delivery.organization_id,
        _given("move_at", "at"),
        _given("move_actor", "actor"),
        _given("move_user", "user_id"),
        _given("move_via", "via"),
        _given("move_origin", "origin"),
        _given("move_request", "request_id"),
        literal("moved", _AUDIT.c.action.type),
        literal("delivery", _AUDIT.c.subject.type),
        Delivery.id,
        Delivery.account_id,
        _given("move_state", "state"),
        _given("move_before", "before"),
        _given("move_after", "after"),
        _given("move_words", "words"),
    ).where(Delivery.id == bindparam("move_delivery", type_=RowId)),
)  # fmt: skip


@event.listens_for(Session, "after_flush")
def _note_flushed(session: Session, _context: UOWTransaction) -> None:
    if _ACTS not in session.info:
        return
    rows = [
        *_rows(session, "added", session.new),
        *_rows(session, "changed", (row for row in session.dirty if session.is_modified(row))),
        *_rows(session, "removed", session.deleted),
    ]
    if rows:
        session.connection().execute(insert(_AUDIT), rows)


def _rows(session: Session, action: str, changed: Iterable[object]) -> Iterable[dict[str, Any]]:
    for row in changed:
        if not isinstance(row, Base) or isinstance(row, _NOT_NOTED):
            continue
        before, after = _change(row, action)
        if action == "changed" and not after:
            continue
        row_id: int = row.id  # type: ignore[attr-defined]  # every table has it, by `db.Row`
        organization_id = row_id if row.__tablename__ == "organization" else getattr(row, "organization_id", None)
        one = _row(session, action, row.__tablename__, row_id, organization_id, before, after)
        one["account_id"] = row_id if isinstance(row, Account) else getattr(row, "account_id", None)
        one["state"] = getattr(row, "state", None)
        yield one


def _change(row: Base, action: str) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    state = inspect(row)
    for column in state.mapper.columns:
        if column.key in _LEFT_OUT or isinstance(column.type, LargeBinary):
            continue
        if action == "added":
            # Of a new row there is nothing before; by the thousand, looking for it would take most of the time.
            after[column.key] = _plain(getattr(row, column.key))
            continue
        history = state.attrs[column.key].history
        if action == "changed" and not history.has_changes():
            continue
        before[column.key] = _plain((history.deleted or history.unchanged or (None,))[0])
        if action != "removed":
            after[column.key] = _plain(getattr(row, column.key))
    return (before if action != "added" else None), (after if action != "removed" else None)


def _row(
    session: Session,
    action: str,
    subject: str,
    subject_id: int | None,
    organization_id: int | None,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
) -> dict[str, Any]:
    who: Actor = session.info[_ACTS]
    words = " ".join((who.name, action, subject, *_texts(before), *_texts(after)))
    return {
        "organization_id": organization_id,
        "at": session.info[_WHEN],
        "actor": who.name,
        "user_id": who.user_id,
        "via": who.via,
        "origin": who.origin,
        "request_id": who.request_id,
        "action": action,
        "subject": subject,
        "subject_id": subject_id,
        "account_id": None,
        "state": None,
        "before": None if before is None else dict(before),
        "after": None if after is None else dict(after),
        "words": words.lower()[:_LONGEST_WORDS],
    }


def _texts(values: object) -> Iterable[str]:
    if isinstance(values, Mapping):
        for value in values.values():
            yield from _texts(value)
    elif isinstance(values, list):
        for value in values:
            yield from _texts(value)
    elif isinstance(values, str):
        yield values


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a column holds
    if isinstance(value, datetime):
        return utc_text(value if value.tzinfo else value.replace(tzinfo=UTC))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    return value
