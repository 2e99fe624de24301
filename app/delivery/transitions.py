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
    if not _update(session, delivery_id, source, fence, when, columns | dict(values), _raised(target)):
        return False
    _write_event(session, delivery_id, source, target, at=at, reason=reason, detail=detail, actor=actor)
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
        _note(session, [(step.delivery_id, step.detail) for step in steps], source, target, reason, ENGINE, at)
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
    if not _update(session, delivery_id, state, fence, when, values or {"state": str(state)}):
        return False
    _write_event(session, delivery_id, state, State(state), at=at, reason=reason, detail=detail, actor=actor)
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
    return statement.values(changed)


def _write_event(
    session: Session,
    delivery_id: int,
    source: str,
    target: State,
    *,
    at: datetime,
    reason: str | None,
    detail: str | None,
    actor: str,
) -> None:
    values = {"event_from": str(source), "event_to": target.value, "event_reason": reason, "event_detail": detail}
    session.execute(_EVENT, values | {"event_actor": actor, "event_at": at, "event_delivery": delivery_id})
    if actor != ENGINE or (target not in _ON_THE_WAY and str(source) != target.value):
        _note(session, [(delivery_id, detail)], source, target, reason, actor, at)


def _note(
    session: Session,
    moved: Sequence[tuple[int, str | None]],
    source: str,
    target: State,
    reason: str | None,
    actor: str,
    at: datetime,
) -> None:
    moves = [journal.Move(row, str(source), target.value, reason, detail, actor, at) for row, detail in moved]
    journal.note_moves(session, moves, via="engine" if actor == ENGINE else "local")


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
