"""Days as toolkits write them: January 1-7, 2023; Oct. 5 to Oct. 11; 1/8–1/14; (1/11)."""

from __future__ import annotations

import re
from datetime import date

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_MONTH = r"(?P<{0}>(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*)\.?"
_DAY = r"(?P<{0}>[0-3]?[0-9])(?:st|nd|rd|th)?"
_TO = r"\s*(?:-|\u2010|\u2011|\u2012|\u2013|\u2014|\bto\b|\bthrough\b|\bthru\b)\s*"
_SPAN = re.compile(
    rf"\b{_MONTH.format('m1')}\s+{_DAY.format('d1')}(?:,\s*[0-9]{{4}})?{_TO}(?:{_MONTH.format('m2')}\s+)?"
    rf"{_DAY.format('d2')}(?:,?\s*[0-9]{{4}})?\b",
    re.IGNORECASE,
)
_NUMERIC_SPAN = re.compile(
    rf"(?<![0-9/])(?P<m1>1?[0-9])/{_DAY.format('d1')}(?:/[0-9]{{2,4}})?{_TO}(?P<m2>1?[0-9])/{_DAY.format('d2')}"
    r"(?:/[0-9]{2,4})?(?![0-9/])"
)
_SINGLE = re.compile(rf"\b{_MONTH.format('m1')}\s+{_DAY.format('d1')}\b", re.IGNORECASE)
_NUMERIC_SINGLE = re.compile(r"\((?P<m1>1?[0-9])/(?P<d1>[0-3]?[0-9])\)")
#: Any leap year: a day is a real one when it exists in it.
_LEAP_YEAR = 2000


def find_span(text: str) -> tuple[str, str, tuple[int, int]] | None:
    """Return the first span of days as MM-DD each, and where it stands (half-open); None where there is none."""
    for pattern in (_SPAN, _NUMERIC_SPAN):
        for match in pattern.finditer(text):
            first = _day(match["m1"], match["d1"])
            last = _day(match["m2"] or match["m1"], match["d2"])
            if first is not None and last is not None:
                return first, last, match.span()
    return None


def find_day(text: str) -> tuple[str, tuple[int, int]] | None:
    """Return the first single day as MM-DD, and where it stands; None where there is none."""
    for pattern in (_NUMERIC_SINGLE, _SINGLE):
        for match in pattern.finditer(text):
            day = _day(match["m1"], match["d1"])
            if day is not None:
                return day, match.span()
    return None


def _day(month: str, day: str) -> str | None:
    number = int(month) if month.isdigit() else _month(month)
    try:
        return f"{date(_LEAP_YEAR, number, int(day)):%m-%d}"
    except ValueError:
        return None


def _month(name: str) -> int:
    return next((at for at, month in enumerate(_MONTHS, start=1) if month.startswith(name.lower()[:3])), 0)
