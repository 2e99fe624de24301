"""The delivery's states: one table of what may follow what, and the only functions that change a state.

    scheduled    -> sending | held | missed | blocked | cancelled | published (late proof) | handed_over (by hand)
    sending      -> published | scheduled | held | missed | blocked | failed | unknown | needs_review | cancelled
    unknown      -> published | scheduled (proved not sent) | needs_review | cancelled (stop asked, proved not sent)
    needs_review -> published | scheduled | cancelled        a person decides; late proof may publish
    held         -> scheduled | missed | blocked | cancelled
    blocked      -> scheduled | missed | cancelled
    failed       -> scheduled | needs_review | cancelled
    missed       -> scheduled | cancelled
    handed_over  -> published | missed | cancelled
    published    -> withdrawing -> withdrawn | withdraw_failed
    withdraw_failed -> withdrawing (tried again) | withdrawn (a person says that it is gone)
    cancelled, withdrawn: final

Every change is a conditional UPDATE on id, state and fencing token, and writes its event in the same transaction.
Zero rows is a normal answer: somebody else was faster, and the caller does nothing further.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, cast

import structlog
from sqlalchemy import ColumnElement, CursorResult, String, Table, Update, bindparam, insert, select, update
from sqlalchemy.orm import Session

from app.db import Instant, RowId
from app.errors import StateRefused
from app.models import Delivery, DeliveryEvent, State

log = structlog.get_logger(__name__)

ENGINE = "engine"

ALLOWED: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.SCHEDULED: frozenset(
            {
                State.SENDING,
                State.HELD,
                State.MISSED,
                State.BLOCKED,
                State.CANCELLED,
                State.PUBLISHED,
                State.HANDED_OVER,
            }
        ),
        State.SENDING: frozenset(
            {
                State.PUBLISHED,
                State.SCHEDULED,
                State.HELD,
                State.MISSED,
                State.BLOCKED,
                State.FAILED,
                State.UNKNOWN,
                State.NEEDS_REVIEW,
                State.CANCELLED,
            }
        ),
        State.UNKNOWN: frozenset({State.PUBLISHED, State.SCHEDULED, State.NEEDS_REVIEW, State.CANCELLED}),
        State.NEEDS_REVIEW: frozenset({State.PUBLISHED, State.SCHEDULED, State.CANCELLED}),
        State.HELD: frozenset({State.SCHEDULED, State.MISSED, State.BLOCKED, State.CANCELLED}),
        State.BLOCKED: frozenset({State.SCHEDULED, State.MISSED, State.CANCELLED}),
        State.FAILED: frozenset({State.SCHEDULED, State.NEEDS_REVIEW, State.CANCELLED}),
        State.MISSED: frozenset({State.SCHEDULED, State.CANCELLED}),
        State.HANDED_OVER: frozenset({State.PUBLISHED, State.MISSED, State.CANCELLED}),
        State.PUBLISHED: frozenset({State.WITHDRAWING}),
        State.WITHDRAWING: frozenset({State.WITHDRAWN, State.WITHDRAW_FAILED}),
        State.WITHDRAW_FAILED: frozenset({State.WITHDRAWING, State.WITHDRAWN}),
        State.WITHDRAWN: frozenset(),
        State.CANCELLED: frozenset(),
    }
)

FINAL = frozenset({State.CANCELLED, State.WITHDRAWN})

#: States in which somebody works on the delivery: entering one raises its fencing token.
_TAKING = frozenset({State.SENDING, State.HANDED_OVER})


def check_table(table: Mapping[State, frozenset[State]]) -> None:
    """Refuse a table that names no row for a state, leaves a final state or has one that nothing leads to.

    Raises:
        ValueError: What is wrong with it.
    """
    if missing := set(State) - set(table):
        raise ValueError(f"states without a row: {sorted(missing)}")
    if leaving := [state for state in FINAL if table[state]]:
        raise ValueError(f"final states that something follows: {sorted(leaving)}")
    reached, edge = {State.SCHEDULED}, [State.SCHEDULED]
    while edge:
        new = table[edge.pop()] - reached
        reached |= new
        edge.extend(new)
    if lost := set(State) - reached:
        raise ValueError(f"states that nothing leads to: {sorted(lost)}")


check_table(ALLOWED)


def allowed(source: str, target: State) -> bool:
    """Whether `target` may follow `source`."""
    return target in ALLOWED[State(source)]


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
    columns: dict[str, Any] = {"state": target.value, "state_reason": reason, "state_detail": detail, "state_since": at}
    if target is not State.SENDING:
        columns |= {"lease": None, "lease_until": None}
    raised = ("fence",) if target in _TAKING else ()
    if not _update(session, delivery_id, source, fence, when, columns | dict(values), raised):
        return False
    _write_event(session, delivery_id, source, target, at=at, reason=reason, detail=detail, actor=actor)
    log.info("delivery_moved", delivery=delivery_id, source=str(source), target=target.value, reason=reason)
    return True


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


def start_send_lease(
    session: Session, delivery_id: int, *, fence: int, at: datetime, until: datetime, generation: int
) -> bool:
    """Turn a dispatch lease that still holds into a send lease and count the attempt.

    Returns:
        False if the lease is over or another claim was made.
    """
    values = {
        "lease": "send",
        "lease_until": until,
        "generation": generation,
    }
    holds = (Delivery.lease == "dispatch", Delivery.lease_until > at)
    return _update(session, delivery_id, State.SENDING, fence, holds, values, ("attempts_made",))


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
    statement = update(Delivery).where(
        columns.id == bindparam("row", type_=RowId), columns.state == bindparam("source", type_=String())
    )
    if fenced:
        statement = statement.where(columns.fence == bindparam("held", type_=columns.fence.type))
    changed: dict[str, Any] = {name: bindparam(f"new_{name}", type_=columns[name].type) for name in names}
    changed |= {name: columns[name] + 1 for name in raised}
    return statement.values(changed).execution_options(synchronize_session=False)


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


_TABLE = cast("Table", Delivery.__table__)

# On the table and not on the class, which would make a bulk insert of the parameters.
_EVENT = insert(cast("Table", DeliveryEvent.__table__)).from_select(
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
