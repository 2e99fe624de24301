"""Focus weeks: headings such as `Week 2: Families`, `Focus Week 2 - October 8-14`, or days alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.packs.drafting.days import find_span
from app.packs.drafting.found import FoundWeek
from app.packs.drafting.lines import Line, looks_like_heading, plain_heading

_WORDS = {word: n for n, word in enumerate(
    ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), start=1
)}  # fmt: skip
_WEEK = re.compile(rf"(?:focus\s+)?week\s+(?P<number>[0-9]{{1,2}}|{'|'.join(_WORDS)})\b\s*(?P<rest>.*)", re.IGNORECASE)
_TRIM = " \t:\u2013\u2014-|.,()"
_YEAR = re.compile(r",?\s*\b(?:19|20)[0-9]{2}\b")


def week_number(line: Line) -> int | None:
    """Return the number of the focus week that a line is the heading of, or None."""
    match = _heading(line)
    if match is None:
        return None
    number = match["number"].lower()
    return _WORDS[number] if number in _WORDS else int(number)


def _heading(line: Line) -> re.Match[str] | None:
    text = plain_heading(line.text)
    # A heading's days may end it with anything; a sentence that begins with a week's number is none.
    if line.bullet or len(text) > 160 or (text.endswith((".", "!")) and len(text.split()) > 12):  # noqa: PLR2004 - a heading's usual lengths
        return None
    return _WEEK.fullmatch(text)


def find_weeks(lines: Sequence[Line]) -> list[FoundWeek]:
    """Return the focus weeks in the order of their numbers, each with what all of its headings together say."""
    weeks: dict[int, FoundWeek] = {}
    for place, line in enumerate(lines):
        number = week_number(line)
        if not number:
            continue
        week = weeks.setdefault(number, FoundWeek(number, line.where))
        match = _heading(line)
        rest = match["rest"] if match else ""
        span = find_span(rest)
        if span is not None and week.starts_on is None:
            week.starts_on, week.ends_on, week.where = span[0], span[1], line.where
        title = _YEAR.sub("", rest if span is None else rest[: span[2][0]] + rest[span[2][1] :]).strip(_TRIM)
        following = _next(lines, place)
        if not week.title:
            week.title = title or (plain_heading(following.text) if following and looks_like_heading(following) else "")
        if week.starts_on is None and following is not None and (below := find_span(following.text)) is not None:
            week.starts_on, week.ends_on = below[0], below[1]
        if (
            not week.introduction
            and following is not None
            and not looks_like_heading(following)
            and not following.bullet
        ):
            week.introduction = " ".join(following.text.split())
    return [weeks[number] for number in sorted(weeks)]


def dated_weeks(lines: Sequence[Line]) -> list[tuple[int, FoundWeek]]:
    """Return headings that begin or end with a span of days as weeks, with the places of their lines, numbered anew."""
    found: list[tuple[int, FoundWeek]] = []
    for place, line in enumerate(lines):
        text = plain_heading(line.text)
        span = find_span(text) if looks_like_heading(line) else None
        if span is None or any(week.starts_on == span[0] for _, week in found):
            continue
        title = _YEAR.sub("", text[: span[2][0]] + text[span[2][1] :]).strip(_TRIM)
        found.append((place, FoundWeek(len(found) + 1, line.where, title, span[0], span[1])))
    return found


def _next(lines: Sequence[Line], place: int) -> Line | None:
    return next((line for line in lines[place + 1 : place + 6] if not line.blank), None)
