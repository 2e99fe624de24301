"""Even shares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def evenly(things: Sequence[T], number: int) -> list[T]:
    """Return `number` of the things, in order, as evenly apart as they can be; all of them if there are fewer."""
    total = len(things)
    if number >= total:
        return list(things)
    return [things[(2 * index + 1) * total // (2 * number)] for index in range(number)]


def spread(number: int, counts: Sequence[int], rooms: Sequence[int]) -> list[int]:
    """Return how many of `number` each day takes, so that the fullest and the emptiest differ as little as can be.

    `counts` is what stands on each day already and `rooms` how many more it can take. What fits nowhere is in no share.
    """
    shares = [0] * len(counts)
    while number > 0:
        able = [day for day, room in enumerate(rooms) if shares[day] < room]
        if not able:
            break
        lowest = min(counts[day] + shares[day] for day in able)
        level = [day for day in able if counts[day] + shares[day] == lowest]
        for day in evenly(level, number):
            shares[day] += 1
        number -= min(number, len(level))
    return shares
