"""When a delivery that was proved not sent is tried again, and when that is given up."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.delivery import reasons
from app.delivery.options import EngineOptions
from app.models import State


@dataclass(frozen=True, slots=True)
class Again:
    """Try again at `at`."""

    at: datetime


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Do not try again."""

    state: State
    reason: str


def next_try(
    attempts: int, now: datetime, retry_at: datetime | None, options: EngineOptions, dice: random.Random
) -> datetime:
    """Return when to try again after `attempts` attempts.

    The network's own time is never undercut; without one the wait doubles, with jitter of half its length, so that
    accounts refused at the same moment do not come back at the same moment.
    """
    if retry_at is not None and retry_at > now:
        return retry_at + timedelta(seconds=dice.uniform(0, 2))
    return now + backoff(attempts, options.retry_first, options.retry_longest, dice)


def backoff(times: int, first: timedelta, longest: timedelta, dice: random.Random) -> timedelta:
    """Return the wait after the `times`-th failure in a row: doubling from `first` to `longest`, jitter of half."""
    wait: timedelta = min(first * 2 ** min(max(times - 1, 0), 20), longest)
    return wait * dice.uniform(0.5, 1.0)


def decide(
    attempts: int,
    now: datetime,
    window_end: datetime,
    retry_at: datetime | None,
    options: EngineOptions,
    dice: random.Random,
) -> Again | GiveUp:
    """Decide about a delivery that was proved not sent: another try inside budget and window, or the end."""
    if attempts >= options.attempts_budget:
        return GiveUp(State.FAILED, reasons.RETRY_EXHAUSTED)
    at = next_try(attempts, now, retry_at, options, dice)
    if at > window_end:
        return GiveUp(State.MISSED, reasons.LATE_RETRY)
    return Again(at)
