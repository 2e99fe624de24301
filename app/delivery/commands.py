"""What a person may do to a delivery. Services call these inside their unit of work; nothing commits here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.orm import Session

from app.delivery import reasons, transitions
from app.delivery.states import allowed
from app.errors import InvalidInput, NotFound, StateRefused
from app.models import Account, Attempt, Delivery, DeliveryEvent, State

#: From where a person may bring a delivery back in line. `held` is left by reconnecting its account.
_RETRYABLE = frozenset({State.FAILED, State.MISSED, State.BLOCKED, State.HELD})
_RETIMED = frozenset({State.SCHEDULED, State.HELD})
_STOPPED_IN_FLIGHT = frozenset({State.SENDING, State.UNKNOWN})


def cancel(session: Session, delivery_id: int, *, now: datetime, actor: str, reason: str = reasons.CANCELLED) -> State:
    """Cancel a delivery, or ask for a stop where it is being sent or its outcome is unknown.

    Returns:
        The state that it stands in now; `sending` and `unknown` mean that the stop is asked for.

    Raises:
        StateRefused: It is out already, partly out, or has come to its end.
    """
    delivery = lock(session, delivery_id)
    state = State(delivery.state)
    if state is State.CANCELLED:
        raise StateRefused("This delivery is cancelled already.", hint="There is nothing more to do.")
    if state in _STOPPED_IN_FLIGHT or (state is State.SCHEDULED and delivery.parts_out):
        _stop(session, delivery, now=now, actor=actor)
        return state
    if delivery.parts_out and allowed(state, State.CANCELLED):
        raise StateRefused(
            f"{delivery.parts_out} parts of this thread are out, so it cannot be cancelled.",
            hint="Send the rest, or finish it as it is.",
        )
    must_move(session, delivery, State.CANCELLED, now=now, actor=actor, reason=reason)
    return State.CANCELLED


def reschedule(
    session: Session,
    delivery_id: int,
    *,
    due_at: datetime,
    now: datetime,
    actor: str,
    reason: str = reasons.RESCHEDULED,
) -> State:
    """Give a delivery that has not gone out a new time (aware); its window counts from there.

    Returns:
        The state it stands in now: `scheduled`, or `held` as long as its account is not connected.

    Raises:
        InvalidInput: The time is past.
        StateRefused: Its state does not allow it.
    """
    if due_at < now:
        raise InvalidInput("A delivery cannot be moved into the past.", hint="Choose a time from now on.")
    delivery = lock(session, delivery_id)
    state = State(delivery.state)
    if delivery.parts_out:
        raise StateRefused("A thread that has begun cannot be moved.", hint="It goes on as soon as it can.")
    values = {"due_at": due_at, "ready_at": due_at, "attempts_made": 0, "stop_requested_at": None}
    if state in _RETIMED:
        must_have_changed(
            transitions.adjust(
                session, delivery.id, state, at=now, reason=reason, actor=actor, fence=delivery.fence, values=values
            )
        )
        return state
    back_in_line(session, delivery, now=now, actor=actor, reason=reason, allowed=_RETRYABLE, values=values)
    return State.SCHEDULED


def send_now(session: Session, delivery_id: int, *, now: datetime, actor: str) -> State:
    """Make a delivery due now, with a window of its own. Returns and raises as `reschedule` does."""
    return reschedule(session, delivery_id, due_at=now, now=now, actor=actor, reason=reasons.SENT_NOW)


def retry(session: Session, delivery_id: int, *, now: datetime, actor: str) -> State:
    """Try a delivery again that failed, was missed, blocked or held; its window counts from now if its time is past.

    Raises:
        StateRefused: It is in no such state, or its account is not connected.
    """
    delivery = lock(session, delivery_id)
    if delivery.state == State.HELD:
        account = session.get_one(Account, delivery.account_id)
        if account.state != "connected":
            raise StateRefused(
                f"{account.name or account.slug} is not connected, so nothing can be sent there.",
                hint="Reconnect the account; what is still in time then goes out by itself.",
            )
    at = max(delivery.due_at, now)
    back_in_line(
        session,
        delivery,
        now=now,
        actor=actor,
        reason=reasons.RETRIED,
        allowed=_RETRYABLE,
        values={"due_at": at, "ready_at": at, "attempts_made": 0, "stop_requested_at": None},
    )
    return State.SCHEDULED


def move_delivery(session: Session, delivery_id: int, *, due_at: datetime, now: datetime, actor: str) -> bool:
    """Move a delivery that a re-plan moves: only a scheduled one that was never attempted.

    Returns:
        Whether it moved.
    """
    return transitions.adjust(
        session,
        delivery_id,
        State.SCHEDULED,
        at=now,
        reason=reasons.REPLANNED,
        actor=actor,
        when=(~_attempted(),),
        values={"due_at": due_at, "ready_at": due_at},
    )


def remove_planned(session: Session, delivery_id: int) -> bool:
    """Delete a delivery that a re-plan no longer wants: only a scheduled one that was never attempted.

    Returns:
        Whether it is gone.
    """
    query = select(Delivery.id).where(
        Delivery.id == delivery_id, Delivery.state == State.SCHEDULED.value, ~_attempted()
    )
    if session.scalars(query.with_for_update()).first() is None:
        return False
    session.execute(delete(DeliveryEvent).where(DeliveryEvent.delivery_id == delivery_id))
    session.execute(delete(Delivery).where(Delivery.id == delivery_id))
    return True


def _attempted() -> ColumnElement[bool]:
    return exists(select(Attempt.id).where(Attempt.delivery_id == Delivery.id).correlate(Delivery))


def lock(session: Session, delivery_id: int) -> Delivery:
    """Read and lock a delivery.

    Raises:
        NotFound: There is none.
    """
    delivery = session.scalars(
        select(Delivery).where(Delivery.id == delivery_id).with_for_update(key_share=True),
        execution_options={"populate_existing": True},
    ).first()
    if delivery is None:
        raise NotFound("There is no such delivery.", hint="Look it up in the campaign's list of deliveries.")
    return delivery


def _stop(session: Session, delivery: Delivery, *, now: datetime, actor: str) -> None:
    if delivery.stop_requested_at is not None:
        return
    changed = transitions.adjust(
        session,
        delivery.id,
        delivery.state,
        at=now,
        reason=reasons.STOP_ASKED,
        actor=actor,
        fence=delivery.fence,
        values={"stop_requested_at": now},
    )
    must_have_changed(changed)


def back_in_line(
    session: Session,
    delivery: Delivery,
    *,
    now: datetime,
    actor: str,
    reason: str,
    allowed: frozenset[State],
    values: Mapping[str, object],
) -> None:
    """Schedule a (locked) delivery again if it stands in one of the `allowed` states.

    Raises:
        StateRefused: It does not.
    """
    if State(delivery.state) not in allowed:
        raise StateRefused(
            f"A delivery that is {delivery.state} cannot be sent again.",
            hint="Look at its history for what happened meanwhile.",
        )
    must_move(session, delivery, State.SCHEDULED, now=now, actor=actor, reason=reason, values=values)


def must_move(
    session: Session,
    delivery: Delivery,
    target: State,
    *,
    now: datetime,
    actor: str,
    reason: str,
    detail: str | None = None,
    values: Mapping[str, object] = MappingProxyType({}),
) -> None:
    """Move a (locked) delivery from the state and the fence that it was read with.

    Raises:
        StateRefused: It has moved on.
    """
    moved = transitions.move(
        session,
        delivery.id,
        delivery.state,
        target,
        at=now,
        reason=reason,
        detail=detail,
        actor=actor,
        fence=delivery.fence,
        values=values,
    )
    must_have_changed(moved)


def must_have_changed(changed: bool) -> None:
    """Refuse where a change found its row moved on.

    Raises:
        StateRefused: It has.
    """
    if not changed:
        raise StateRefused("The delivery has changed meanwhile.", hint="Look at it again, then decide.")
