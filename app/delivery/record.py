"""Recording: what became of an attempt, whatever happened to the delivery meanwhile.

The attempt's row takes its outcome and remote ids even when the fence has moved on; `late.py` says what late proof
does to the delivery.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.delivery import late
from app.delivery.deps import Deps
from app.delivery.freeze import Frozen, FrozenPart
from app.delivery.gate import ACCOUNT_AND_DELIVERY
from app.delivery.instant import instant
from app.delivery.settle import Settling
from app.delivery.store import count_out, first_ref, store_attempt, store_part
from app.models import Delivery, State
from app.platforms.base import Published, PublishResult


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
        now = instant(session, deps.clock)
        store_part(session, part.row_id, result, now)
        count_out(session, frozen.delivery_id, frozen.generation, part.index + 1)
        held = select(Delivery.id).where(
            Delivery.id == frozen.delivery_id,
            Delivery.state == State.SENDING.value,
            Delivery.fence == frozen.token,
            Delivery.lease_until > now,
        )
        return session.scalars(held).first() is not None


def outcome(deps: Deps, frozen: Frozen, outcome: Outcome) -> None:
    """Store an attempt's outcome and move its delivery accordingly."""
    with deps.database.write() as session:
        now = instant(session, deps.clock)
        result = outcome.result
        # Account before delivery, in the order of all other lockers.
        account, delivery = session.execute(ACCOUNT_AND_DELIVERY, {"delivery": frozen.delivery_id}).one()
        store_part(session, outcome.part.row_id, result, now)
        store_attempt(session, frozen.attempt_id, result, now)
        if isinstance(result, Published):
            count_out(session, delivery.id, frozen.generation, len(frozen.parts))
        session.flush()
        ref = first_ref(session, frozen.attempt_id)
        if delivery.state == State.SENDING and delivery.fence == frozen.token:
            Settling(session, deps, delivery, account, frozen.token, now).settle(result, ref)
        else:
            late.settle(session, delivery, frozen.token, result, ref, now)
