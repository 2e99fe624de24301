"""A pack's days as the dates of one year, and its posts as the values that the planning room takes."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.errors import InvalidInput
from app.packs.schema import Pack
from app.packs.schema.days import in_year, known_zone, window_dates
from app.planning.values import PlanPost, WeekSpan, Window

#: Years that a campaign can have, the same wherever one is asked for; others are slips of the keyboard.
FIRST_YEAR, LAST_YEAR = 2000, 2199


def build_window(pack: Pack, *, year: int, zone: str | None = None) -> Window:
    """Return the campaign's days in `year`, in the IANA zone named, or the pack's.

    A window that spans New Year belongs to the year in which it starts.

    Raises:
        InvalidInput: There is no such zone, or the year is out of range.
    """
    start, end = _window(pack, year)
    return Window(
        starts_on=start,
        ends_on=end,
        zone=_zone(pack.time_zone if zone is None else zone),
        weeks=tuple(
            WeekSpan(
                week.number,
                week.title,
                _placed(week.starts_on, start, end, starts=True),
                _placed(week.ends_on, start, end),
            )
            for week in pack.weeks
        ),
    )


def default_year(pack: Pack, now: datetime) -> int:
    """Return the year of the next window that has not ended at `now` (aware), by the calendar of the pack's zone."""
    if now.tzinfo is None:
        raise ValueError("the present is an aware instant")
    today = now.astimezone(_zone(pack.time_zone)).date()
    # A window that spans New Year and started last year may still be running.
    return next(year for year in range(today.year - 1, today.year + 3) if _window(pack, year)[1] >= today)


def plan_posts(pack: Pack, year: int) -> tuple[PlanPost, ...]:
    """Return the pack's posts with their pins as dates of the campaign's `year`, in the pack's order.

    Raises:
        InvalidInput: The year is out of range.
    """
    start, end = _window(pack, year)
    return tuple(
        PlanPost(
            key=post.key,
            week=post.week,
            pins=tuple(sorted({_placed(pin, start, end) for pin in post.pins})),
            accounts=None if post.accounts is None else frozenset(post.accounts),
            platforms=None if post.platforms is None else frozenset(post.platforms),
            left_out=post.left_out,
        )
        for post in pack.posts
    )


def _window(pack: Pack, year: int) -> tuple[date, date]:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise InvalidInput(f"{year} is no year that a campaign can have", hint=f"Use {FIRST_YEAR} to {LAST_YEAR}.")
    return window_dates(pack, year)


def _placed(month_day: str, start: date, end: date, *, starts: bool = False) -> date:
    """Return the date of a day of the pack that lies in the window, in whichever of its years it does."""
    for year in (start.year, end.year):
        day = in_year(month_day, year, starts=starts)
        if start <= day <= end:
            return day
    # Only 29 February, in a year without it, can fall just outside a window that starts or ends there.
    return start if in_year(month_day, start.year) < start else end


def _zone(name: str) -> ZoneInfo:
    zone = known_zone(name)
    if zone is None:
        raise InvalidInput(
            f"There is no time zone named {name!r}.", hint="Use an IANA name such as America/New_York or Pacific/Guam."
        )
    return zone
