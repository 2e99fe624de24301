"""By hand: a person posts what was composed and gated as usual, and says so; a reminder, then `missed`, if not."""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.delivery import gate, reasons, transitions
from app.delivery.answers import words
from app.delivery.attempt import reach
from app.delivery.deps import Composed, Deps
from app.delivery.freeze import Written, digest_of, insert_attempts, last_attempt, mint_all
from app.delivery.instant import instant
from app.delivery.pauses import paused, pauses_on
from app.delivery.publish import Budget
from app.delivery.window import by_hand_window, waited
from app.errors import StorageUnavailable
from app.models import Account, Attempt, Campaign, Delivery, State
from app.platforms.base import Sending, Via
from app.platforms.results import HandedOver, Permanent

log = structlog.get_logger(__name__)


def hand_over_due(deps: Deps) -> int:
    """Hand over what is due on accounts that are posted to by hand; each in a transaction of its own."""
    query = (
        select(Delivery.id)
        .join(Account, Account.id == Delivery.account_id)
        .where(
            Account.via == Via.BY_HAND.value,
            Account.state == "connected",
            Delivery.state == State.SCHEDULED.value,
            ~paused(),
        )
        .order_by(Delivery.ready_at, Delivery.id)
    )
    with deps.database.read() as session:
        due = session.scalars(query.where(Delivery.ready_at <= instant(session, deps.clock))).all()
    return sum(_hand_over(deps, delivery_id) for delivery_id in due)


def _hand_over(deps: Deps, delivery_id: int) -> bool:
    try:
        with deps.database.write() as session:
            case = gate.lock_case(session, delivery_id)
            now = instant(session, deps.clock)
            if case.delivery.state != State.SCHEDULED or case.delivery.ready_at > now:
                return False
            pause = pauses_on(session, [delivery_id]).get(delivery_id)
            refusal = gate.circumstances(case, pause, now)
            if refusal is None:
                composed = deps.composer.compose(session, post=case.post, account=case.account, campaign=case.campaign)
                refusal = gate.text(composed, case.delivery.due_at) or _give(session, deps, case, composed, now)
            if refusal is not None:
                _refuse(session, case, refusal, now)
            return refusal is None
    except StorageUnavailable:
        raise
    except Exception as error:
        log.exception("hand_over_failed", delivery=delivery_id)
        _block(deps, delivery_id, error)
        return False


def _block(deps: Deps, delivery_id: int, error: Exception) -> None:
    """Keep a delivery that cannot be judged from stopping all the others, tick after tick."""
    with deps.database.write() as session:
        transitions.move(
            session,
            delivery_id,
            State.SCHEDULED,
            State.BLOCKED,
            at=instant(session, deps.clock),
            reason=reasons.GATE_ERROR,
            detail=words(f"It could not be checked ({type(error).__name__}): {error}", 500),
        )


def _refuse(session: Session, case: gate.Case, refusal: gate.Refusal, now: datetime) -> None:
    if refusal.state is State.SCHEDULED:
        return
    transitions.move(
        session,
        case.delivery.id,
        State.SCHEDULED,
        refusal.state,
        at=now,
        reason=refusal.reason,
        detail=refusal.detail,
        values={"verdict": refusal.verdict},
    )


def _give(session: Session, deps: Deps, case: gate.Case, composed: Composed, now: datetime) -> gate.Refusal | None:
    delivery = case.delivery
    adapter, connection = reach(deps, case)
    earlier = last_attempt(session, delivery.id, delivery.generation)
    generation = delivery.generation + (1 if earlier is not None else 0)
    drafts = mint_all(adapter, connection, composed, delivery.id, generation, now)
    deadline = Budget.start(deps).deadline
    # Nothing leaves the machine here: the adapter only says whether there is a person, and who.
    answers = [adapter.publish_part(Sending(draft.minted, index), connection, deadline=deadline)
               for index, draft in enumerate(drafts)]  # fmt: skip
    for answer in answers:
        if isinstance(answer, Permanent):
            return gate.Refusal(State.BLOCKED, answer.code, answer.detail)
        if not isinstance(answer, HandedOver):
            return gate.Refusal(State.BLOCKED, reasons.CONTRACT, "This account cannot be posted to by hand.")
    person = next(answer.to for answer in answers if isinstance(answer, HandedOver))
    transitions.move(
        session,
        delivery.id,
        State.SCHEDULED,
        State.HANDED_OVER,
        at=now,
        reason=reasons.HANDED_OVER,
        detail=f"Handed over to {person}.",
        fence=delivery.fence,
        values={
            "handed_over_at": now,
            "handed_over_to": person,
            "reminded_at": None,
            "generation": generation,
            "attempts_made": delivery.attempts_made + 1,
        },
    )
    attempt = Attempt(
        generation=generation,
        digest=digest_of(composed.composition.parts, connection, composed.language),
        policy_version=composed.policy_version,
        findings=gate.as_json(composed.composition.verdict.findings),
        outcome="handed_over",
        finished_at=now,
    )
    insert_attempts(session, [Written(case, drafts, attempt, delivery.fence + 1)], now=now, deps=deps)
    return None


def follow_up(deps: Deps) -> tuple[int, int]:
    """Remind of what is unconfirmed after half its window, and call it missed after all of it.

    Returns:
        How many were reminded of, and how many were missed.
    """
    with deps.database.read() as session:
        now = instant(session, deps.clock)
        if not any(at <= now for at in next_steps(session)):
            return 0, 0
    with deps.database.write() as session:
        now = instant(session, deps.clock)
        reminded = missed = 0
        for delivery, campaign, account in _open(session):
            window = by_hand_window(campaign, account)
            since = delivery.handed_over_at or delivery.state_since
            if now >= since + window:
                missed += _miss(session, delivery, since, now)
            elif delivery.reminded_at is None and now >= since + window / 2:
                reminded += _remind(session, delivery, since, now)
        return reminded, missed


def next_steps(session: Session) -> list[datetime]:
    """Return when each unconfirmed delivery is reminded of or missed next."""
    return [
        (delivery.handed_over_at or delivery.state_since)
        + by_hand_window(campaign, account) / (2 if delivery.reminded_at is None else 1)
        for delivery, campaign, account in _open(session)
    ]


def _open(session: Session) -> list[tuple[Delivery, Campaign, Account]]:
    rows = session.execute(
        select(Delivery, Campaign, Account)
        .join(Campaign, Campaign.id == Delivery.campaign_id)
        .join(Account, Account.id == Delivery.account_id)
        .where(Delivery.state == State.HANDED_OVER.value)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def _miss(session: Session, delivery: Delivery, since: datetime, now: datetime) -> bool:
    detail = f"{delivery.handed_over_to} did not confirm it within {waited(since, now)}."
    return transitions.move(
        session,
        delivery.id,
        State.HANDED_OVER,
        State.MISSED,
        at=now,
        reason=reasons.UNCONFIRMED,
        detail=detail,
        fence=delivery.fence,
    )


def _remind(session: Session, delivery: Delivery, since: datetime, now: datetime) -> bool:
    log.warning("by_hand_unconfirmed", delivery=delivery.id, account=delivery.account_id)
    return transitions.adjust(
        session,
        delivery.id,
        State.HANDED_OVER,
        at=now,
        reason=reasons.REMINDED,
        detail=f"{delivery.handed_over_to} has not confirmed it after {waited(since, now)}.",
        fence=delivery.fence,
        values={"reminded_at": now},
    )
