"""The same thing done to many deliveries: moved, cancelled, tried again, sent now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from app.errors import InvalidInput
from app.models import Delivery
from app.services import deliveries as one
from app.services.bulk import Outcome, in_chunks, wholly
from app.services.deliveries import DeliveryView
from app.services.house import House
from app.services.scope import Scope
from app.services.withdrawals import no_delivery, states_of

__all__ = ["BulkAction", "Change", "change_deliveries"]

#: A year either way: whoever moves further means something else.
LONGEST_SHIFT = timedelta(days=366)


class BulkAction(StrEnum):
    """What may be done to many deliveries at once."""

    RESCHEDULE = "reschedule"
    CANCEL = "cancel"
    RETRY = "retry"
    SEND_NOW = "send_now"


@dataclass(frozen=True, slots=True)
class Change:
    """What is done. A move takes either one instant (aware) for all or a shift of each one's own; a cancel a reason."""

    action: BulkAction
    due_at: datetime | None = None
    shift: timedelta | None = None
    reason: str | None = None


def change_deliveries(house: House, delivery_ids: Sequence[int], change: Change) -> list[Outcome]:
    """Do it to each delivery, wholly or not at all, and say of each what became of it, in the order asked for.

    Raises:
        InvalidInput: A move says not, or twice, where to.
    """
    if change.action is BulkAction.RESCHEDULE and (change.due_at is None) == (change.shift is None):
        raise InvalidInput("A move needs either a time for all, or by how much.", hint="Give due_at or shift_minutes.")
    if change.shift is not None and abs(change.shift) > LONGEST_SHIFT:
        raise InvalidInput("Deliveries are moved by a year at most.", hint="Give fewer minutes.")

    def settle(scope: Scope, chunk: Sequence[int]) -> Iterator[Outcome]:
        states = states_of(scope, chunk)
        for delivery_id in chunk:
            state = states.get(delivery_id)
            if state is None:
                yield Outcome(delivery_id, None, no_delivery(delivery_id))
                continue
            done = wholly(scope, partial(_DEEDS[change.action], scope, delivery_id, change))
            if isinstance(done, DeliveryView):
                yield Outcome(delivery_id, done.delivery.state)
            else:
                yield Outcome(delivery_id, state, done)

    return in_chunks(house, delivery_ids, settle)


def _move(scope: Scope, delivery_id: int, change: Change) -> DeliveryView:
    due_at = change.due_at
    if change.shift is not None:
        # As it stands under lock: a plan may have moved it since it was read.
        due_at = scope.get(Delivery, delivery_id, lock=True).due_at + change.shift
    assert due_at is not None  # noqa: S101 - refused above
    return one.reschedule(scope, delivery_id, due_at)


_DEEDS: Mapping[BulkAction, Callable[[Scope, int, Change], DeliveryView]] = {
    BulkAction.RESCHEDULE: _move,
    BulkAction.CANCEL: lambda scope, row, change: one.cancel(scope, row, change.reason),
    BulkAction.RETRY: lambda scope, row, _: one.retry(scope, row),
    BulkAction.SEND_NOW: lambda scope, row, _: one.send_now(scope, row),
}
