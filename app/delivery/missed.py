"""Missed: what could not go out inside its window never goes out late in silence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.delivery import reasons, transitions
from app.delivery.circuit import unanswering
from app.delivery.deps import Deps
from app.delivery.instant import instant
from app.delivery.pauses import paused
from app.models import Account, Campaign, Delivery, State

_WAITING = (State.SCHEDULED.value, State.HELD.value)


def mark_missed(deps: Deps) -> int:
    """Move waiting deliveries whose window has passed to `missed`, with the reason; begun threads excepted."""
    with deps.database.read() as session:
        if not _past(session, instant(session, deps.clock)):
            return 0
    with deps.database.write() as session:
        now = instant(session, deps.clock)
        return sum(_miss(session, row, now) for row in _past(session, now))


def next_miss(session: Session, now: datetime) -> datetime | None:
    """Return when the next of the deliveries that are waiting past their time will be missed (just after its end)."""
    ends = [
        due + timedelta(minutes=minutes, milliseconds=1)
        for minutes in _windows(session)
        if (due := session.scalars(_waiting(minutes, now).order_by(Delivery.due_at).limit(1)).first()) is not None
    ]
    return min(ends, default=None)


def _windows(session: Session) -> list[int]:
    return list(session.scalars(select(Campaign.lateness_minutes).distinct()))


def _waiting(minutes: int, now: datetime) -> Select[datetime]:
    return (
        select(Delivery.due_at)
        .join(Campaign, Campaign.id == Delivery.campaign_id)
        .where(
            Delivery.state.in_(_WAITING),
            # `ready_at` never lies before `due_at`, and its index keeps the months ahead out of the search.
            Delivery.ready_at <= now,
            Delivery.parts_out == 0,
            Campaign.lateness_minutes == minutes,
        )
    )


@dataclass(frozen=True, slots=True)
class _Late:
    """A delivery past its window, and what kept it back; `silent_host` is the one that does not answer."""

    delivery_id: int
    state: str
    was_paused: bool
    due_at: datetime
    silent_host: str | None

    def why(self) -> tuple[str, str]:
        """Return the reason's code, and the words for a person."""
        if self.state == State.HELD:
            return reasons.LATE_HELD, "Its window passed while its account was not connected."
        if self.was_paused:
            return reasons.LATE_PAUSED, "Its window passed during a pause."
        if self.silent_host is not None:
            name = urlsplit(self.silent_host).hostname or self.silent_host
            return reasons.LATE_UNREACHABLE, f"Its window passed while {name} did not answer; nothing was sent."
        return reasons.LATE, "Its window passed before it could be sent."


def _past(session: Session, now: datetime) -> list[_Late]:
    rows: list[_Late] = []
    for minutes in _windows(session):
        past = _waiting(minutes, now).where(Delivery.due_at < now - timedelta(minutes=minutes))
        found = past.join(Account, Account.id == Delivery.account_id).with_only_columns(
            Delivery.id, Delivery.state, paused(), Delivery.due_at, unanswering()
        )
        rows.extend(_Late(*row) for row in session.execute(found))
    # In one order, so that two schedulers that do this at once do not wait for one another.
    return sorted(rows, key=lambda row: row.delivery_id)


def _miss(session: Session, row: _Late, now: datetime) -> bool:
    reason, detail = row.why()
    # Whoever moved it to a new time meanwhile keeps that.
    same = (Delivery.due_at == row.due_at,)
    return transitions.move(
        session, row.delivery_id, row.state, State.MISSED, at=now, reason=reason, detail=detail, when=same
    )
