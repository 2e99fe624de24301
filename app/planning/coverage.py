"""How well a plan covers the campaign: counts with their zeros, and the days on which an account is silent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date

from app.planning.days import days_between
from app.planning.values import Coverage, PlanAccount, Planned, Window


def count_coverage(
    placed: Sequence[Planned],
    accounts: Sequence[PlanAccount],
    window: Window,
    *,
    is_off: Callable[[date], bool],
) -> Coverage:
    """Count what is placed by week (the post's own), local day and account; `is_off` says which days are no gaps."""
    weeks = sorted(week.number for week in window.weeks)
    slugs = sorted(account.slug for account in accounts)
    by_week = Counter(one.week for one in placed)
    by_day = Counter(one.local.date() for one in placed)
    by_account = Counter(one.account for one in placed)
    by_both = Counter((one.account, one.week) for one in placed)
    busy = {(one.account, one.local.date()) for one in placed}
    days = sorted({*days_between(window.starts_on, window.ends_on), *by_day})
    in_weeks = sorted(
        {day for week in window.weeks for day in days_between(week.starts_on, week.ends_on) if not is_off(day)}
    )
    return Coverage(
        by_week=tuple((week, by_week[week]) for week in weeks),
        by_day=tuple((day, by_day[day]) for day in days),
        by_account=tuple((slug, by_account[slug]) for slug in slugs),
        by_account_and_week=tuple((slug, week, by_both[slug, week]) for slug in slugs for week in weeks),
        gaps=tuple((slug, day) for slug in slugs for day in in_weeks if (slug, day) not in busy),
    )
