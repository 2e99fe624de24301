"""Recording: what became of attempts, whatever happened to their deliveries meanwhile.

An attempt's row takes its outcome and remote ids even when the fence has moved on; `late.py` says what late proof
does to the delivery. Outcomes that arrive together are stored in one transaction; those of the ordinary kind (a post of
one part went out, and its worker still holds the delivery) in one statement each for all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from app.delivery import late, reasons, transitions
from app.delivery.circuit import Circuits, Heard, heard
from app.delivery.deps import Deps
from app.delivery.freeze import Frozen, FrozenPart
from app.delivery.gate import ACCOUNTS_AND_DELIVERIES
from app.delivery.instant import instant
from app.delivery.settle import Settling
from app.delivery.store import (
    count_out,
    first_ref,
    name_of,
    publication,
    store_attempt,
    store_part,
    store_published,
)
from app.models import Account, Delivery, State
from app.platforms.results import Published, PublishResult, Retryable

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The last call's result, and the part that it was about."""

    result: PublishResult
    part: FrozenPart


@dataclass(frozen=True, slots=True)
class Finished:
    """An attempt that has come to its end, and how."""

    frozen: Frozen
    outcome: Outcome


def part_out(deps: Deps, frozen: Frozen, part: FrozenPart, result: Published) -> bool:
    """Store that a part, not the last one, is out.

    Returns:
        Whether this worker still holds the delivery and may send the next part.
    """
    with deps.database.write() as session:
        # Delivery before attempt, in the order of all other lockers.
        delivery = session.get_one(Delivery, frozen.delivery_id, with_for_update={"key_share": True})
        now = instant(session, deps.clock)
        store_part(session, part.row_id, result, now)
        count_out(session, frozen.delivery_id, frozen.generation, part.index + 1)
        leased = delivery.lease_until is not None and delivery.lease_until > now
        held = delivery.state == State.SENDING and delivery.fence == frozen.token and leased
        if not held:
            late.part_published(session, delivery, frozen.generation, frozen.token, result.ref, now)
        return held


def outcome(deps: Deps, frozen: Frozen, outcome: Outcome) -> None:
    """Store one attempt's outcome; see `outcomes`."""
    outcomes(deps, [Finished(frozen, outcome)])


def outcomes(deps: Deps, finished: Sequence[Finished]) -> None:
    """Store attempts' outcomes and move their deliveries accordingly, all or none. Doing it again does no harm."""
    with deps.database.write() as session:
        # Accounts before deliveries, in the order of all other lockers.
        these = {"deliveries": sorted({one.frozen.delivery_id for one in finished})}
        rows = {
            delivery.id: (account, delivery) for account, delivery in session.execute(ACCOUNTS_AND_DELIVERIES, these)
        }
        now = instant(session, deps.clock)
        together = _ordinary(finished, rows)
        _publish(session, deps, together, rows, now)
        circuits = Circuits(session, deps.options, deps.random)
        settled: set[int] = set()
        for one in finished:
            account, delivery = rows[one.frozen.delivery_id]
            if delivery.id in settled:
                # Two attempts of one delivery: the second outcome is judged by what the first has made of it.
                session.refresh(delivery)
            settled.add(delivery.id)
            held = _is_held(one.frozen, delivery)
            if one not in together:
                _settle(session, deps, one, account, delivery, now)
            _rest(account, one.outcome.result)
            # What is stored again, for the answer to its commit was lost, is not one more failure.
            if held or heard(one.outcome.result) is not Heard.SILENCE:
                circuits.note(account, one.outcome.result, now)
        # Circuits are locked last, after accounts and deliveries.
        circuits.save()
    _tell(deps, finished, now)


_Rows = Mapping[int, tuple[Account, Delivery]]


def _ordinary(finished: Sequence[Finished], rows: _Rows) -> list[Finished]:
    times = Counter(one.frozen.delivery_id for one in finished)
    return [
        one
        for one in finished
        if isinstance(one.outcome.result, Published)
        and len(one.frozen.parts) == 1
        and times[one.frozen.delivery_id] == 1
        and _is_held(one.frozen, rows[one.frozen.delivery_id][1])
    ]


def _is_held(frozen: Frozen, delivery: Delivery) -> bool:
    return delivery.state == State.SENDING and delivery.fence == frozen.token


def _publish(session: Session, deps: Deps, finished: Sequence[Finished], rows: _Rows, now: datetime) -> None:
    if not finished:
        return
    refs = {
        one.frozen.attempt_id: one.outcome.result.ref for one in finished if isinstance(one.outcome.result, Published)
    }
    store_published(
        session,
        [(one.frozen.attempt_id, one.outcome.part.row_id, refs[one.frozen.attempt_id]) for one in finished],
        now,
    )
    read_back_at = deps.options.first_read_back(now)
    steps = [
        transitions.Step(
            one.frozen.delivery_id,
            rows[one.frozen.delivery_id][1].organization_id,
            one.frozen.token,
            publication(refs[one.frozen.attempt_id], now, read_back_at) | {"parts_out": 1},
        )
        for one in finished
    ]
    transitions.move_all(session, steps, State.SENDING, State.PUBLISHED, at=now, reason=reasons.PUBLISHED)


def _settle(session: Session, deps: Deps, one: Finished, account: Account, delivery: Delivery, now: datetime) -> None:
    frozen, result = one.frozen, one.outcome.result
    store_part(session, one.outcome.part.row_id, result, now)
    store_attempt(session, frozen.attempt_id, result, now)
    if isinstance(result, Published):
        count_out(session, delivery.id, frozen.generation, len(frozen.parts))
    ref = first_ref(session, frozen.attempt_id)
    if _is_held(frozen, delivery):
        Settling(session, deps, delivery, account, frozen.account_version, now).settle(result, ref)
    else:
        late.settle(session, delivery, frozen.token, result, ref, now, deps.options.first_read_back(now))
    session.flush()


def _rest(account: Account, result: PublishResult) -> None:
    """Let an account rest as its network has told it to, whatever becomes of the delivery."""
    until = None
    if isinstance(result, Retryable):
        until = result.retry_at
    elif isinstance(result, Published):
        until = result.rest_until
    if until is not None:
        account.next_free_at = max(account.next_free_at, until)


def _tell(deps: Deps, finished: Sequence[Finished], now: datetime) -> None:
    for one in finished:
        try:
            _tell_one(deps, one, now)
        except Exception:
            # Stored is stored: a counter that breaks its contract must not have it stored again.
            log.exception("observer_raised", delivery=one.frozen.delivery_id)


def _tell_one(deps: Deps, one: Finished, now: datetime) -> None:
    frozen, result = one.frozen, one.outcome.result
    deps.observer.attempt_ended(frozen.platform, name_of(result), (now - frozen.started_at).total_seconds())
    if isinstance(result, Published):
        deps.observer.published(frozen.platform, (now - frozen.due_at).total_seconds())
    elif isinstance(result, Retryable):
        deps.observer.retried(frozen.platform)
