"""Reconciling: whether a delivery of unknown outcome is out. It only reads from the network.

When, and how often, is in `looks.py`; nothing can still be on its way then.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import or_, select, union, update
from sqlalchemy.orm import Session

from app.delivery import late, looks, reasons, transitions
from app.delivery.answers import kept_find
from app.delivery.credentials import connection_for
from app.delivery.deps import Deps
from app.delivery.freeze import FrozenPart, as_frozen, last_attempt, parts_of, published_parts
from app.delivery.hold import same_account
from app.delivery.instant import instant
from app.delivery.store import count_out, first_ref, publication, settle_attempts, store_attempt, store_part
from app.errors import StorageUnavailable
from app.models import Account, Attempt, AttemptPart, Delivery, State
from app.platforms.base import Connection, Platform, Sending, Via
from app.platforms.results import CannotTell, FindResult, Found, NotFound, Published

log = structlog.get_logger(__name__)

waiting = looks.waiting


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the network, and the fence under which its answer counts."""

    delivery_id: int
    fence: int
    attempt_id: int
    parts: tuple[FrozenPart, ...]
    since: datetime
    taken: frozenset[str]
    adapter: Platform
    connection: Connection
    same_account: bool

    @property
    def open_part(self) -> FrozenPart | None:
        """The first part that is not known to be out; later ones cannot have been sent."""
        return next((part for part in self.parts if part.ref is None), None)


def reconcile(deps: Deps, delivery_id: int) -> None:
    """Ask the network about one delivery and settle it by the answer.

    One that cannot even be asked about is left to a person, or it would come up again at every tick.
    """
    try:
        _reconcile(deps, delivery_id)
    except StorageUnavailable:
        raise
    except Exception as error:
        log.exception("reconcile_failed", delivery=delivery_id)
        detail = f"The network could not be asked ({type(error).__name__})."
        with deps.database.write() as session:
            delivery = session.get_one(Delivery, delivery_id, with_for_update=True)
            if looks.is_in_doubt(delivery):
                _review(session, delivery, reasons.CANNOT_TELL, detail, instant(session, deps.clock))


def _reconcile(deps: Deps, delivery_id: int) -> None:
    with deps.database.read() as session:
        question = _question(session, deps, delivery_id)
    if question is None:
        return
    answer = _ask(deps, question)
    with deps.database.write() as session:
        delivery = session.get_one(Delivery, delivery_id, with_for_update=True)
        now = instant(session, deps.clock)
        if looks.is_in_doubt(delivery) and delivery.fence == question.fence:
            _settle(session, deps, question, delivery, answer, now)


def _question(session: Session, deps: Deps, delivery_id: int) -> Question | None:
    delivery = session.get_one(Delivery, delivery_id)
    if not looks.is_in_doubt(delivery):
        return None
    attempt = last_attempt(session, delivery.id, delivery.generation)
    if attempt is None:
        raise LookupError(f"delivery {delivery.id} is unknown and has no attempt")
    out = published_parts(session, attempt)
    account = session.get_one(Account, delivery.account_id)
    first = session.scalars(
        select(Attempt.started_at)
        .where(Attempt.delivery_id == delivery.id, Attempt.generation == delivery.generation)
        .order_by(Attempt.id)
        .limit(1)
    ).one()
    return Question(
        delivery_id=delivery.id,
        fence=delivery.fence,
        attempt_id=attempt.id,
        parts=tuple(as_frozen(part, out.get(part.index)) for part in parts_of(session, attempt.id)),
        since=first,
        taken=_taken(session, delivery, first),
        adapter=deps.platforms.adapter(account.platform, Via(account.via)),
        connection=connection_for(account, deps.credentials(account.id)),
        same_account=same_account(attempt, account),
    )


def _taken(session: Session, delivery: Delivery, since: datetime) -> frozenset[str]:
    """Return the remote ids recorded for other deliveries of the account, as far back as a found post may lie."""
    back = since - timedelta(days=1)
    parts = (
        select(AttemptPart.remote_id)
        .join(Attempt, Attempt.id == AttemptPart.attempt_id)
        .join(Delivery, Delivery.id == Attempt.delivery_id)
        .where(Attempt.started_at >= back, AttemptPart.remote_id.is_not(None))
    )
    whole = select(Delivery.remote_id).where(Delivery.published_at >= back, Delivery.remote_id.is_not(None))
    elsewhere = (Delivery.account_id == delivery.account_id, Delivery.id != delivery.id)
    own_parts = (
        select(AttemptPart.remote_id)
        .join(Attempt, Attempt.id == AttemptPart.attempt_id)
        .where(
            Attempt.delivery_id == delivery.id,
            AttemptPart.remote_id.is_not(None),
            or_(Attempt.generation != delivery.generation, AttemptPart.outcome == "published"),
        )
    )
    ids = session.scalars(union(parts.where(*elsewhere), whole.where(*elsewhere), own_parts))
    return frozenset(str(remote_id) for remote_id in ids)


