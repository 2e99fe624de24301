"""Dates and times as people and schedulers write them, and what is open in them.

Nothing is guessed: which of two numbers is the day is decided by the whole file where any date of it can be read in one
way only, else asked; a wall time that a zone's clocks skip or show twice is an error with what to write instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import Flag, auto
from zoneinfo import ZoneInfo

from app.packs.sheets.values import DateOrder

_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d{1,6})?)?(?:\s*(?P<half>[AaPp]\.?[Mm]\.?))?"
_ISO = re.compile(
    rf"(?P<year>\d{{4}})-(?P<month>\d{{1,2}})-(?P<day>\d{{1,2}})(?:[T\s]\s*{_TIME}\s*(?P<zone>Z|z|[+-]\d{{2}}:?\d{{2}})?)?"
)
_NUMBERS = re.compile(
    rf"(?P<first>\d{{1,2}})(?P<mark>[/.-])(?P<second_number>\d{{1,2}})(?P=mark)(?P<year>\d{{4}}|\d{{2}})(?:,?\s+{_TIME})?"
)
_CLOCK = re.compile(_TIME)
_MONTHS, _HALF_DAY, _CENTURY = 12, 12, 2000


class Forms(Flag):
    """In which forms a format's moments may stand, beside ISO 8601 with an offset or Z."""

    ZONED = 0
    ISO = auto()
    NUMBERS = auto()


class MomentFault(Exception):
    """What is wrong with a date or time: a stable code, and words for a person."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class OrderNeeded(Exception):
    """A date that can be read in two ways, and nobody has said which."""


@dataclass(frozen=True, slots=True)
class Written:
    """A date as it is written: ISO 8601 (`order_matters` False), or two numbers of which either may be the day."""

    first: int
    second: int

    @property
    def only(self) -> DateOrder | None:
        """Return the order that it must be read in, None where both are possible."""
        if self.first > _MONTHS >= self.second:
            return DateOrder.DAY_FIRST
        if self.second > _MONTHS >= self.first:
            return DateOrder.MONTH_FIRST
        return None

    @property
    def is_open(self) -> bool:
        """Whether it is another day in the other order."""
        return self.first <= _MONTHS and self.second <= _MONTHS and self.first != self.second


def written_date(text: str) -> Written | None:
    """Return the two numbers of a date that is written with its year last, else None."""
    match = _NUMBERS.fullmatch(text.strip())
    return Written(int(match["first"]), int(match["second_number"])) if match else None


def order_of(texts: Iterable[str]) -> tuple[DateOrder | None, bool]:
    """Return the order in which a file's dates must be read, and whether it has to be asked for.

    It is asked for where no date of the file decides it and one would be another day, or where two decide otherwise.
    """
    dates = [found for text in texts if (found := written_date(text)) is not None]
    orders = {found.only for found in dates if found.only is not None}
    if len(orders) == 1:
        return orders.pop(), False
    return None, len(orders) > 1 or any(found.is_open for found in dates)


def read_moment(text: str, zone: ZoneInfo, forms: Forms, order: DateOrder | None) -> datetime:
    """Return the instant (UTC) that a cell names; wall times are the zone's.

    Raises:
        OrderNeeded: The date can be read in two ways.
        MomentFault: It is no moment in one of the forms, or the zone's clocks skip it or show it twice.
    """
    text = text.strip()
    if (match := _ISO.fullmatch(text)) is not None:
        return _iso_moment(match, text, zone, forms)
    if (match := _NUMBERS.fullmatch(text)) is not None and Forms.NUMBERS in forms:
        if match["hour"] is None:
            raise _no_time(text)
        return to_instant(datetime.combine(_date(match, text, order), _time(match, text)), zone)
    raise MomentFault("at.invalid", f"“{text[:60]}” is no date and time. Write it as {example(forms)}.")


def read_day_and_time(day: str, clock: str, zone: ZoneInfo, order: DateOrder | None) -> datetime:
    """Return the instant (UTC) of a date and a time of day that stand in cells of their own.

    Raises:
        OrderNeeded: The date can be read in two ways.
        MomentFault: One of them is none, or the zone's clocks skip it or show it twice.
    """
    day, clock = day.strip(), clock.strip()
    if (match := _ISO.fullmatch(day)) is not None and match["hour"] is None:
        found = _whole(day, int(match["year"]), int(match["month"]), int(match["day"]))
    elif (match := _NUMBERS.fullmatch(day)) is not None and match["hour"] is None:
        found = _date(match, day, order)
    else:
        raise MomentFault("date.invalid", f"“{day[:60]}” is no date. Write it as 2027-01-11.")
    match = _CLOCK.fullmatch(clock)
    if match is None:
        raise MomentFault("time.invalid", f"“{clock[:60]}” is no time of day. Write it as 14:30.")
    return to_instant(datetime.combine(found, _time(match, clock)), zone)


def to_instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant (UTC) at which a zone's clocks show a wall time (naive).

    Raises:
        MomentFault: They never do, or do so twice.
    """
    try:
        first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
        back = first.astimezone(zone).replace(tzinfo=None)
    except OverflowError:
        raise MomentFault("at.invalid", f"{wall:%Y-%m-%d %H:%M} cannot be planned.") from None
    if back != wall:
        later = (wall + abs(first - second)).time()
        raise MomentFault(
            "at.nonexistent",
            f"{wall:%Y-%m-%d %H:%M} does not exist in {zone.key}: clocks are put forward there. Write {later:%H:%M}.",
        )
    if first != second:
        one, other = (at.astimezone(zone).isoformat(timespec="minutes") for at in (first, second))
        raise MomentFault(
            "at.ambiguous",
            f"{wall:%Y-%m-%d %H:%M} comes twice in {zone.key}, for clocks are put back then. "
            f"Choose another minute, or write {one} or {other}.",
        )
    return first


