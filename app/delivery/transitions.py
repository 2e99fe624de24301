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
    cancelled, withdrawn: final

Every change is a conditional UPDATE on id, state and fencing token, and writes its event in the same transaction.
Zero rows is a normal answer: somebody else was faster, and the caller does nothing further.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, cast

import structlog
from sqlalchemy import ColumnElement, CursorResult, String, Table, bindparam, insert, select, update
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
        State.WITHDRAW_FAILED: frozenset(),
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
    if target in _TAKING:
        columns["fence"] = Delivery.fence + 1
    if not _update(session, delivery_id, source, fence, when, columns | dict(values)):
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
        "attempts_made": Delivery.attempts_made + 1,
    }
    holds = (Delivery.lease == "dispatch", Delivery.lease_until > at)
    return _update(session, delivery_id, State.SENDING, fence, holds, values)


def _update(
    session: Session,
    delivery_id: int,
    state: str,
    fence: int | None,
    when: Sequence[ColumnElement[bool]],
    values: Mapping[str, Any],
) -> bool:
    statement = update(Delivery).where(Delivery.id == delivery_id, Delivery.state == str(state), *when)
    if fence is not None:
        statement = statement.where(Delivery.fence == fence)
    result = session.execute(statement.values(**values).execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", result).rowcount == 1


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
