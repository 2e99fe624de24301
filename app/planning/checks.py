"""What is refused at the door: a plan is only made of input that makes sense."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from app.errors import InvalidInput
from app.planning.reasons import words
from app.planning.times import active_wall, wall_ticks
from app.planning.values import Cadence, Existing, PlanAccount, PlanPost, Window

_LONGEST_WINDOW_DAYS = 366
_FIRST_YEAR, _LAST_YEAR = 1980, 9000


def check_input(
    posts: Sequence[PlanPost],
    accounts: Sequence[PlanAccount],
    window: Window,
    cadence: Cadence,
    *,
    now: datetime,
    existing: Sequence[Existing],
) -> None:
    """Raise InvalidInput with the first thing that is wrong; return None when all is well."""
    _check_window(window)
    _check_cadence(cadence)
    _refuse_repeats("The post", (post.key for post in posts))
    _refuse_repeats("The account", (account.slug for account in accounts))
    _refuse_repeats("The existing delivery", (f"{e.post} / {e.account} / {e.occurrence}" for e in existing))
    for account in accounts:
        if account.min_gap_minutes is not None and account.min_gap_minutes < 0:
            raise InvalidInput(
                f"The minimum gap of the account {account.slug!r} is negative.", hint="Give its minutes, or none."
            )
    weeks = {week.number for week in window.weeks}
    for post in posts:
        if post.week not in weeks:
            raise InvalidInput(
                f"The post {post.key!r} is for week {post.week}, which the campaign does not have.",
                hint=f"Its weeks are {', '.join(str(number) for number in sorted(weeks))}.",
            )
        _refuse_repeats(f"The post {post.key!r}: the pin", (pin.isoformat() for pin in post.pins))
    moments = [now, *(one.due_at for one in existing), *(post.at for post in posts if post.at is not None)]
    if any(moment.utcoffset() is None for moment in moments):
        raise InvalidInput(
            "A moment without a time zone cannot be planned with.", hint="Give every moment with its zone or offset."
        )


def _check_window(window: Window) -> None:
    if window.ends_on < window.starts_on:
        raise InvalidInput(
            f"The campaign ends on {words(window.ends_on)}, before it starts on {words(window.starts_on)}.",
            hint="Give an end on or after the start.",
        )
    if window.starts_on.year < _FIRST_YEAR or window.ends_on.year > _LAST_YEAR:
        raise InvalidInput(
            f"The campaign's year must lie between {_FIRST_YEAR} and {_LAST_YEAR}.", hint="Give another year."
        )
    if (window.ends_on - window.starts_on).days >= _LONGEST_WINDOW_DAYS:
        raise InvalidInput(
            f"The campaign is longer than {_LONGEST_WINDOW_DAYS} days.", hint="Give an earlier end, or a later start."
        )
    if not window.weeks:
        raise InvalidInput("The campaign has no weeks.", hint="Give at least one week with a start and an end.")
    _refuse_repeats("The week", (str(week.number) for week in window.weeks))
    for week in window.weeks:
        if week.ends_on < week.starts_on:
            raise InvalidInput(f"Week {week.number} ends before it starts.", hint="Give an end on or after its start.")
        _check_inside(week.number, (week.starts_on, week.ends_on), window)


def _check_inside(number: int, days: tuple[date, date], window: Window) -> None:
    if days[0] < window.starts_on or days[1] > window.ends_on:
        raise InvalidInput(
            f"Week {number} ({words(days[0])} to {words(days[1])}) reaches outside the campaign's dates "
            f"({words(window.starts_on)} to {words(window.ends_on)}).",
            hint="Every week lies inside the campaign's dates.",
        )


def _check_cadence(cadence: Cadence) -> None:
    if not cadence.slots:
        raise InvalidInput("The cadence has no slots.", hint="Give at least one time of day, such as 09:00.")
    if any(one.tzinfo is not None for one in (*cadence.slots, cadence.quiet_from, cadence.quiet_until)):
        raise InvalidInput(
            "Slots and quiet hours are local times of day and carry no time zone of their own.",
            hint="Leave the zone out: they are read in the campaign's.",
        )
    if cadence.min_gap_minutes < 0 or cadence.stagger_minutes < 0:
        raise InvalidInput("The minimum gap and the stagger cannot be negative.", hint="Give minutes from 0 on.")
    active = active_wall(cadence.quiet_from, cadence.quiet_until)
    if not any(start <= wall_ticks(slot) < end for slot in cadence.slots for start, end in active):
        raise InvalidInput(
            "Every slot lies in the quiet hours.",
            hint="Move a slot, or shorten the quiet hours.",
        )


def _refuse_repeats(noun: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InvalidInput(f"{noun} {name!r} is given twice.", hint="Give it once.")
        seen.add(name)