def _ask(deps: Deps, question: Question) -> FindResult | None:
    part = question.open_part
    if part is None:
        return None
    if not question.same_account:
        return CannotTell("The account has been connected as another one since; only the former one's page can tell.")
    refs = [known.ref for known in question.parts if known.ref is not None]
    sending = Sending(part.minted, index=part.index, root=refs[0] if refs else None, parent=refs[-1] if refs else None)
    deadline = deps.clock.monotonic() + deps.options.publish_deadline.total_seconds()
    try:
        answer = question.adapter.find_part(
            sending, question.connection, since=question.since, taken=question.taken, deadline=deadline
        )
        return kept_find(answer, question.taken)
    except StorageUnavailable:
        # Our own database did not give the account's secrets: that says nothing of the network.
        raise
    except Exception as error:
        log.exception("adapter_raised", delivery=question.delivery_id, attempt=question.attempt_id)
        return CannotTell(f"The adapter failed ({type(error).__name__}).")


def _settle(
    session: Session, deps: Deps, question: Question, delivery: Delivery, answer: FindResult | None, now: datetime
) -> None:
    part = question.open_part
    if isinstance(answer, CannotTell) and answer.later:
        enough = looks.put_off(session, deps, delivery, answer, now)
        if enough is not None:
            _review(session, delivery, reasons.CANNOT_TELL, enough, now)
        return
    # Should it come into doubt again, it is a new doubt.
    counted = update(Delivery).where(Delivery.id == delivery.id).values(looks_made=0, look_at=None)
    session.execute(counted.execution_options(synchronize_session=False))
    if isinstance(answer, CannotTell):
        _review(session, delivery, reasons.CANNOT_TELL, answer.reason, now)
    elif isinstance(answer, NotFound):
        _not_found(session, deps, question, delivery, now)
    else:
        if isinstance(answer, Found) and part is not None:
            store_part(session, part.row_id, Published(answer.ref, answer.created_at), now)
            count_out(session, delivery.id, delivery.generation, part.index + 1)
        seen = answer.created_at if isinstance(answer, Found) else None
        _found(session, deps, question, delivery, seen, now)


def _found(
    session: Session, deps: Deps, question: Question, delivery: Delivery, created_at: datetime | None, now: datetime
) -> None:
    session.refresh(delivery)
    ref = question.parts[0].ref or first_ref(session, question.attempt_id)
    if delivery.parts_out < len(question.parts):
        settle_attempts(session, delivery.id, delivery.generation, now)
        _not_sent(session, delivery, now, f"{delivery.parts_out} of {len(question.parts)} parts are out.")
        return
    if ref is not None:
        store_attempt(session, question.attempt_id, Published(ref), now)
    transitions.move(
        session,
        delivery.id,
        delivery.state,
        State.PUBLISHED,
        at=now,
        reason=reasons.FOUND,
        fence=delivery.fence,
        # When the network says that it took it, which was before anybody asked.
        values=publication(ref, min(max(created_at or now, question.since), now), deps.options.first_read_back(now)),
    )


def _not_found(session: Session, deps: Deps, question: Question, delivery: Delivery, now: datetime) -> None:
    attempt = session.get_one(Attempt, question.attempt_id)
    if attempt.outcome == "permanent":
        detail = "The network says that it has this text already, but the post was not found."
        _review(session, delivery, reasons.CANNOT_TELL, detail, now)
        return
    settle_attempts(session, delivery.id, delivery.generation, now)
    if delivery.attempts_made >= deps.options.attempts_budget and delivery.stop_requested_at is None:
        _review(session, delivery, reasons.RETRY_EXHAUSTED, "Several attempts gave no answer; none is out.", now)
    else:
        _not_sent(session, delivery, now, "The network has no such post.")


def _not_sent(session: Session, delivery: Delivery, now: datetime, detail: str) -> None:
    """Send back in line what is proved not to be out; the gate judges it anew, its window first of all."""
    if delivery.state == State.UNKNOWN:
        late.not_sent(session, delivery, now, detail=detail)
        return
    stopped = delivery.stop_requested_at is not None
    if stopped and delivery.parts_out:
        _review(session, delivery, reasons.THREAD_UNFINISHED, f"A stop was asked. {detail}", now)
        return
    state, reason = (State.CANCELLED, reasons.STOPPED) if stopped else (State.SCHEDULED, reasons.PROVED_NOT_SENT)
    back: dict[str, object] = {} if stopped else {"ready_at": now}
    fence = delivery.fence
    transitions.move(
        session, delivery.id, delivery.state, state, at=now, reason=reason, detail=detail, fence=fence, values=back
    )


def _review(session: Session, delivery: Delivery, reason: str, detail: str, now: datetime) -> None:
    if delivery.parts_out:
        detail = f"{delivery.parts_out} parts are out. {detail}"
    if delivery.state == State.UNKNOWN:
        transitions.move(
            session,
            delivery.id,
            State.UNKNOWN,
            State.NEEDS_REVIEW,
            at=now,
            reason=reason,
            detail=detail,
            fence=delivery.fence,
            values={"look_at": None},
        )
        return
    said: dict[str, object] = {"look_at": None, "state_reason": reason, "state_detail": detail}
    fence = delivery.fence
    transitions.adjust(
        session, delivery.id, delivery.state, at=now, reason=reason, detail=detail, fence=fence, values=said
    )
