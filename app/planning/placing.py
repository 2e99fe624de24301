"""Choosing instants on one day for one account: slots first, then between them, then as dense as the gap allows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

from app.planning.grid import GridDay
from app.planning.lane import Free, Lane, densest
from app.planning.spreading import evenly
from app.planning.times import DAY, MINUTE, floor_minute

_FIVE_MINUTES = 5 * MINUTE
#: How many steps of the stagger an instant between slots is set aside to avoid the other accounts.
_TRIES = 50


@dataclass(slots=True)
class Stand:
    """An account's number in the plan, its lane, the instants that others hold, and how often it used each slot."""

    number: int
    stagger: int
    lane: Lane
    taken: AbstractSet[int]
    used: Counter[int] = field(default_factory=Counter)

    @property
    def shift(self) -> int:
        """How far this account sets a dense row later, in ticks, so that not all accounts go out at once."""
        return self.number * self.stagger


def slot_room(day: GridDay, stand: Stand) -> int:
    """Return how many more deliveries the day's slots can take."""
    return len(_earliest_slots(day, stand))


def room(day: GridDay, stand: Stand) -> int:
    """Return how many more deliveries the whole day can take."""
    return len(densest(stand.lane.free(day.spans), stand.lane.gap))


def place_on_day(
    day: GridDay, stand: Stand, number: int, *, in_order: bool = False, used: Counter[int] | None = None
) -> list[int]:
    """Return up to `number` instants on the day, sorted, and put them in the lane; fewer only where no more fit.

    `used` counts the slots used in the week, so that all come round; `in_order` takes the day's first slots instead.
    """
    lane = stand.lane
    chosen = _in_slots(day, stand, number, in_order=in_order, used=Counter() if used is None else used)
    if len(chosen) < number:
        chosen += _between(day, stand, number - len(chosen))
    if len(chosen) < number:
        for at in chosen:
            lane.remove(at)
        packed = densest(lane.free(day.spans), lane.gap, stand.shift)
        if len(packed) > len(chosen):
            chosen = evenly(packed, number)
        for at in chosen:
            lane.add(at)
    return sorted(chosen)


def _earliest_slots(day: GridDay, stand: Stand) -> list[tuple[int, int]]:
    """Return as many slots (instant, number) as keep the gap, earliest first: the most that fit."""
    found: list[tuple[int, int]] = []
    for at, slot in _slot_times(day, stand):
        if not found or at - found[-1][0] >= stand.lane.gap:
            found.append((at, slot))
    return found


def _slot_times(day: GridDay, stand: Stand) -> list[tuple[int, int]]:
    times = ((day.slot_time(slot, stand.number, stand.taken), slot) for slot in range(len(day.slots)))
    return sorted((at, slot) for at, slot in times if at is not None and stand.lane.fits(at))


def _in_slots(day: GridDay, stand: Stand, number: int, *, in_order: bool, used: Counter[int]) -> list[int]:
    earliest = _earliest_slots(day, stand)
    if in_order:
        chosen = earliest[:number]
    else:
        chosen = _fairest_slots(day, stand, number, used)
        if len(chosen) < min(number, len(earliest)):
            chosen = evenly(earliest, number)
    for at, slot in chosen:
        if not stand.lane.fits(at):  # pragma: no cover - both choices keep the gap; this guards the invariant
            continue
        stand.lane.add(at)
        used[slot] += 1
        stand.used[slot] += 1
    return [at for at, _ in chosen]


def _fairest_slots(day: GridDay, stand: Stand, number: int, used: Counter[int]) -> list[tuple[int, int]]:
    """Choose the slots used least, and among these the one furthest from what stands on the day."""
    standing = stand.lane.within(day.whole)
    waiting = _slot_times(day, stand)
    chosen: list[tuple[int, int]] = []
    while waiting and len(chosen) < number:
        best = min(
            waiting,
            key=lambda pair: (
                used[pair[1]],
                stand.used[pair[1]],
                -min((abs(pair[0] - other) for other in standing), default=DAY),
                pair[0],
            ),
        )
        chosen.append(best)
        standing.append(best[0])
        waiting = [pair for pair in waiting if abs(pair[0] - best[0]) >= stand.lane.gap]
    return chosen


def _between(day: GridDay, stand: Stand, number: int) -> list[int]:
    """Halve the widest free stretch again and again, those between the slots before those outside them."""
    bases = [slot.base for slot in day.slots] or [day.whole[0]]

    def ranked(stretch: Free) -> tuple[bool, int, Free]:
        return not bases[0] <= stretch[0] <= stretch[1] <= bases[-1], stretch[0] - stretch[1], stretch

    waiting = [ranked(stretch) for stretch in stand.lane.free(day.spans)]
    heapify(waiting)
    chosen: list[int] = []
    while waiting and len(chosen) < number:
        stretch = heappop(waiting)[2]
        parts = stand.lane.free([(stretch[0], stretch[1] + MINUTE)])
        if parts == [stretch]:
            at = _middle(stretch, stand)
            stand.lane.add(at)
            chosen.append(at)
            parts = stand.lane.free([(stretch[0], stretch[1] + MINUTE)])
        for part in parts:
            heappush(waiting, ranked(part))
    return chosen


def _middle(stretch: Free, stand: Stand) -> int:
    """Return a round minute near the middle at which no other account goes out, if the stretch has one."""
    lo, hi = stretch
    middle = floor_minute((lo + hi) // 2)
    rounded = middle - middle % _FIVE_MINUTES
    middle = rounded if rounded >= lo else middle
    for step in range(_TRIES if stand.stagger else 0):
        for at in (middle + step * stand.stagger, middle - step * stand.stagger):
            if lo <= at <= hi and at not in stand.taken:
                return at
    return middle
