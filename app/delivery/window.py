"""How late is too late: the campaign's lateness window, counted from `due_at`."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.models import Account, Campaign


def window_end(due_at: datetime, campaign: Campaign) -> datetime:
    """Return the last instant at which a delivery due at `due_at` may still go out."""
    return due_at + timedelta(minutes=campaign.lateness_minutes)


def by_hand_window(campaign: Campaign, account: Account) -> timedelta:
    """Return how long a person has to post what was handed over.

    `by_hand_minutes` in the account's settings, else in the campaign's cadence, else the lateness window.
    """
    minutes = account.settings.get("by_hand_minutes") or campaign.cadence.get("by_hand_minutes")
    return timedelta(minutes=float(minutes or campaign.lateness_minutes))


def waited(since: datetime, until: datetime) -> str:
    """Say a stretch of time for a person, in minutes or hours."""
    minutes = round((until - since).total_seconds() / 60)
    return f"{minutes} minutes" if minutes < 120 else f"{minutes // 60} hours"  # noqa: PLR2004  # two hours
