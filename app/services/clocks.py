"""The clock: whether the schedulers trust it, and a person's word that it is right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.delivery.deps import Deps
from app.delivery.instant import database_decides, instant
from app.delivery.watch import MARK, behind_mark, duration_words
from app.errors import Conflict
from app.models import ClockMark, Heartbeat
from app.services.heartbeats import CLOCK, freshness
from app.services.scope import Scope

_CONFIRM = (
    "Compare this machine's clock with a trusted one and set it right. Then confirm it: focusweek clock confirm, or "
    "POST /api/v1/clock/confirm. What became due meanwhile goes out, or is missed, as soon as it is confirmed."
)
_SET_IT = (
    "Set this machine's clock right (NTP); claiming goes on by itself when it agrees with the database's. There is "
    "nothing to confirm."
)


@dataclass(frozen=True, slots=True)
class ClockState:
    """How the clock stands. Instants are aware, UTC.

    `now` is the instant that decides; `refusal` why nothing is claimed, since `refused_at` where that is known, and
    `hint` what to do then. `by_person` says whether a person's confirmation lifts it.
    """

    now: datetime
    refusal: str | None = None
    refused_at: datetime | None = None
    hint: str | None = None
    by_person: bool = True
    confirmed_at: datetime | None = None
    confirmed_by: str | None = None


def clock_state(session: Session, deps: Deps, longest_sleep: timedelta) -> ClockState:
    """Return how the clock stands, as this process and the schedulers see it."""
    now = instant(session, deps.clock)
    if database_decides(session, deps.clock):
        refusal = _skew(session, deps, longest_sleep)
        return ClockState(now, refusal, hint=_SET_IT if refusal else None, by_person=False)
    mark = session.get(ClockMark, MARK)
    if mark is None:
        return ClockState(now)
    refusal = mark.refusal or behind_mark(mark, now, deps.options.clock_departure)
    return ClockState(
        now,
        refusal,
        refused_at=mark.refused_at if mark.refusal else None,
        hint=_CONFIRM if refusal else None,
        confirmed_at=mark.confirmed_at,
        confirmed_by=mark.confirmed_by,
    )


def _skew(session: Session, deps: Deps, longest_sleep: timedelta) -> str | None:
    now = instant(session, deps.clock)
    off = abs(now - deps.clock.now())
    if off > deps.options.database_skew:
        return f"This machine's clock is {duration_words(off)} off the database's."
    fresh = Heartbeat.beat_at > now - freshness(longest_sleep)
    others = select(Heartbeat.scheduler, Heartbeat.trouble).where(fresh, Heartbeat.trouble_code == CLOCK)
    row = session.execute(others.order_by(Heartbeat.id).limit(1)).first()
    return None if row is None else f"The scheduler {row.scheduler} says: {row.trouble}"


def confirm_clock(scope: Scope, deps: Deps, longest_sleep: timedelta) -> ClockState:
    """Take a person's word that the clock is right; return the state that was confirmed.

    Every scheduler claims again from its next tick on, at the latest after its longest sleep.

    Raises:
        Conflict: Nothing waits for a confirmation.
    """
    state = clock_state(scope.session, deps, longest_sleep)
    if state.refusal is None:
        raise Conflict(
            "The clock is trusted; there is nothing to confirm.",
            hint="See how it is: focusweek clock show, or GET /api/v1/clock.",
        )
    if not state.by_person:
        raise Conflict(f"A person's word does not help: {state.refusal}", hint=state.hint or "")
    mark = scope.session.get_one(ClockMark, MARK, with_for_update=True, populate_existing=True)
    mark.seen_at = state.now
    mark.refusal = mark.refused_at = None
    mark.confirmations += 1
    mark.confirmed_at, mark.confirmed_by = state.now, scope.actor
    return state
