"""Late proof: an answer that arrives after the delivery has moved on.

Proof that a post is out publishes the delivery wherever it stands; proof that nothing was sent ends an `unknown`.
Where a second send has begun, both are kept and an operator is told.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.delivery import reasons, transitions, withdraw
from app.delivery.states import allowed
from app.delivery.store import publication, said
from app.models import Attempt, AttemptPart, Delivery, State
from app.platforms.results import AuthNeeded, Permanent, Published, PublishResult, RemoteRef, Retryable

log = structlog.get_logger(__name__)

_BACK_IN_LINE = frozenset({State.HELD, State.BLOCKED, State.FAILED, State.MISSED})
_OUT = frozenset({State.PUBLISHED, State.WITHDRAWING, State.WITHDRAWN, State.WITHDRAW_FAILED})


def settle(
    session: Session,
    delivery: Delivery,
    token: int,
    result: PublishResult,
    ref: RemoteRef | None,
    now: datetime,
    read_back_at: datetime | None = None,
) -> None:
    """Apply what an attempt with an older `token`, or one whose lease ran out, says of its (locked) delivery."""
    if isinstance(result, Published):
        published(session, delivery, ref, now, read_back_at)
    elif (
        isinstance(result, Retryable | Permanent | AuthNeeded)
        and delivery.state == State.UNKNOWN
        and delivery.fence == token
        # "We have that already" proves nothing either way: the network is asked.
        and not (isinstance(result, Permanent) and result.duplicate)
    ):
        retry_at = result.retry_at if isinstance(result, Retryable) else None
        not_sent(session, delivery, now, detail=said(result), ready_at=retry_at)


def published(
    session: Session, delivery: Delivery, ref: RemoteRef | None, now: datetime, read_back_at: datetime | None = None
) -> None:
    """Take proof that a delivery is out, in whatever state it stands."""
    state = State(delivery.state)
    columns = publication(ref, now, read_back_at)
    if state in _BACK_IN_LINE:
        # The table knows no way from here to `published` but through `scheduled`.
        transitions.move(session, delivery.id, state, State.SCHEDULED, at=now, reason=reasons.LATE_PROOF)
        state = State.SCHEDULED
    if state is State.SENDING and delivery.lease == "send":
        _tell(session, delivery, reasons.SECOND_SEND, "An earlier attempt went out while this one is sent.", ref, now)
    elif allowed(state, State.PUBLISHED):
        transitions.move(
            session, delivery.id, state, State.PUBLISHED, at=now, reason=reasons.LATE_PROOF, detail=None, values=columns
        )
    elif state in _OUT:
        if ref is not None and delivery.remote_id is None and delivery.remote_url in {None, ref.url}:
            # A person said that it went out and gave its address; now its id is known, too.
            ours: dict[str, object] = {"remote_id": ref.remote_id, "remote_url": ref.url or delivery.remote_url}
            transitions.adjust(session, delivery.id, state, at=now, reason=reasons.LATE_PROOF, values=ours)
            withdraw.late_part(session, delivery, now)
        elif ref is not None and ref.remote_id != delivery.remote_id and not withdraw.late_part(session, delivery, now):
            _tell(session, delivery, reasons.SECOND_SEND, "An earlier attempt went out, too.", ref, now)
    else:
        _tell(session, delivery, reasons.AFTER_CANCEL, "It went out all the same.", ref, now)


def part_published(
    session: Session, delivery: Delivery, generation: int, token: int, ref: RemoteRef, now: datetime
) -> None:
    """Take proof that a part of a thread is out, when its worker holds the (locked) delivery no longer.

    The part is stored and counted already. What was given up meanwhile goes back in line to be finished, or, where
    its window has passed, to be settled by a person; what cannot is told.
    """
    state = State(delivery.state)
    if delivery.fence == token and state in {State.SENDING, State.UNKNOWN}:
        return
    if state is State.CANCELLED:
        _tell(session, delivery, reasons.AFTER_CANCEL, "A part of it went out all the same.", ref, now)
    elif state in _OUT:
        if not _known_elsewhere(session, delivery.id, ref) and not withdraw.late_part(session, delivery, now):
            # What is being withdrawn is taken back whole; what was withdrawn already, or stands, is told.
            _tell(session, delivery, reasons.SECOND_SEND, "A part of an earlier attempt went out, too.", ref, now)
    elif delivery.generation != generation or (state is State.SENDING and delivery.lease == "send"):
        _tell(session, delivery, reasons.SECOND_SEND, "A part of an earlier attempt went out.", ref, now)
    elif state in _BACK_IN_LINE:
        back: dict[str, object] = {"ready_at": now}
        transitions.move(session, delivery.id, state, State.SCHEDULED, at=now, reason=reasons.LATE_PROOF, values=back)


def earlier_proof(session: Session, delivery_id: int) -> int | None:
    """Return the attempt of a delivery that is known to be out, if any."""
    query = select(Attempt.id).where(Attempt.delivery_id == delivery_id, Attempt.outcome == "published")
    return session.scalars(query.order_by(Attempt.id).limit(1)).first()


def not_sent(
    session: Session, delivery: Delivery, now: datetime, *, detail: str, ready_at: datetime | None = None
) -> bool:
    """Take proof that the open part of an `unknown` delivery is not out.

    Returns:
        Whether the delivery was still `unknown` under the fence that it was read with.
    """
    stop = delivery.stop_requested_at is not None
    out = delivery.parts_out
    values: dict[str, object] = {}
    if stop and not out:
        state, reason = State.CANCELLED, reasons.STOPPED
    elif stop:
        state, reason = State.NEEDS_REVIEW, reasons.THREAD_UNFINISHED
        detail = f"{out} parts are out; a stop was asked. {detail}"
    else:
        state, reason = State.SCHEDULED, reasons.PROVED_NOT_SENT
        values["ready_at"] = max(now, ready_at or now)
    return transitions.move(
        session,
        delivery.id,
        State.UNKNOWN,
        state,
        at=now,
        reason=reason,
        detail=detail,
        fence=delivery.fence,
        values=values,
    )


def was_unknown(session: Session, delivery_id: int) -> bool:
    """Whether some attempt of this delivery ended without an answer."""
    query = select(Attempt.id).where(Attempt.delivery_id == delivery_id, Attempt.outcome.in_(("unknown", "not_sent")))
    return session.scalars(query.limit(1)).first() is not None


def _known_elsewhere(session: Session, delivery_id: int, ref: RemoteRef) -> bool:
    """Whether two attempts of a delivery know the same post: the network took the second for the first."""
    query = (
        select(func.count(AttemptPart.id))
        .join(Attempt, Attempt.id == AttemptPart.attempt_id)
        .where(Attempt.delivery_id == delivery_id, AttemptPart.remote_id == ref.remote_id)
    )
    return session.execute(query).scalar_one() > 1


def _tell(session: Session, delivery: Delivery, reason: str, detail: str, ref: RemoteRef | None, now: datetime) -> None:
    where = "" if ref is None else f" {ref.url or ref.remote_id}"
    transitions.adjust(session, delivery.id, delivery.state, at=now, reason=reason, detail=detail + where)
    log.error("delivery_out_twice", delivery=delivery.id, reason=reason)
