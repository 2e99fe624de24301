"""What checks yield, and the check that is common to all lists: that nothing stands in one twice."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator

#: The path to a place (as in Pydantic's `loc`), and what is wrong there in plain words.
Problem = tuple[tuple[str | int, ...], str]


def repeated(
    path: tuple[str | int, ...], field: str | int | None, values: Iterable[Hashable], what: str
) -> Iterator[Problem]:
    """Yield a problem for each value of a list that stands in it before; `field` is the entry's field, if any."""
    first: dict[Hashable, int] = {}
    for index, value in enumerate(values):
        if value in first:
            where = (*path, index) if field is None else (*path, index, field)
            yield where, f"expected {what} of its own, found {value!r} again (first in entry {first[value] + 1})"
        first.setdefault(value, index)
