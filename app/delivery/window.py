"""How late is too late: the campaign's lateness window, counted from `due_at`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeGuard

from app.models import Account, Campaign

#: A person has a year at most, in minutes.
_LONGEST_BY_HAND = 366 * 24 * 60


def window_end(due_at: datetime, campaign: Campaign) -> datetime:
    """Return the last instant at which a delivery due at `due_at` may still go out."""
    return due_at + timedelta(minutes=campaign.lateness_minutes)


def by_hand_window(campaign: Campaign, account: Account) -> timedelta:
    """Return how long a person has to post what was handed over.

    `by_hand_minutes` in the account's settings, else in the campaign's cadence, else the lateness window.
    """
    named = (account.settings.get("by_hand_minutes"), campaign.cadence.get("by_hand_minutes"))
    sensible = (minutes for minutes in named if _is_sensible(minutes))
    return timedelta(minutes=next(sensible, campaign.lateness_minutes))


def _is_sensible(minutes: object) -> TypeGuard[float]:
    """Settings are kept as they were given; what makes no sense must not stop the engine."""
    return isinstance(minutes, int | float) and not isinstance(minutes, bool) and 0 < minutes <= _LONGEST_BY_HAND


def waited(since: datetime, until: datetime) -> str:
    """Say a stretch of time for a person, in minutes or hours."""
    minutes = round((until - since).total_seconds() / 60)
    return f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"  # noqa: PLR2004  # two hours
