"""Handles: `@name`, and `@name@server` as a whole. An e-mail address holds none."""

from __future__ import annotations

import re
from typing import NamedTuple

# A handle starts where no word, sign of an address or second @ stands before it; networks link it behind a dot, dash
# or slash (".@name", "w/@name"), and those of addresses are left out by their links. Dots and dashes may stand inside
# (Bluesky's handles are domains) but not at the end, where they belong to the sentence.
_HANDLE = re.compile(r"(?<![\w@＠+%])[@＠](\w++(?:[.-]\w++)*+(?:@\w++(?:[.-]\w++)*+)?+)(?!@)")


class Handle(NamedTuple):
    """A handle in a text: half-open span with the sign, and the name without it."""

    span: tuple[int, int]
    name: str


def find_handles(text: str, outside: tuple[tuple[int, int], ...] = ()) -> tuple[Handle, ...]:
    """Return the handles in order, leaving out those that begin inside a span of `outside` (sorted; links, say)."""
    if "@" not in text and "＠" not in text:
        return ()
    handles: list[Handle] = []
    spans = iter(outside)
    current = next(spans, None)
    for match in _HANDLE.finditer(text):
        while current is not None and current[1] <= match.start():
            current = next(spans, None)
        if current is None or not current[0] <= match.start() < current[1]:
            handles.append(Handle(match.span(), match[1]))
    return tuple(handles)
