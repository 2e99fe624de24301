"""What a person says of a delivery that only a person can settle: posted by hand, or in doubt."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from sqlalchemy.orm import Session

from app.delivery import reasons
from app.delivery.commands import back_in_line, lock, must_move
from app.delivery.freeze import last_attempt
from app.delivery.store import first_ref, publication, settle_attempts
from app.errors import InvalidInput, StateRefused
from app.models import Delivery, State

_LONGEST_LINK = 1000
_NOTHING: Mapping[str, object] = MappingProxyType({})


def confirm_posted(session: Session, delivery_id: int, *, link: str, now: datetime, actor: str) -> None:
    """Record that a person posted what was handed over, and where it stands.

    Raises:
        InvalidInput: The link is no address.
        StateRefused: It was not handed over, or was missed meanwhile.
    """
    delivery = lock(session, delivery_id)
    if delivery.state != State.HANDED_OVER:
        raise StateRefused(
            f"This delivery is {delivery.state}; only one that was handed over can be confirmed.",
            hint="Look at its history for what happened meanwhile.",
        )
    _publish(session, delivery, link=link, now=now, actor=actor, reason=reasons.CONFIRMED)


def resolve_went_out(session: Session, delivery_id: int, *, link: str | None, now: datetime, actor: str) -> None:
    """A person looked: it went out, or a thread is finished as it stands; `link` may be left out for a thread.

    Raises:
        InvalidInput: The link is no address, or is missing.
        StateRefused: It does not wait for review.
    """
    delivery = _review(session, delivery_id)
    if link is None and delivery.parts_out:
        attempt = last_attempt(session, delivery.id, delivery.generation)
        ref = None if attempt is None else first_ref(session, attempt.id)
        values = publication(ref, now)
        must_move(session, delivery, State.PUBLISHED, now=now, actor=actor, reason=reasons.FINISHED, values=values)
    else:
        _publish(session, delivery, link=link, now=now, actor=actor, reason=reasons.WENT_OUT)


def resolve_send_again(session: Session, delivery_id: int, *, now: datetime, actor: str) -> None:
    """A person looked: nothing is out. It is sent again now, as a new generation.

    Raises:
        StateRefused: It does not wait for review, or parts of it are out.
    """
    delivery = _review(session, delivery_id)
    if delivery.parts_out:
        raise StateRefused(
            f"{delivery.parts_out} parts of this thread are out.", hint="Send the rest, or finish it as it is."
        )
    _again(
        session,
        delivery,
        now=now,
        actor=actor,
        reason=reasons.SEND_AGAIN,
        values={"generation": delivery.generation + 1},
    )


def resolve_send_rest(session: Session, delivery_id: int, *, now: datetime, actor: str) -> None:
    """Send the rest of a thread, from what its attempt froze.

    Raises:
        StateRefused: It does not wait for review, or no part of it is out.
    """
    delivery = _review(session, delivery_id)
    if not delivery.parts_out:
        raise StateRefused("No part of it is out, so there is no rest.", hint="Send it again, or cancel it.")
    # The person looked, so no attempt's answer is open any more.
    settle_attempts(session, delivery.id, delivery.generation, now)
    _again(session, delivery, now=now, actor=actor, reason=reasons.SEND_REST)


def _review(session: Session, delivery_id: int) -> Delivery:
    delivery = lock(session, delivery_id)
    if delivery.state != State.NEEDS_REVIEW:
        raise StateRefused(
            f"This delivery is {delivery.state}; only one that needs review can be settled by hand.",
            hint="Look at its history for what happened meanwhile.",
        )
    return delivery


def _again(
    session: Session,
    delivery: Delivery,
    *,
    now: datetime,
    actor: str,
    reason: str,
    values: Mapping[str, object] = _NOTHING,
) -> None:
    back_in_line(
        session,
        delivery,
        now=now,
        actor=actor,
        reason=reason,
        allowed=frozenset({State.NEEDS_REVIEW}),
        values={"due_at": now, "ready_at": now, "attempts_made": 0, "stop_requested_at": None, **values},
    )


def _publish(session: Session, delivery: Delivery, *, link: str | None, now: datetime, actor: str, reason: str) -> None:
    if link is None or not link.startswith(("https://", "http://")) or len(link) > _LONGEST_LINK:
        raise InvalidInput("The post's address is needed.", hint="Copy it from the browser; it begins with https://.")
    must_move(
        session,
        delivery,
        State.PUBLISHED,
        now=now,
        actor=actor,
        reason=reason,
        detail=link,
        values={"published_at": now, "remote_url": link},
    )
