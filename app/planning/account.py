"""Planning one account: what stays, then moments that a person gave, then pins, then the weeks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.planning import reasons
from app.planning.days import days_between
from app.planning.grid import Grid, GridDay
from app.planning.lane import densest
from app.planning.placing import Stand, place_on_day, room, slot_room
from app.planning.reasons import Reason
from app.planning.spreading import evenly, spread
from app.planning.times import MINUTE, from_ticks
from app.planning.values import WeekSpan, Window


@dataclass(frozen=True, slots=True, order=True)
class Want:
    """One occurrence that an account is to send; `order` is the post's place in the pack, `at` a time of its own."""

    order: int
    occurrence: str
    week: int
    pin: date | None
    at: int | None = None


class AccountPlanner:
    """Places one account's occurrences. `placed` maps each to its instant in ticks, `unplaced` to the reason.

    In `plan`, `fixed` holds those that cannot move, `movable` those that stand somewhere and stay there if they
    may. `now` is in ticks.
    """

    def __init__(self, stand: Stand, grid: Grid, window: Window, *, now: int) -> None:
        self.placed: dict[Want, int] = {}
        self.unplaced: dict[Want, Reason] = {}
        self._stand = stand
        self._lane = stand.lane
        self._grid = grid
        self._window = window
        self._now = now
        self._weeks = {week.number: week for week in window.weeks}
        self._free_to_move: set[Want] = set()

    def plan(self, wants: Sequence[Want], fixed: dict[Want, int], movable: dict[Want, int]) -> None:
        """Place all of `wants`. The lane already holds what is fixed."""
        self.placed.update(fixed)
        self._place_moments([want for want in sorted(wants) if want.at is not None], movable)
        self._keep({want: at for want, at in movable.items() if want.at is None})
        pins: dict[date, list[Want]] = defaultdict(list)
        for want in sorted(wants):
            if want.pin is not None:
                pins[want.pin].append(want)
        for day in sorted(pins):
            self._place_pins(day, pins[day])
        for week in sorted(self._window.weeks, key=lambda one: (one.starts_on, one.number)):
            mine = [want for want in sorted(wants) if want.pin is None and want.at is None and want.week == week.number]
            if any(want not in self.placed for want in mine):
                self._place_week(week, mine)

    def _place_moments(self, wants: Sequence[Want], movable: dict[Want, int]) -> None:
        """Place what has a moment of its own exactly there; nothing gives way to it that cannot move."""
        for want in wants:
            if want in self.placed or want.at is None:
                continue
            if want.at < self._now and movable.get(want) != want.at:
                self._refuse([want], reasons.moment_past())
                continue
            self.placed[want] = want.at
            self._lane.add(want.at)

    def _keep(self, movable: dict[Want, int]) -> None:
        """Keep what may stay where it stands: pins before week posts, the earlier before the later.

        Earliest first keeps the most that can be kept at one gap.
        """
        for want, at in sorted(movable.items(), key=lambda item: (item[0].pin is None, item[1], item[0])):
            if self._may_stay(want, at) and self._lane.fits(at):
                self._put(want, at)

    def _may_stay(self, want: Want, at: int) -> bool:
        day = from_ticks(at).astimezone(self._grid.zone).date()
        if at < self._now or not self._grid.day(day).is_active(at):
            return False
        if want.pin is not None:
            return day == want.pin and self._window.starts_on <= day <= self._window.ends_on
        week = self._weeks[want.week]
        return week.starts_on <= day <= week.ends_on and self._grid.days_off.why(day) is None

    def _place_pins(self, date_: date, wants: list[Want]) -> None:
        missing = [want for want in wants if want not in self.placed]
        if not missing:
            return
        if not self._window.starts_on <= date_ <= self._window.ends_on:
            self._refuse(missing, reasons.pin_outside(date_, self._window))
            return
        day = self._grid.day(date_)
        if not day.spans:
            past = day.whole[1] <= self._grid.earliest or bool(day.active)
            self._refuse(missing, reasons.pin_past(date_) if past else reasons.pin_quiet(date_))
            return
        times = place_on_day(day, self._stand, len(missing), in_order=True)
        if len(times) < len(missing):
            self._make_way(day, times, missing, wants)
        else:
            self._assign(missing, times)
        homeless = [want for want in wants if want not in self.placed]
        self._refuse(homeless, reasons.pin_full(date_, self._gap_minutes))

    def _make_way(self, day: GridDay, times: list[int], missing: list[Want], wants: list[Want]) -> None:
        """A pin has its date only: week posts that may move give way to it, and then the date's other pins move."""
        reach = (day.whole[0] - self._lane.gap, day.whole[1] + self._lane.gap)
        kept = {
            want: self.placed[want]
            for want in self._free_to_move
            if want.pin is None and reach[0] < self.placed[want] < reach[1]
        }
        pins = {want: self.placed[want] for want in wants if want in self._free_to_move}
        no_pins: dict[Want, int] = {}
        for also, group in ((no_pins, missing), (pins, [*pins, *missing])):
            self._lift({**kept, **also}, times)
            more = place_on_day(day, self._stand, len(group), in_order=True)
            if len(more) > len(times) + len(also):
                for want in (*kept, *also):
                    del self.placed[want]
                self._free_to_move -= {*kept, *also}
                self._assign(sorted(group), more)
                for want, at in sorted(kept.items(), key=lambda item: (item[1], item[0])):
                    if self._lane.fits(at):
                        self._put(want, at)
                return
            for at in more:
                self._lane.remove(at)
            for at in (*kept.values(), *also.values(), *times):
                self._lane.add(at)
        self._assign(missing, times)

    def _place_week(self, week: WeekSpan, wants: list[Want]) -> None:
        missing = [want for want in wants if want not in self.placed]
        dates = list(days_between(week.starts_on, week.ends_on))
        ahead = [date_ for date_ in dates if self._grid.day(date_).spans]
        if not ahead:
            others = any(self._grid.day(one.ends_on).spans for one in self._window.weeks)
            self._refuse(missing, reasons.week_past(week, others=others))
            return
        days = [self._grid.day(date_) for date_ in ahead if self._grid.days_off.why(date_) is None]
        if not days:
            self._refuse(missing, reasons.week_all_days_off(week, ahead, self._grid.days_off))
            return
        times = self._spread_over(days, len(missing))
        if len(times) < len(missing):
            times, missing = self._pack(days, times, missing, wants)
        self._assign(missing, times)
        self._refuse(missing[len(times) :], reasons.week_full(week, self._gap_minutes, self._grid.days_off))

    def _spread_over(self, days: list[GridDay], number: int) -> list[int]:
        """Give each day an even share: in slots while any day has one left, between them after that."""
        stand = self._stand
        counts = [len(self._lane.within(day.whole)) for day in days]
        shares = spread(number, counts, [slot_room(day, stand) for day in days])
        if sum(shares) < number:
            rooms = [max(room(day, stand) - share, 0) for day, share in zip(days, shares, strict=True)]
            counts = [count + share for count, share in zip(counts, shares, strict=True)]
            more = spread(number - sum(shares), counts, rooms)
            shares = [share + extra for share, extra in zip(shares, more, strict=True)]
        used: Counter[int] = Counter()
        times: list[int] = []
        for day, share in zip(days, shares, strict=True):
            times += place_on_day(day, stand, share, used=used)
        return times

    def _pack(
        self, days: list[GridDay], times: list[int], missing: list[Want], wants: list[Want]
    ) -> tuple[list[int], list[Want]]:
        """Find the most that the week can hold: around what stands, or, only if that holds more, moving it as well."""
        spans = [span for day in days for span in day.spans]
        for at in times:
            self._lane.remove(at)
        around = densest(self._lane.free(spans), self._lane.gap, self._stand.shift)
        best = evenly(around, len(missing)) if len(around) > len(times) else times
        kept = {want: self.placed[want] for want in wants if want in self._free_to_move}
        if len(best) < len(missing) and kept:
            self._lift(kept, [])
            anew = densest(self._lane.free(spans), self._lane.gap, self._stand.shift)
            if len(anew) > len(best) + len(kept):
                for want in kept:
                    del self.placed[want]
                self._free_to_move -= set(kept)
                missing = sorted([*kept, *missing])
                best = evenly(anew, len(missing))
            else:
                for at in kept.values():
                    self._lane.add(at)
        for at in best:
            self._lane.add(at)
        return best, missing

    @property
    def _gap_minutes(self) -> int:
        return self._lane.gap // MINUTE

    def _assign(self, wants: Sequence[Want], times: Sequence[int]) -> None:
        """Give the wants, in pack order, the times that the lane holds for them; those left over stay without."""
        self.placed.update(zip(wants, times, strict=False))

    def _refuse(self, wants: Sequence[Want], reason: Reason) -> None:
        self.unplaced.update((want, reason) for want in wants)

    def _put(self, want: Want, at: int) -> None:
        self.placed[want] = at
        self._free_to_move.add(want)
        self._lane.add(at)

    def _lift(self, group: dict[Want, int], times: list[int]) -> None:
        for at in (*group.values(), *times):
            self._lane.remove(at)
