"""Half-open spans, kept in order."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

Span = tuple[int, int]


def lies_in(spans: Sequence[Span], span: Span) -> bool:
    """Return whether a span begins inside one of the spans, which are in order and do not overlap."""
    index = bisect_right(spans, span[0], key=_start) - 1
    return index >= 0 and span[0] < spans[index][1]


def _start(span: Span) -> int:
    return span[0]
