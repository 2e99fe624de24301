"""Recording: what became of an attempt, whatever happened to the delivery meanwhile.

The attempt's row takes its outcome and remote ids even when the fence has moved on; `late.py` says what late proof
does to the delivery.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.delivery import late
from app.delivery.deps import Deps
from app.delivery.freeze import Frozen, FrozenPart
from app.delivery.gate import ACCOUNT_AND_DELIVERY
from app.delivery.instant import instant
from app.delivery.settle import Settling
from app.delivery.store import count_out, first_ref, store_attempt, store_part
from app.models import Delivery, State
from app.platforms.base import Published, PublishResult, Retryable


@dataclass(frozen=True, slots=True)
class Outcome:
    """The last call's result, and the part that it was about."""

    result: PublishResult
    part: FrozenPart


def part_out(deps: Deps, frozen: Frozen, part: FrozenPart, result: Published) -> bool:
    """Store that a part, not the last one, is out.

    Returns:
        Whether this worker still holds the delivery and may send the next part.
    """
    with deps.database.write() as session:
        # Delivery before attempt, in the order of all other lockers.
        delivery = session.get_one(Delivery, frozen.delivery_id, with_for_update=True)
        now = instant(session, deps.clock)
        store_part(session, part.row_id, result, now)
        count_out(session, frozen.delivery_id, frozen.generation, part.index + 1)
        leased = delivery.lease_until is not None and delivery.lease_until > now
        held = delivery.state == State.SENDING and delivery.fence == frozen.token and leased
        if not held:
            late.part_published(session, delivery, frozen.generation, frozen.token, result.ref, now)
        return held


def outcome(deps: Deps, frozen: Frozen, outcome: Outcome) -> None:
    """Store an attempt's outcome and move its delivery accordingly."""
    with deps.database.write() as session:
        # Account before delivery, in the order of all other lockers.
        account, delivery = session.execute(ACCOUNT_AND_DELIVERY, {"delivery": frozen.delivery_id}).one()
        now = instant(session, deps.clock)
        result = outcome.result
        store_part(session, outcome.part.row_id, result, now)
        store_attempt(session, frozen.attempt_id, result, now)
        if isinstance(result, Published):
            count_out(session, delivery.id, frozen.generation, len(frozen.parts))
        ref = first_ref(session, frozen.attempt_id)
        if delivery.state == State.SENDING and delivery.fence == frozen.token:
            Settling(session, deps, delivery, account, frozen.account_version, now).settle(result, ref)
        else:
            late.settle(session, delivery, frozen.token, result, ref, now, deps.options.first_read_back(now))
        if isinstance(result, Retryable) and result.retry_at is not None:
            # Whatever becomes of this delivery, the network has told its account to rest.
            account.next_free_at = max(account.next_free_at, result.retry_at)
