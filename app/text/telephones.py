"""Telephone numbers in running text, however they are grouped.

A run of digits with the usual punctuation between them is cut at dates, then read from the left: a stretch that has
the shape of a whole number (ten digits, or eleven after the country code 1) is one, whatever stands beside it
("24/7 1-888-555-0100", "911 or ..."). What is left over counts where it is as long as a number may be, so that a
number with a digit too few or too many is found as well. Letters as digits (1-800-FLOWERS) are not read: a mention
must be dialled as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from app.text.folding import Folded, fold


class TelephoneNumber(NamedTuple):
    """A telephone number: its half-open span in code points, its ASCII digits in order, and its text as written."""

    span: tuple[int, int]
    digits: str
    text: str


# Digits with at most four characters of punctuation between two of them; no line break.
_RUN = re.compile(r"[0-9](?:[ \t().\-/_*~\u00b7\u2022|]{0,4}[0-9]){6,}")
_DATE = re.compile(
    r"(?<![0-9])(?:(?:19|20)[0-9]{2}([-./ ])[01]?[0-9]\1[0-3]?[0-9]"
    r"|[0-3]?[0-9]([-./ ])[0-3]?[0-9]\2(?:19|20)[0-9]{2})(?![0-9])"
    r"|(?<![0-9\-.])(?:19|20)[0-9]{2} ?- ?(?:19|20)[0-9]{2}(?![0-9\-.])"
)
_GROUP = re.compile(r"[0-9]+")
# Digits joined without blanks, slashes or strokes.
_CHUNK = re.compile(r"[0-9]++(?:[().\-_*~\u00b7\u2022]++[0-9]++)*+")
# What may open a number: a plus, a bracket, or both.
_OPENING = re.compile(r"(?:\+ ?)?\(? ?\+?\Z")
_CURRENCY = "$€£¥₹"
# The usual shapes of a whole number, which need no closer look.
_USUAL = re.compile(r"(?:1[-. ])?[2-9][0-9]{2}([-. ])[0-9]{3}\1[0-9]{4}")
_LOCAL = re.compile(r"[0-9]{3}[-. ][0-9]{4}")

_NATIONAL, _WITH_CODE = 10, 11
_SHORTEST, _LONGEST = 9, 15
# A group that is nearly a number by itself does not go on behind a blank ("888-373-788 7 days").
_NEARLY_WHOLE = 8


class _Chunk(NamedTuple):
    """Digits joined without blanks or slashes: "888-373" in "888-373 7888"."""

    start: int
    end: int
    digits: str


def find_telephone_numbers(
    text: str, outside: tuple[tuple[int, int], ...] = (), *, folded: Folded | None = None
) -> tuple[TelephoneNumber, ...]:
    """Return the telephone numbers of a text in order, those that lie in the spans of `outside` (links) left out.

    Spans are half-open, in code points of `text`. Dates, years, prices and runs of digits too short or too long for a
    number are none. Hidden characters, other scripts' digits and full-width ones are read as they look; who has the
    text `folded` already may give it.
    """
    folded = folded or fold(text)
    if _RUN.search(folded.text) is None:
        return ()
    found: list[TelephoneNumber] = []
    for start, end in _between(outside, len(text)):
        found.extend(_find_in(text, folded, *folded.between(start, end)))
    return tuple(found)


def _between(outside: tuple[tuple[int, int], ...], length: int) -> Iterator[tuple[int, int]]:
    place = 0
    for start, end in sorted(outside):
        if start > place:
            yield place, start
        place = max(place, end)
    if place < length:
        yield place, length


def _find_in(text: str, folded: Folded, start: int, end: int) -> Iterator[TelephoneNumber]:
    segment = folded.text[start:end]
    for run in _RUN.finditer(segment):
        for number_start, number_end, digits in _numbers_in(segment, run.start(), run.end()):
            span = folded.span(start + number_start, start + number_end)
            yield TelephoneNumber(span, digits, text[span[0] : span[1]])


def _numbers_in(text: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    if _USUAL.fullmatch(text, start, end):
        yield from _as_number(text, (_Chunk(start, end, _digits(text, start, end)),))
        return
    place = start
    for date in _DATE.finditer(text, start, end):
        yield from _numbers_between_dates(text, place, date.start())
        place = date.end()
    yield from _numbers_between_dates(text, place, end)


def _digits(text: str, start: int, end: int) -> str:
    return "".join(_GROUP.findall(text, start, end))


def _numbers_between_dates(text: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    chunks = _chunks(text, start, end)
    rest = 0
    index = 0
    while index < len(chunks):
        stop = _whole_number(chunks, index)
        if stop is None:
            index += 1
            continue
        yield from _left_over(text, chunks[rest:index])
        yield from _as_number(text, chunks[index:stop])
        rest = index = stop
    yield from _left_over(text, chunks[rest:])


def _chunks(text: str, start: int, end: int) -> list[_Chunk]:
    chunks = _CHUNK.finditer(text, start, end)
    return [_Chunk(*chunk.span(), _digits(text, *chunk.span())) for chunk in chunks]


def _whole_number(chunks: Sequence[_Chunk], first: int) -> int | None:
    """Return the index behind the chunks that make a whole number from `first` on, the longer reading before."""
    digits = ""
    stop = None
    for index in range(first, min(first + _WITH_CODE, len(chunks))):
        digits += chunks[index].digits
        if len(digits) > _WITH_CODE:
            break
        if _is_whole(digits):
            stop = index + 1
        if len(chunks[index].digits) >= _NEARLY_WHOLE:
            break
    return stop


def _is_whole(digits: str) -> bool:
    if len(digits) == _WITH_CODE:
        return digits[0] == "1"
    return len(digits) == _NATIONAL and digits[0] not in "01"


def _left_over(text: str, chunks: Sequence[_Chunk]) -> Iterator[tuple[int, int, str]]:
    """Yield what may be a number with digits missing or added, or a local one."""
    if not chunks:
        return
    together = sum(len(chunk.digits) for chunk in chunks)
    *before, last = (len(chunk.digits) for chunk in chunks)
    # The last group may be nearly whole: "(888) 555-01000" has a digit too many.
    if _SHORTEST <= together <= _LONGEST and max(before, default=0) < _NEARLY_WHOLE >= last:
        yield from _as_number(text, chunks)
        return
    for chunk in chunks:
        is_local = _LOCAL.fullmatch(text, chunk.start, chunk.end)
        if is_local or _SHORTEST <= len(chunk.digits) <= _LONGEST:
            yield from _as_number(text, (chunk,))


def _as_number(text: str, chunks: Sequence[_Chunk]) -> Iterator[tuple[int, int, str]]:
    start, end = chunks[0].start, chunks[-1].end
    opening = _OPENING.search(text, max(0, start - 4), start)
    before = opening.start() if opening else start
    if before and text[before - 1] in _CURRENCY:
        return
    # A bracket opens the number only where it closes inside it: "(888) 555-0100", not "(888-555-0100)".
    if "(" in text[before:start] and ")" not in text[start:end]:
        before = start
    start = before + len(text[before:start]) - len(text[before:start].lstrip())
    yield start, end, "".join(chunk.digits for chunk in chunks)
