"""What a person says of taking a delivery back: asked for, gone, not to be deleted, tried again.

Services call these inside their unit of work; nothing commits here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from sqlalchemy.orm import Session

from app.delivery import reasons, review, transitions
from app.delivery.commands import lock, must_have_changed, must_move
from app.delivery.public import mark, public_parts
from app.delivery.withdraw_words import by_hand_words, left_words
from app.errors import InvalidInput, StateRefused
from app.models import Account, Delivery, State
from app.platforms.base import Via

_HISTORY = "Look at its history for what happened meanwhile."
_HINTS: Mapping[State, str] = MappingProxyType(
    {
        State.WITHDRAWING: "It is being taken back already.",
        State.WITHDRAWN: "It is gone already.",
        State.SENDING: "Ask again in a minute, when it is known to be out.",
        State.UNKNOWN: "Whether it is out is being asked; ask again when that is settled.",
        State.NEEDS_REVIEW: "Say first whether it went out, and where; then withdraw it.",
        State.SCHEDULED: "Cancel it. Where parts of it are out, it then waits for review, and can be withdrawn.",
        State.HANDED_OVER: "Tell its person not to post it and cancel it; or confirm that it is out, then withdraw it.",
    }
)


def ask(session: Session, delivery_id: int, *, reason: str, now: datetime, actor: str) -> None:
    """Have a published delivery taken back: by the engine, or by a person where the network has no call for it.

    A thread that waits for review with parts out is finished as it stands and taken back in one.

    Raises:
        InvalidInput: No reason is given.
        StateRefused: It is not out, or taken back already.
    """
    if not reason.strip():
        raise InvalidInput("A withdrawal needs a reason.", hint="Say in a few words what is wrong with the post.")
    delivery = lock(session, delivery_id)
    if delivery.state == State.NEEDS_REVIEW and delivery.parts_out:
        review.resolve_went_out(session, delivery_id, link=None, now=now, actor=actor)
        delivery = lock(session, delivery_id)
    state = State(delivery.state)
    if state not in {State.PUBLISHED, State.WITHDRAW_FAILED}:
        raise StateRefused(
            f"This delivery is {state}; only one that is out can be withdrawn.", hint=_HINTS.get(state, _HISTORY)
        )
    asked = {"withdraw_reason": reason.strip(), "withdraw_asked_by": actor, "withdraw_asked_at": now}
    _begin(session, delivery, now=now, actor=actor, detail=reason.strip(), values=asked)


def again(session: Session, delivery_id: int, *, now: datetime, actor: str) -> None:
    """Try once more to take a delivery back that could not be; its reason stays.

    Raises:
        StateRefused: It is in no such state.
    """
    delivery = lock(session, delivery_id)
    if delivery.state != State.WITHDRAW_FAILED:
        raise StateRefused(
            f"This delivery is {delivery.state}; only one that could not be withdrawn is tried again.",
            hint=_HINTS.get(State(delivery.state), _HISTORY),
        )
    _begin(session, delivery, now=now, actor=actor, detail=delivery.withdraw_reason)


def gone(session: Session, delivery_id: int, *, now: datetime, actor: str) -> None:
    """A person says that all of it is deleted.

    Raises:
        StateRefused: Nobody asked for it by hand, or Focusweek is still at it itself.
    """
    delivery = _in_a_persons_hands(session, delivery_id)
    left = [part.ref.remote_id for part in public_parts(session, delivery.id)]
    mark(session, delivery.id, left, at=now, code="by_hand", detail="A person says that it is gone.")
    done: dict[str, object] = {"withdrawn_at": now}
    reason = reasons.WITHDRAWN_BY_HAND
    must_move(session, delivery, State.WITHDRAWN, now=now, actor=actor, reason=reason, values=done)


def cannot_be_deleted(session: Session, delivery_id: int, *, why: str, now: datetime, actor: str) -> None:
    """A person says that it stays, and why.

    Raises:
        InvalidInput: Nothing is said.
        StateRefused: Nobody asked for it by hand, or Focusweek is still at it itself.
    """
    if not why.strip():
        raise InvalidInput("Say why it cannot be deleted.", hint="The words stay with the delivery.")
    delivery = _in_a_persons_hands(session, delivery_id)
    detail = f"{why.strip().rstrip('.')}. {left_words(delivery, public_parts(session, delivery.id))}"
    if delivery.state == State.WITHDRAW_FAILED:
        values: dict[str, object] = {"state_reason": reasons.WITHDRAW_REFUSED, "state_detail": detail}
        changed = transitions.adjust(
            session, delivery.id, delivery.state, at=now, reason=reasons.WITHDRAW_REFUSED, detail=detail, actor=actor,
            fence=delivery.fence, values=values,
        )  # fmt: skip
        must_have_changed(changed)
        return
    reason = reasons.WITHDRAW_REFUSED
    must_move(session, delivery, State.WITHDRAW_FAILED, now=now, actor=actor, reason=reason, detail=detail)


def _in_a_persons_hands(session: Session, delivery_id: int) -> Delivery:
    delivery = lock(session, delivery_id)
    if delivery.state == State.WITHDRAWING and delivery.withdraw_at is not None:
        raise StateRefused(
            "Focusweek is taking this delivery back itself.", hint="Wait for what becomes of it, then look again."
        )
    if delivery.state not in {State.WITHDRAWING, State.WITHDRAW_FAILED}:
        raise StateRefused(f"This delivery is {delivery.state}; it is not being withdrawn.", hint=_HISTORY)
    return delivery


def _begin(
    session: Session,
    delivery: Delivery,
    *,
    now: datetime,
    actor: str,
    detail: str | None,
    values: Mapping[str, object] = MappingProxyType({}),
) -> None:
    account = session.get_one(Account, delivery.account_id)
    parts = public_parts(session, delivery.id)
    by_engine = account.via != Via.BY_HAND and bool(parts)
    columns: dict[str, object] = {
        **values,
        "withdraw_at": now if by_engine else None,
        "withdraw_lease_until": None,
        "withdrawals_made": 0,
        "read_back_at": None,
    }
    must_move(
        session,
        delivery,
        State.WITHDRAWING,
        now=now,
        actor=actor,
        reason=reasons.WITHDRAW_ASKED,
        detail=detail,
        values=columns,
    )
    if by_engine:
        return
    words = by_hand_words(account, delivery, parts)
    told: dict[str, object] = {"state_reason": reasons.WITHDRAW_BY_HAND, "state_detail": words}
    must_have_changed(
        transitions.adjust(
            session,
            delivery.id,
            State.WITHDRAWING,
            at=now,
            reason=reasons.WITHDRAW_BY_HAND,
            detail=words,
            fence=delivery.fence,
            values=told,
        )
    )
