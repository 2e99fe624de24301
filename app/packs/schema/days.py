"""Days of any year: where they fall in one, and whether they lie in the campaign's window."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

if TYPE_CHECKING:
    from app.packs.schema.pack import Pack

#: A leap year, so that 29 February is itself. A window that spans New Year ends in 2001, where no day is added.
_YEAR = 2000


def in_year(month_day: str, year: int, *, starts: bool = False) -> date:
    """Return the date of an `MM-DD` in a year.

    In a year without 29 February, a span that ends on it ends on the 28th, and one that starts on it (`starts`)
    starts on 1 March: spans that follow one another never overlap.
    """
    month, day = int(month_day[:2]), int(month_day[3:])
    try:
        return date(year, month, day)
    except ValueError:
        return date(year, 3, 1) if starts else date(year, 2, 28)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def known_zone(name: str) -> ZoneInfo | None:
    """Return the IANA zone of that name, or None where there is no such zone on any system."""
    return ZoneInfo(name) if name in _zones() else None


def days_in_window(pack: Pack, month_day: str) -> int | None:
    """Return how many days after the window's start a day lies, or None where it lies outside."""
    start, end = window_dates(pack, _YEAR)
    for year in (_YEAR, _YEAR + 1):
        day = in_year(month_day, year)
        if start <= day <= end:
            return (day - start).days
    return None


def window_dates(pack: Pack, year: int) -> tuple[date, date]:
    """Return the window's first and last day; `year` is that of its first."""
    start = in_year(pack.window.starts_on, year, starts=True)
    # Compared as written: 02-29 to 02-29 is one day and no span of a year.
    spans_new_year = pack.window.ends_on < pack.window.starts_on
    return start, in_year(pack.window.ends_on, year + 1 if spans_new_year else year)
