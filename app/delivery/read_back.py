"""Reading back: does what readers see of a published delivery still carry its contact facts, links and length?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.delivery import reasons, transitions
from app.delivery.answers import words
from app.delivery.compare import differences
from app.delivery.credentials import connection_for
from app.delivery.deps import Deps
from app.delivery.instant import instant
from app.delivery.public import PublicPart, public_parts
from app.models import Account, Delivery, State
from app.platforms.base import Connection, Platform, Via
from app.platforms.results import CannotTell, Gone, ReadResult, Seen

log = structlog.get_logger(__name__)

SAME, DIFFERENT, GONE, CANNOT_TELL = "same", "different", "gone", "cannot_tell"


@dataclass(frozen=True, slots=True)
class Look:
    """One delivery that is looked at, and how many looks came before: a second process's answer counts once."""

    delivery_id: int
    looks_before: int
    parts: tuple[PublicPart, ...]
    adapter: Platform
    connection: Connection


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a look found; `again` where it is worth looking again, from `retry_at` on where the network named it."""

    result: str
    detail: str | None = None
    again: bool = False
    retry_at: datetime | None = None


def waiting(deps: Deps, session: Session) -> list[tuple[int, datetime]]:  # noqa: ARG001  # the errands' signature
    """Return the deliveries that are read back, and from when."""
    rows = session.execute(
        select(Delivery.id, Delivery.read_back_at)
        .where(Delivery.read_back_at.is_not(None))
        .order_by(Delivery.read_back_at)
    )
    return [(row[0], row[1]) for row in rows if row[1] is not None]


def read_back(deps: Deps, delivery_id: int) -> None:
    """Read one published delivery back and compare; what differs or is gone is kept with an event."""
    with deps.database.read() as session:
        look = _look(session, deps, delivery_id)
    verdict = None if look is None else _verdict(deps, look)
    with deps.database.write() as session:
        delivery = session.get_one(Delivery, delivery_id, with_for_update=True)
        now = instant(session, deps.clock)
        if delivery.state != State.PUBLISHED:
            # It is being taken back: that it is gone, or soon will be, is no trouble.
            delivery.read_back_at = None
        elif verdict is not None and look is not None and delivery.read_backs_made == look.looks_before:
            _keep(session, deps, delivery, verdict, now)


def _look(session: Session, deps: Deps, delivery_id: int) -> Look | None:
    delivery = session.get_one(Delivery, delivery_id)
    if delivery.state != State.PUBLISHED or delivery.read_back_at is None:
        return None
    account = session.get_one(Account, delivery.account_id)
    return Look(
        delivery_id=delivery.id,
        looks_before=delivery.read_backs_made,
        parts=tuple(reversed(public_parts(session, delivery.id))),
        adapter=deps.platforms.adapter(account.platform, Via(account.via)),
        connection=connection_for(account, deps.credentials(account.id)),
    )


def _verdict(deps: Deps, look: Look) -> Verdict:
    """Look at every part; what differs or is gone weighs more than what cannot be told."""
    found: list[Verdict] = []
    for number, part in enumerate(look.parts, 1):
        where = f"Part {number} of {len(look.parts)}: " if len(look.parts) > 1 else ""
        found.append(_of_part(part, _ask(deps, look, part), where))
    for result in (GONE, DIFFERENT):
        if told := [one.detail for one in found if one.result == result and one.detail]:
            return Verdict(result, words(" ".join(told)))
    if untold := [one for one in found if one.result == CANNOT_TELL]:
        again = any(one.again for one in untold)
        times = [one.retry_at for one in untold if one.retry_at is not None]
        return Verdict(CANNOT_TELL, untold[0].detail, again=again, retry_at=max(times, default=None))
    return Verdict(SAME) if found else Verdict(CANNOT_TELL, "The network's id of the post is not known.")


def _ask(deps: Deps, look: Look, part: PublicPart) -> ReadResult:
    deadline = deps.clock.monotonic() + deps.options.publish_deadline.total_seconds()
    try:
        return look.adapter.read_part(part.ref, look.connection, deadline=deadline)
    except Exception as error:
        log.exception("adapter_raised", delivery=look.delivery_id)
        return CannotTell(f"The adapter failed ({type(error).__name__}).", later=True)


def _of_part(part: PublicPart, answer: ReadResult, where: str) -> Verdict:
    match answer:
        case Seen():
            told = differences(part.text, part.record, answer)
            return Verdict(DIFFERENT, where + " ".join(told)) if told else Verdict(SAME)
        case Gone():
            return Verdict(GONE, f"{where}The network has no such post: {part.ref.url or part.ref.remote_id}")
        case CannotTell():
            return Verdict(CANNOT_TELL, where + words(answer.reason), again=answer.later, retry_at=answer.retry_at)
        case _:
            assert_never(answer)


def _keep(session: Session, deps: Deps, delivery: Delivery, verdict: Verdict, now: datetime) -> None:
    made = delivery.read_backs_made + 1
    if verdict.again and made < deps.options.read_backs_budget:
        after = now + deps.options.read_back_after * 2**made
        delivery.read_back_at = max(after, verdict.retry_at or after)
        delivery.read_backs_made = made
        return
    values: dict[str, object] = {
        "read_back": verdict.result,
        "read_back_detail": verdict.detail,
        "read_back_at": None,
        "read_backs_made": made,
    }
    if verdict.result in {SAME, CANNOT_TELL}:
        for name, value in values.items():
            setattr(delivery, name, value)
        return
    reason = reasons.READ_BACK_GONE if verdict.result == GONE else reasons.READ_BACK_DIFFERS
    transitions.adjust(
        session,
        delivery.id,
        State.PUBLISHED,
        at=now,
        reason=reason,
        detail=verdict.detail,
        fence=delivery.fence,
        values=values,
    )
    log.error("delivery_read_back", delivery=delivery.id, result=verdict.result)