def example(forms: Forms) -> str:
    """Return a moment as it may be written."""
    return "2027-01-11 14:30" if Forms.ISO in forms else "2027-01-11T14:30:00Z"


def _iso_moment(match: re.Match[str], text: str, zone: ZoneInfo, forms: Forms) -> datetime:
    day = _whole(text, int(match["year"]), int(match["month"]), int(match["day"]))
    if match["hour"] is None:
        raise _no_time(text)
    wall = datetime.combine(day, _time(match, text))
    if match["zone"] is None:
        if Forms.ISO not in forms:
            raise MomentFault("at.no_zone", f"“{text[:60]}” does not say that it is in UTC. Write {example(forms)}.")
        return to_instant(wall, zone)
    try:
        return datetime.fromisoformat(f"{wall.isoformat()}{match['zone'].upper()}").astimezone(UTC)
    except (ValueError, OverflowError):
        raise MomentFault("at.invalid", f"“{text[:60]}” is no date and time.") from None


def _no_time(text: str) -> MomentFault:
    return MomentFault("at.no_time", f"“{text[:60]}” has no time of day. Write it as 2027-01-11 14:30.")


def _date(match: re.Match[str], text: str, order: DateOrder | None) -> date:
    first, second = int(match["first"]), int(match["second_number"])
    year = int(match["year"]) + (_CENTURY if len(match["year"]) == 2 else 0)  # noqa: PLR2004 - 27 for 2027
    if order is None:
        if first != second and Written(first, second).only is None and first <= _MONTHS:
            raise OrderNeeded
        order = Written(first, second).only or DateOrder.MONTH_FIRST
    day, month = (first, second) if order is DateOrder.DAY_FIRST else (second, first)
    if month > _MONTHS >= day:
        said = "day first" if order is DateOrder.DAY_FIRST else "month first"
        raise MomentFault("date.other_order", f"“{text[:60]}” is no date {said}, as the file's other dates are read.")
    return _whole(text, year, month, day)


def _whole(text: str, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise MomentFault("date.invalid", f"“{text[:60]}”: there is no such day.") from None


def _time(match: re.Match[str], text: str) -> time:
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
    if half := (match["half"] or "").lower():
        if not 1 <= hour <= _HALF_DAY:
            raise MomentFault("time.invalid", f"“{text[:60]}”: there is no such time of day.")
        hour = hour % _HALF_DAY + (_HALF_DAY if half.startswith("p") else 0)
    try:
        return time(hour, minute, second)
    except ValueError:
        raise MomentFault("time.invalid", f"“{text[:60]}”: there is no such time of day.") from None
