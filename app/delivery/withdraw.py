"""Taking a published delivery back: part by part, deleted where the network's API allows, else by a person.

The last part goes first, so that no public part of a thread ever stands without the mention, which is in the first.
Each part's result is stored before the next one is asked for, and asking twice does no harm: an errand that died is
taken up again when its lease is over. Neither pauses nor a stop asked before keep a withdrawal back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.delivery import reasons, transitions
from app.delivery.answers import words
from app.delivery.credentials import connection_for
from app.delivery.deps import Deps
from app.delivery.instant import instant
from app.delivery.offer import offered
from app.delivery.public import PublicPart, doubtful_part, mark, public_parts
from app.delivery.withdraw_words import by_hand_words, doubt_words, left_words, not_connected_words
from app.models import Account, Delivery, State
from app.platforms.base import Connection, Platform, Via
from app.platforms.results import Retracted, RetractFailed, RetractResult

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be taken back, the last parts first, and the fence under which the results count.

    `doubtful` is the place of a part of which nobody knows whether it is out, in the delivery's `generation`.
    """

    delivery_id: int
    fence: int
    generation: int
    doubtful: int | None
    parts: tuple[PublicPart, ...]
    adapter: Platform
    connection: Connection


def waiting(deps: Deps, session: Session) -> list[tuple[int, datetime]]:  # noqa: ARG001  # the errands' signature
    """Return the deliveries that the engine takes back, and from when."""
    rows = session.execute(
        select(Delivery.id, Delivery.withdraw_at, Delivery.withdraw_lease_until).where(
            Delivery.state == State.WITHDRAWING.value, Delivery.withdraw_at.is_not(None)
        )
    )
    return [(row, max(at, lease or at)) for row, at, lease in rows if at is not None]


def withdraw(deps: Deps, delivery_id: int) -> None:
    """Take one delivery's parts back, the last one first, and settle it by what became of them."""
    with deps.database.write() as session:
        job = _claim(session, deps, delivery_id)
    if job is None:
        return
    failed = _retract_all(deps, job)
    if failed is None:
        return
    with deps.database.write() as session:
        delivery = session.get_one(Delivery, delivery_id, with_for_update=True)
        if delivery.state == State.WITHDRAWING and delivery.fence == job.fence:
            _settle(session, deps, delivery, job, failed, instant(session, deps.clock))


def _claim(session: Session, deps: Deps, delivery_id: int) -> Job | None:
    """Take the delivery for as long as the lease, unless somebody else is at it; the fence tells an older errand."""
    delivery = session.get_one(Delivery, delivery_id, with_for_update=True)
    now = instant(session, deps.clock)
    due, lease = delivery.withdraw_at, delivery.withdraw_lease_until
    if delivery.state != State.WITHDRAWING or due is None or due > now or (lease is not None and lease > now):
        return None
    account = session.get_one(Account, delivery.account_id)
    parts = public_parts(session, delivery.id)
    if account.state != "connected" and account.via != Via.BY_HAND and parts:
        detail = not_connected_words(account, delivery, parts)
        _fail(session, delivery, f"account.{account.state}", detail, now)
        return None
    delivery.withdraw_lease_until = now + deps.options.send_lease
    delivery.fence += 1
    return Job(
        delivery_id=delivery.id,
        fence=delivery.fence,
        generation=delivery.generation,
        doubtful=doubtful_part(session, delivery),
        parts=tuple(parts),
        adapter=deps.platforms.adapter(account.platform, Via(account.via)),
        connection=connection_for(account, deps.credentials(account.id)),
    )


def _retract_all(deps: Deps, job: Job) -> list[RetractResult] | None:
    """Ask for every part and return what did not work, or None where somebody else holds the delivery."""
    failed: list[RetractResult] = []
    # What stands before a part that is still out, or may be, holds the mention for it.
    needed = set() if job.doubtful is None else {job.generation}
    for part in job.parts:
        if part.generation in needed:
            continue
        result = _ask(deps, job, part)
        if not offered(deps, lambda part=part, result=result: _stored(deps, job, part, result)):  # type: ignore[misc]
            log.warning("withdrawal_overtaken", delivery=job.delivery_id)
            return None
        if not isinstance(result, Retracted):
            failed.append(result)
            needed.add(part.generation)
        if isinstance(result, RetractFailed) and result.later:
            break
    return failed


def _ask(deps: Deps, job: Job, part: PublicPart) -> RetractResult:
    deadline = deps.clock.monotonic() + deps.options.publish_deadline.total_seconds()
    try:
        result = job.adapter.retract_part(part.ref, job.connection, deadline=deadline)
    except Exception as error:
        log.exception("adapter_raised", delivery=job.delivery_id)
        return RetractFailed("adapter.raised", f"The adapter failed ({type(error).__name__}).", later=True)
    if isinstance(result, RetractFailed):
        return RetractFailed(words(result.code, 64), words(result.detail), result.later, result.retry_at)
    return result


