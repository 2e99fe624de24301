"""Many rows in one request: chunk by chunk, each row wholly or not at all, and a word on each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from app.errors import FocusweekError
from app.services.house import House
from app.services.scope import Scope

T = TypeVar("T")

#: So many rows are settled in one transaction: the engine's own writes wait for it.
AT_ONCE = 50
#: One request names so many rows at most.
MOST = 1000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row of many: `problem` says why nothing did. `state` is where it stands now, if anywhere."""

    row_id: int
    state: str | None
    problem: FocusweekError | None = None


def in_chunks(house: House, ids: Iterable[int], settle: Callable[[Scope, Sequence[int]], Iterable[T]]) -> list[T]:
    """Settle rows chunk by chunk, each chunk in a transaction of its own; return the answers in the order asked for.

    `settle` is given a chunk's ids in rising order and answers for each in that order. The one order lets two who
    settle the same rows wait for one another and never in a circle.
    """
    wanted = list(dict.fromkeys(ids))
    answers: dict[int, T] = {}
    for first in range(0, len(wanted), AT_ONCE):
        chunk = sorted(wanted[first : first + AT_ONCE])
        with house.write() as scope:
            answers.update(zip(chunk, settle(scope, chunk), strict=True))
    return [answers[row_id] for row_id in wanted]


def wholly(scope: Scope, deed: Callable[[], T]) -> T | FocusweekError:
    """Do something to one row of a chunk wholly or not at all; return what it came to, or why it was not done."""
    try:
        with scope.session.begin_nested():
            return deed()
    except FocusweekError as error:
        return error
