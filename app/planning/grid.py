"""The days of a plan: when each is active, and where its slots stand for each account."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, time
from zoneinfo import ZoneInfo

from app.planning.days import DaysOff
from app.planning.times import DAY, MINUTE, Span, active_spans, active_wall, day_span, resolve, to_ticks, wall_ticks
from app.planning.values import Cadence


@dataclass(frozen=True, slots=True)
class Slot:
    """A preferred time on one day, in ticks, and the offsets at which accounts may stand around it."""

    base: int
    offsets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GridDay:
    """A local day: `whole` from midnight to midnight, `active` outside quiet hours, `spans` what is ahead of that."""

    day: date
    whole: Span
    active: tuple[Span, ...]
    spans: tuple[Span, ...]
    slots: tuple[Slot, ...]

    def is_open(self, at: int) -> bool:
        """Return whether an instant lies in what is still ahead."""
        return any(start <= at < end for start, end in self.spans)

    def is_active(self, at: int) -> bool:
        """Return whether an instant lies outside the quiet hours, ahead or not."""
        return any(start <= at < end for start, end in self.active)

    def slot_time(self, slot: int, account: int, taken: AbstractSet[int]) -> int | None:
        """Return where the account of that number stands for a slot; None where that is quiet or past.

        An instant at which another account goes out already is passed over while the slot has others.
        """
        base, offsets = self.slots[slot].base, self.slots[slot].offsets
        second_best = None
        for step in range(len(offsets)):
            at = base + offsets[(account + step) % len(offsets)]
            if not self.is_open(at):
                continue
            if at not in taken:
                return at
            second_best = at if second_best is None else second_best
        return second_best


class Grid:
    """The days of a plan, worked out when first asked for. Nothing on it is open before `earliest` (ticks)."""

    def __init__(self, zone: ZoneInfo, cadence: Cadence, *, earliest: int, accounts: int) -> None:
        self.zone = zone
        self.earliest = earliest
        self.days_off = DaysOff(cadence)
        self._cadence = cadence
        self._slots = slot_offsets(cadence, accounts)
        self._days: dict[date, GridDay] = {}

    def day(self, day: date) -> GridDay:
        """Return a local day."""
        if day not in self._days:
            self._days[day] = self._work_out(day)
        return self._days[day]

    def _work_out(self, day: date) -> GridDay:
        active = active_spans(day, self._cadence.quiet_from, self._cadence.quiet_until, self.zone)
        spans = tuple((max(start, self.earliest), end) for start, end in active if end > self.earliest)
        slots: dict[int, Slot] = {}
        for wall, offsets in self._slots:
            # Two slots that a change of the clocks moves to one instant are one slot.
            base = to_ticks(resolve(day, wall, self.zone))
            slots.setdefault(base, Slot(base, offsets))
        return GridDay(day, day_span(day, self.zone), active, spans, tuple(slots[base] for base in sorted(slots)))


def slot_offsets(cadence: Cadence, accounts: int) -> list[tuple[time, tuple[int, ...]]]:
    """Return the slots outside the quiet hours, in order, with the accounts' offsets from them in ticks.

    Accounts stand `stagger_minutes` apart after the slot, as far as the next slot or the quiet hours leave room; then
    before it; and where both are full, on the minutes between.
    """
    stagger = cadence.stagger_minutes * MINUTE
    walls = {wall_ticks(slot): slot for slot in cadence.slots}
    found: list[tuple[time, tuple[int, ...]]] = []
    for start, end in active_wall(cadence.quiet_from, cadence.quiet_until):
        inside = sorted(at for at in walls if start <= at < end)
        used_until = start
        for at, limit in zip(inside, [*inside[1:], end], strict=False):
            offsets = _offsets(accounts, stagger, before=at - used_until, after=limit - at)
            used_until = min(at + accounts * stagger, limit)
            found.append((walls[at], offsets))
    return found


def _offsets(accounts: int, stagger: int, *, before: int, after: int) -> tuple[int, ...]:
    if stagger == 0 or accounts <= 1:
        return (0,)
    # A few more than there are accounts, so that a place that is past or taken has a neighbour to give.
    found = list(range(0, min(after, 2 * accounts * stagger), stagger))
    if len(found) < accounts:
        found += range(-stagger, -min(before, accounts * stagger) - 1, -stagger)
    for lap in range(MINUTE, min(stagger, DAY), MINUTE):
        if len(found) >= accounts:
            break
        found += range(lap, after, stagger)
    return tuple(found)