def _stored(deps: Deps, job: Job, part: PublicPart, result: RetractResult) -> bool:
    """Store what became of a part, whoever holds the delivery now, and say whether this errand still does."""
    with deps.database.write() as session:
        # Delivery before part, in the order of all other lockers.
        delivery = session.get_one(Delivery, job.delivery_id, with_for_update=True)
        now = instant(session, deps.clock)
        match result:
            case Retracted():
                mark(session, job.delivery_id, [part.ref.remote_id], at=now)
            case RetractFailed():
                mark(session, job.delivery_id, [part.ref.remote_id], code=result.code, detail=result.detail)
            case _:
                mark(session, job.delivery_id, [part.ref.remote_id], code="by_hand", detail=words(result.detail))
        held = delivery.state == State.WITHDRAWING and delivery.fence == job.fence
        if held:
            delivery.withdraw_lease_until = now + deps.options.send_lease
        return held


def _settle(
    session: Session, deps: Deps, delivery: Delivery, job: Job, failed: list[RetractResult], now: datetime
) -> None:
    left = public_parts(session, delivery.id)
    asked = {part.ref.remote_id for part in job.parts}
    delivery.withdraw_lease_until = None
    if any(part.ref.remote_id not in asked for part in left):
        # Late proof brought a further part meanwhile: that one, too.
        delivery.withdraw_at = now
        return
    later = [result for result in failed if isinstance(result, RetractFailed) and result.later]
    refused = [result for result in failed if isinstance(result, RetractFailed) and not result.later]
    made = delivery.withdrawals_made + 1
    if later and made < deps.options.withdrawals_budget:
        wait = min(deps.options.look_first * 2 ** (made - 1), deps.options.look_longest)
        at = max([now + wait * deps.random.uniform(0.8, 1.2), *(r.retry_at for r in later if r.retry_at is not None)])
        detail = f"{later[0].detail} ({later[0].code})"
        values = {"withdraw_at": at, "withdrawals_made": made, "state_reason": reasons.WITHDRAW_LATER}
        _adjust(session, delivery, reasons.WITHDRAW_LATER, detail, now, values)
    elif refused or later:
        said = (refused or later)[0]
        detail = f"{said.detail} ({said.code}) {left_words(delivery, left)}"
        _fail(session, delivery, reasons.WITHDRAW_REFUSED, detail, now)
    elif job.doubtful is not None or left or (delivery.remote_id is None and delivery.remote_url is not None):
        detail = by_hand_words(session.get_one(Account, delivery.account_id), delivery, left)
        detail = detail if job.doubtful is None else f"{doubt_words(job.doubtful)} {detail}"
        values = {"withdraw_at": None, "state_reason": reasons.WITHDRAW_BY_HAND}
        _adjust(session, delivery, reasons.WITHDRAW_BY_HAND, detail, now, values)
    else:
        transitions.move(
            session,
            delivery.id,
            State.WITHDRAWING,
            State.WITHDRAWN,
            at=now,
            reason=reasons.WITHDRAWN,
            fence=delivery.fence,
            values={"withdrawn_at": now, "withdraw_at": None, "withdraw_lease_until": None},
        )


def _adjust(
    session: Session, delivery: Delivery, reason: str, detail: str, now: datetime, values: dict[str, object]
) -> None:
    values |= {"state_detail": detail}
    transitions.adjust(
        session, delivery.id, delivery.state, at=now, reason=reason, detail=detail, fence=delivery.fence, values=values
    )


def _fail(session: Session, delivery: Delivery, reason: str, detail: str, now: datetime) -> None:
    transitions.move(
        session,
        delivery.id,
        State.WITHDRAWING,
        State.WITHDRAW_FAILED,
        at=now,
        reason=reason,
        detail=detail,
        fence=delivery.fence,
        values={"withdraw_at": None, "withdraw_lease_until": None},
    )


def late_part(session: Session, delivery: Delivery, now: datetime) -> bool:
    """Have the engine take back what late proof shows to be out of a (locked) delivery that is being taken back.

    Returns:
        Whether it will: not where the delivery is withdrawn already, or nobody wants it back; then a person is told.
    """
    state = State(delivery.state)
    if state not in {State.WITHDRAWING, State.WITHDRAW_FAILED} or not public_parts(session, delivery.id):
        return False
    values: dict[str, object] = {"withdraw_at": now, "withdrawals_made": 0}
    if state is State.WITHDRAWING:
        return transitions.adjust(
            session, delivery.id, state, at=now, reason=reasons.LATE_PROOF, fence=delivery.fence, values=values
        )
    return transitions.move(
        session,
        delivery.id,
        state,
        State.WITHDRAWING,
        at=now,
        reason=reasons.LATE_PROOF,
        fence=delivery.fence,
        values=values,
    )
