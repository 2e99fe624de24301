"""Why something has no place, in words for a person, and what can be done about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.planning.days import CHOSEN, HOLIDAY, WEEKEND, DaysOff, days_between
from app.planning.values import WeekSpan, Window

MOVE_WEEK = "move to another week"
MOVE_PIN = "pin to another date"
UNPIN = "remove the pin"
OTHER_TIME = "give it another time"
SHORTER_GAP = "shorten the minimum gap"
SHORTER_QUIET = "shorten the quiet hours"
LEAVE_OUT = "leave it out"
LONGER_WINDOW = "extend the campaign's dates"
FEWER = "send it to fewer accounts"

_ALLOW = {WEEKEND: "allow weekends", HOLIDAY: "allow holidays", CHOSEN: "remove a day off"}
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reason:
    """A stable code, a sentence, and the choices that a person has."""

    code: str
    message: str
    choices: tuple[str, ...]


def words(day: date) -> str:
    """Return a date in words, the same in every locale: 11 January 2027."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def week_past(week: WeekSpan, *, others: bool) -> Reason:
    """No time of the week is left; `others` says whether another week has some."""
    return Reason(
        "week.past",
        f"Week {week.number} ended on {words(week.ends_on)}; no time to post is left in it.",
        (MOVE_WEEK if others else LONGER_WINDOW, LEAVE_OUT),
    )


def week_all_days_off(week: WeekSpan, days: list[date], days_off: DaysOff) -> Reason:
    """Every day that the week still has is a day off."""
    return Reason(
        "week.all_days_off",
        f"Every day left in week {week.number}, up to {words(week.ends_on)}, is a day off.",
        (*_allowances(days, days_off), MOVE_WEEK, LEAVE_OUT),
    )


def week_full(week: WeekSpan, gap_minutes: int, days_off: DaysOff) -> Reason:
    """The week has days, but no time on them that keeps the gap."""
    days = list(days_between(week.starts_on, week.ends_on))
    return Reason(
        "week.full",
        f"Week {week.number} has no time left that keeps {gap_minutes} minutes between posts on this account.",
        (MOVE_WEEK, SHORTER_GAP, SHORTER_QUIET, *_allowances(days, days_off), LEAVE_OUT),
    )


def moment_past() -> Reason:
    """The moment that a person gave the post is over."""
    return Reason("at.past", "The time that was given for this post has passed.", (OTHER_TIME, LEAVE_OUT))


def pin_past(day: date) -> Reason:
    """The pin's date is over."""
    return Reason(
        "pin.past", f"It is pinned to {words(day)}; no time to post is left on that day.", (MOVE_PIN, LEAVE_OUT)
    )


def pin_quiet(day: date) -> Reason:
    """The pin's date has no minute outside the quiet hours."""
    return Reason(
        "pin.quiet",
        f"It is pinned to {words(day)}, and that day has no time outside the quiet hours.",
        (SHORTER_QUIET, MOVE_PIN, LEAVE_OUT),
    )


def pin_outside(day: date, window: Window) -> Reason:
    """The pin's date is not a day of the campaign."""
    return Reason(
        "pin.outside_window",
        f"It is pinned to {words(day)}, and the campaign runs from {words(window.starts_on)} "
        f"to {words(window.ends_on)}.",
        (MOVE_PIN, LONGER_WINDOW, UNPIN, LEAVE_OUT),
    )


def pin_full(day: date, gap_minutes: int) -> Reason:
    """The pin's date has no time left that keeps the gap."""
    return Reason(
        "pin.full",
        f"It is pinned to {words(day)}, and that day has no time left that keeps {gap_minutes} minutes between posts "
        "on this account.",
        (SHORTER_GAP, SHORTER_QUIET, MOVE_PIN, FEWER, LEAVE_OUT),
    )


def _allowances(days: list[date], days_off: DaysOff) -> tuple[str, ...]:
    whys = {days_off.why(day) for day in days}
    return tuple(words for why, words in _ALLOW.items() if why in whys)
