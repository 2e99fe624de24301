"""The audit trail as it is written: in the same transaction as the change, by the session itself.

Whatever a person changes through the object mapper is noted by itself (`changes`); nobody has to remember to do so.
Deeds (signed in, approved) are noted by whoever does them (`note`), deliveries' changes of state by the one module that
makes them (`note_moves`). The engine's own sessions have nobody who acts, and note only such moves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, event, insert, literal, select
from sqlalchemy.orm import Session

from app.db import RowId
from app.models import Delivery
from app.records import changes
from app.records.changes import NOTED
from app.records.rows import ACTS, AUDIT, WHEN, Actor, audit_row, plain, words_of

__all__ = ["NOTED", "Actor", "Move", "acts", "note", "note_moves"]

event.listen(Session, "before_flush", changes.remember_former_values)
event.listen(Session, "after_flush", changes.note_flushed)
event.listen(Session, "do_orm_execute", changes.note_statement)


def acts(session: Session, who: Actor, now: datetime) -> None:
    """Say who acts in a session, at which instant (aware): all that it changes is noted as theirs."""
    session.info[ACTS], session.info[WHEN] = who, now


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
    who: Actor | None = session.info.get(ACTS)
    if who is None:
        return
    if organization_id is None:
        organization_id = who.organization_id
    row = audit_row(session, action, subject, subject_id, organization_id, before, after)
    row["state"] = state
    if account_id is not None:
        row["account_id"] = account_id
    session.execute(insert(AUDIT), [row])


@dataclass(frozen=True, slots=True)
class Move:
    """A delivery's change of state, as its event has it. `at` is aware; `actor` is a person or the engine.

    `was` and `became` are what else of it was changed, such as its time.
    """

    delivery_id: int
    source: str
    target: str
    reason: str | None
    detail: str | None
    actor: str
    at: datetime
    was: Mapping[str, Any] = field(default_factory=dict)
    became: Mapping[str, Any] = field(default_factory=dict)


def note_moves(session: Session, moves: Sequence[Move], *, via: str = "engine") -> None:
    """Note changes of deliveries' states, which plain statements make; with whoever acts in the session, if anybody.

    Where nobody does, they came `via` the engine.
    """
    if not moves:
        return
    who: Actor | None = session.info.get(ACTS)
    rows = []
    for move in moves:
        after = {"state": move.target, "reason": move.reason, "detail": move.detail}
        after |= {name: plain(value) for name, value in move.became.items()}
        rows.append(
            {
                "move_at": move.at,
                "move_actor": move.actor,
                "move_user": None if who is None else who.user_id,
                "move_via": via if who is None else who.via,
                "move_origin": "" if who is None else who.origin,
                "move_request": "" if who is None else who.request_id,
                "move_state": move.target,
                "move_before": {"state": move.source} | {name: plain(value) for name, value in move.was.items()},
                "move_after": after,
                "move_words": words_of(move.actor, "moved delivery", move.source, after),
                "move_delivery": move.delivery_id,
            }
        )
    session.execute(_MOVES, rows)


def _given(name: str, column: str) -> BindParameter[Any]:
    return bindparam(name, type_=AUDIT.c[column].type)


_MOVES = insert(AUDIT).from_select(
    ["organization_id", "at", "actor", "user_id", "via", "origin", "request_id", "action", "subject", "subject_id",
     "account_id", "post_id", "campaign_id", "state", "before", "after", "words"],
    select(
        Delivery.organization_id,
        _given("move_at", "at"),
        _given("move_actor", "actor"),
        _given("move_user", "user_id"),
        _given("move_via", "via"),
        _given("move_origin", "origin"),
        _given("move_request", "request_id"),
        literal("moved", AUDIT.c.action.type),
        literal("delivery", AUDIT.c.subject.type),
        Delivery.id,
        Delivery.account_id,
        Delivery.post_id,
        Delivery.campaign_id,
        _given("move_state", "state"),
        _given("move_before", "before"),
        _given("move_after", "after"),
        _given("move_words", "words"),
    ).where(Delivery.id == bindparam("move_delivery", type_=RowId)),
)  # fmt: skip
