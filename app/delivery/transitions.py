"""The only functions that change a delivery's state; `states.py` has the table of what may follow what.

Every change is a conditional UPDATE on id, state and fencing token, and writes its event in the same transaction.
Zero rows is a normal answer: somebody else was faster, and the caller does nothing further.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, cast

import structlog
from sqlalchemy import ColumnElement, CursorResult, String, Table, Update, bindparam, insert, select, update
from sqlalchemy.orm import Session

from app.db import Instant, RowId
from app.delivery.states import TAKING, allowed
from app.errors import StateRefused
from app.models import Delivery, DeliveryEvent, State
from app.records import journal

log = structlog.get_logger(__name__)

ENGINE = "engine"


@dataclass(frozen=True, slots=True)
class Step:
    """One delivery in a move of many, as it was read under lock, with columns of its own."""

    delivery_id: int
    organization_id: int
    fence: int
    values: Mapping[str, object] = field(default_factory=dict)
    detail: str | None = None


class Overtaken(Exception):
    """A delivery of a move of many stood elsewhere: the transaction must be rolled back, and each one moved alone."""


def move(
    session: Session,
    delivery_id: int,
    source: str,
    target: State,
    *,
    at: datetime,
    reason: str | None = None,
    detail: str | None = None,
    actor: str = ENGINE,
    fence: int | None = None,
    when: Sequence[ColumnElement[bool]] = (),
    values: Mapping[str, object] = MappingProxyType({}),
) -> bool:
    """Change a delivery's state if it still stands at `source` (and `fence`, and `when`), with its event.

    `at` is aware. `values` are further columns of the row. Objects already loaded in `session` are not refreshed.

    Returns:
        Whether the row changed; False means that it stood elsewhere already.

    Raises:
        StateRefused: The table does not let `target` follow `source`.
    """
    if not allowed(source, target):
        raise StateRefused(
            f"A delivery that is {source} cannot become {target}.",
            hint="Look at its history for what happened meanwhile.",
            delivery_id=delivery_id,
        )
    columns = _columns(target, at, reason, detail)
    was = _was(session, delivery_id, values, actor)
    if not _update(session, delivery_id, source, fence, when, columns | dict(values), _raised(target)):
        return False
    moved = journal.Move(delivery_id, str(source), target.value, reason, detail, actor, at, was, _became(was, values))
    _write_event(session, moved)
    log.info("delivery_moved", delivery=delivery_id, source=str(source), target=target.value, reason=reason)
    return True


def move_all(
    session: Session, steps: Sequence[Step], source: State, target: State, *, at: datetime, reason: str
) -> None:
    """Change the state of many deliveries as `move` does, all of them or none, in two statements.

    All steps have the same columns in `values`.

    Raises:
        Overtaken: One of them had moved on.
        StateRefused: The table does not let `target` follow `source`.
    """
    if not steps:
        return
    if not allowed(source, target):
        raise StateRefused(f"Deliveries that are {source} cannot become {target}.", hint="This is an error of ours.")
    update_all(
        session,
        [replace(step, values=_columns(target, at, reason, step.detail) | dict(step.values)) for step in steps],
        source,
        raised=_raised(target),
    )
    session.execute(
        _EVENTS,
        [
            {
                "organization_id": step.organization_id,
                "delivery_id": step.delivery_id,
                "from_state": source.value,
                "to_state": target.value,
                "reason": reason,
                "detail": step.detail,
                "actor": ENGINE,
                "at": at,
            }
            for step in steps
        ],
    )
    if target not in _ON_THE_WAY:
        journal.note_moves(
            session,
            [
                journal.Move(step.delivery_id, source.value, target.value, reason, step.detail, ENGINE, at)
                for step in steps
            ],
        )
    for step in steps:
        log.info("delivery_moved", delivery=step.delivery_id, source=source.value, target=target.value, reason=reason)


def update_all(session: Session, steps: Sequence[Step], state: State, *, raised: tuple[str, ...] = ()) -> None:
    """Change columns of many deliveries that stand at `state` under their fences; the columns `raised` go up by one.

    Raises:
        Overtaken: One of them had moved on.
    """
    statement = _statement(tuple(steps[0].values), raised, fenced=True)
    given = [
        {f"new_{name}": value for name, value in step.values.items()}
        | {"row": step.delivery_id, "source": state.value, "held": step.fence}
        for step in steps
    ]
    if cast("CursorResult[Any]", session.execute(statement, given)).rowcount != len(steps):
        raise Overtaken


def adjust(
    session: Session,
    delivery_id: int,
    state: str,
    *,
    at: datetime,
    reason: str,
    detail: str | None = None,
    actor: str = ENGINE,
    fence: int | None = None,
    when: Sequence[ColumnElement[bool]] = (),
    values: Mapping[str, object] = MappingProxyType({}),
) -> bool:
    """Change other columns of a delivery that stands at `state` and stays there, with an event that says why.

    Returns:
        Whether the row changed.
    """
    was = _was(session, delivery_id, values, actor)
    if not _update(session, delivery_id, state, fence, when, values or {"state": str(state)}):
        return False
    stayed = journal.Move(delivery_id, str(state), str(state), reason, detail, actor, at, was, _became(was, values))
    _write_event(session, stayed)
    log.info("delivery_adjusted", delivery=delivery_id, state=str(state), reason=reason)
    return True


def start_send_leases(session: Session, started: Sequence[tuple[Delivery, int]], *, until: datetime) -> None:
    """Turn dispatch leases that still hold, of locked deliveries, into send leases, and count the attempts.

    `started` has each delivery with its generation.

    Raises:
        Overtaken: One of them had moved on.
    """
    steps = [
        Step(
            delivery.id,
            delivery.organization_id,
            delivery.fence,
            {"lease": "send", "lease_until": until, "generation": generation},
        )
        for delivery, generation in started
    ]
    update_all(session, steps, State.SENDING, raised=("attempts_made",))


def _columns(target: State, at: datetime, reason: str | None, detail: str | None) -> dict[str, Any]:
    columns: dict[str, Any] = {"state": target.value, "state_reason": reason, "state_detail": detail, "state_since": at}
    return columns if target is State.SENDING else columns | {"lease": None, "lease_until": None}


def _raised(target: State) -> tuple[str, ...]:
    return ("fence",) if target in TAKING else ()


def _update(
    session: Session,
    delivery_id: int,
    state: str,
    fence: int | None,
    when: Sequence[ColumnElement[bool]],
    values: Mapping[str, Any],
    raised: tuple[str, ...] = (),
) -> bool:
    """Update the row if it stands where it should; the columns `raised` go up by one."""
    given: dict[str, Any] = {f"new_{name}": value for name, value in values.items()}
    given |= {"row": delivery_id, "source": str(state)} | ({} if fence is None else {"held": fence})
    statement = _statement(tuple(values), raised, fenced=fence is not None)
    result = session.execute(statement.where(*when) if when else statement, given)
    return cast("CursorResult[Any]", result).rowcount == 1


@lru_cache(maxsize=256)
def _statement(names: tuple[str, ...], raised: tuple[str, ...], *, fenced: bool) -> Update:
    # Kept, for building it costs more than running it.
    columns = _TABLE.c
    # On the table and not on the class, whose updates of many rows go another way.
    statement = update(_TABLE).where(
        columns.id == bindparam("row", type_=RowId), columns.state == bindparam("source", type_=String())
    )
    if fenced:
        statement = statement.where(columns.fence == bindparam("held", type_=columns.fence.type))
    changed: dict[str, Any] = {name: bindparam(f"new_{name}", type_=columns[name].type) for name in names}
    changed |= {name: columns[name] + 1 for name in raised}
    # What it does is noted here, as a move.
    return statement.values(changed).execution_options(**{journal.NOTED: True})


def _was(session: Session, delivery_id: int, values: Mapping[str, object], actor: str) -> Mapping[str, Any]:
    """Return what a person is about to change of a delivery beside its state, as it is."""
    names = () if actor == ENGINE else [name for name in values if name in _TOLD]
    if not names:
        return {}
    query = select(*(_TABLE.c[name] for name in names)).where(_TABLE.c.id == delivery_id)
    found = session.execute(query).mappings().first()
    return {} if found is None else dict(found)


def _became(was: Mapping[str, Any], values: Mapping[str, object]) -> Mapping[str, Any]:
    return {name: values[name] for name in was}


def _write_event(session: Session, move: journal.Move) -> None:
    session.execute(
        _EVENT,
        {
            "event_from": move.source,
            "event_to": move.target,
            "event_reason": move.reason,
            "event_detail": move.detail,
            "event_actor": move.actor,
            "event_at": move.at,
            "event_delivery": move.delivery_id,
        },
    )
    if move.actor != ENGINE:
        journal.note_moves(session, [move], via="local")
    elif move.target not in _ON_THE_WAY and move.source != move.target:
        journal.note_moves(session, [move])


#: What a person changes of a delivery beside its state, and the audit trail is to tell.
_TOLD = frozenset({
    "due_at", "stop_requested_at", "handed_over_to", "published_at", "remote_id", "remote_url", "withdraw_reason",
    "withdraw_asked_by",
})  # fmt: skip
#: What the engine passes through to get somewhere: no outcome, and of no interest to the audit trail.
_ON_THE_WAY = frozenset({State.SCHEDULED, State.SENDING})


_TABLE = cast("Table", Delivery.__table__)
_EVENTS = insert(cast("Table", DeliveryEvent.__table__))
_EVENT = _EVENTS.from_select(
    ["organization_id", "delivery_id", "from_state", "to_state", "reason", "detail", "actor", "at"],
    select(
        Delivery.organization_id,
        Delivery.id,
        bindparam("event_from", type_=String()),
        bindparam("event_to", type_=String()),
        bindparam("event_reason", type_=String()),
        bindparam("event_detail", type_=String()),
        bindparam("event_actor", type_=String()),
        bindparam("event_at", type_=Instant()),
    ).where(Delivery.id == bindparam("event_delivery", type_=RowId)),
)
