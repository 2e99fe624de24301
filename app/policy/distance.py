"""How many edits lie between two short strings (Damerau): a letter more, less, another, or two neighbours swapped."""

from __future__ import annotations


def within_edits(first: str, second: str, limit: int) -> int | None:
    """Return the number of edits between two strings when it is at most `limit`, else None.

    Unrestricted Damerau-Levenshtein distance. Long strings of unlike length are refused without a look.
    """
    if abs(len(first) - len(second)) > limit:
        return None
    distance = _distance(first, second)
    return distance if distance <= limit else None


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
