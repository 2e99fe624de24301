"""One account's line through time: where its deliveries stand, and where another could."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence

from app.planning.times import MINUTE, Span, ceil_minute, floor_minute

#: First and last whole minute at which a delivery may stand, both included, in ticks.
Free = tuple[int, int]


class Lane:
    """The sorted instants of an account's deliveries, kept at least `gap` ticks apart by those who add to it."""

    def __init__(self, gap: int) -> None:
        # Even without a gap, two deliveries of one account never share a minute.
        self.gap = max(gap, MINUTE)
        self._times: list[int] = []

    def add(self, at: int) -> None:
        """Put a delivery at an instant."""
        insort(self._times, at)

    def remove(self, at: int) -> None:
        """Take one delivery at an instant away."""
        del self._times[bisect_left(self._times, at)]

    def within(self, span: Span) -> list[int]:
        """Return the instants in a half-open span."""
        return self._times[bisect_left(self._times, span[0]) : bisect_left(self._times, span[1])]

    def fits(self, at: int) -> bool:
        """Return whether a delivery at an instant keeps the gap to all others."""
        following = bisect_left(self._times, at)
        if following < len(self._times) and self._times[following] - at < self.gap:
            return False
        return following == 0 or at - self._times[following - 1] >= self.gap

    def free(self, spans: Iterable[Span]) -> list[Free]:
        """Return the stretches of the spans in which a single further delivery keeps the gap, in order."""
        found: list[Free] = []
        for start, end in spans:
            since = start
            for index in range(bisect_right(self._times, start - self.gap), bisect_left(self._times, end + self.gap)):
                at = self._times[index]
                _append(found, since, at - self.gap)
                since = max(since, at + self.gap)
            _append(found, since, end - 1)
        return found


def densest(stretches: Sequence[Free], gap: int, shift: int = 0) -> list[int]:
    """Return as many instants as the stretches can hold at the gap.

    Taking the earliest each time is the most that fits. A `shift` (ticks) sets the row later where that costs no place.
    """
    packed = _pack(stretches, gap, 0)
    if not shift:
        return packed
    shifted = _pack(stretches, gap, shift)
    return shifted if len(shifted) == len(packed) else packed


def _pack(stretches: Sequence[Free], gap: int, shift: int) -> list[int]:
    packed: list[int] = []
    for lo, hi in stretches:
        start = lo
        if packed and packed[-1] + gap > lo:
            start = packed[-1] + gap
        elif shift and lo <= hi:
            start = lo + shift % ((hi - lo) % gap + MINUTE)
        packed.extend(range(ceil_minute(start), hi + 1, gap))
    return packed


def _append(found: list[Free], since: int, until: int) -> None:
    lo, hi = ceil_minute(since), floor_minute(until)
    if lo <= hi:
        found.append((lo, hi))
