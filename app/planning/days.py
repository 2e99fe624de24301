"""Which days are days off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

import holidays

from app.errors import InvalidInput
from app.planning.values import Cadence

WEEKEND = "weekend"
HOLIDAY = "holiday"
CHOSEN = "chosen"

_SATURDAY_AND_SUNDAY = frozenset({5, 6})


def days_between(first: date, last: date) -> Iterator[date]:
    """Return the days from first to last, both included."""
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


class DaysOff:
    """The days on which a cadence places nothing but pins.

    Holidays are those that the country observes: when 1 January 2028 is a Saturday, Friday 31 December 2027 is off too.
    """

    def __init__(self, cadence: Cadence) -> None:
        self._chosen = frozenset(cadence.days_off)
        self._weekends_off = cadence.weekends_off
        self._holidays: holidays.HolidayBase | None = None
        self._weekend = _SATURDAY_AND_SUNDAY
        if cadence.holiday_country is not None:
            self._holidays = _holidays_of(cadence.holiday_country)
            self._weekend = frozenset(self._holidays.weekend)

    def why(self, day: date) -> str | None:
        """Return why a day is off (`chosen`, `holiday` or `weekend`), or None for a working day."""
        if day in self._chosen:
            return CHOSEN
        if self._holidays is not None and day in self._holidays:
            return HOLIDAY
        if self._weekends_off and day.weekday() in self._weekend:
            return WEEKEND
        return None


def _holidays_of(country: str) -> holidays.HolidayBase:
    code = country.upper()
    if code not in _countries():
        raise InvalidInput(
            f"No holidays are known for the country {country!r}.",
            hint="Give an ISO 3166 country code such as US, or none.",
        )
    return holidays.country_holidays(code)


@cache
def _countries() -> frozenset[str]:
    return frozenset(holidays.list_supported_countries())
