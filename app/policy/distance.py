"""How many edits lie between two short strings (Damerau): a letter more, less, another, or two neighbours swapped."""

from __future__ import annotations

from collections import Counter


def within_edits(first: str, second: str, limit: int) -> int | None:
    """Return the number of edits between two strings when it is at most `limit`, else None.

    Unrestricted Damerau-Levenshtein distance. Long strings of unlike length are refused without a look.
    """
    if first == second:
        return 0
    if not limit or abs(len(first) - len(second)) > limit:
        return None
    start, stop = _common_ends(first, second)
    first, second = first[start : len(first) - stop], second[start : len(second) - stop]
    # An edit changes two letters at most, so strings of quite different letters are far apart.
    if sum(((Counter(first) - Counter(second)) + (Counter(second) - Counter(first))).values()) > 2 * limit:
        return None
    distance = _distance(first, second)
    return distance if distance <= limit else None


def _common_ends(first: str, second: str) -> tuple[int, int]:
    """Return how many letters two strings share at the start, and then at the end: those need no edits."""
    shortest = min(len(first), len(second))
    start = 0
    while start < shortest and first[start] == second[start]:
        start += 1
    stop = 0
    while stop < shortest - start and first[-1 - stop] == second[-1 - stop]:
        stop += 1
    return start, stop


def _distance(first: str, second: str) -> int:
    far = len(first) + len(second)
    last_row: dict[str, int] = {}
    table = [[far] * (len(second) + 2) for _ in range(len(first) + 2)]
    for i in range(len(first) + 1):
        table[i + 1][1] = i
    for j in range(len(second) + 1):
        table[1][j + 1] = j
    for i, here in enumerate(first, 1):
        last_match = 0
        for j, there in enumerate(second, 1):
            row, column = last_row.get(there, 0), last_match
            cost = 1
            if here == there:
                cost, last_match = 0, j
            table[i + 1][j + 1] = min(
                table[i][j] + cost,
                table[i + 1][j] + 1,
                table[i][j + 1] + 1,
                table[row][column] + (i - row - 1) + 1 + (j - column - 1),
            )
        last_row[here] = i
    return table[-1][-1]
