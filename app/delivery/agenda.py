"""The agenda: one look, one query, says what a tick has to do now and when the next one has something to do.

An idle tick costs this query and takes no write lock. Every part of it goes through an index, so that the months ahead
do not make it slower.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ScalarSelect, Select, bindparam, case, exists, func, or_, select
from sqlalchemy.orm import Session

from app.clock import Clock
from app.db import Instant
from app.delivery.circuit import open_until
from app.delivery.claim import idle, may_go
from app.delivery.instant import instant
from app.delivery.pauses import paused
from app.models import Account, Campaign, Delivery, State
from app.platforms.base import Via


@dataclass(frozen=True, slots=True)
class Agenda:
    """What stands to be done as of `now`. Instants are aware, UTC; None means that there is nothing of the kind."""

    now: datetime
    lease: datetime | None  # when the first lease runs out
    claimable: datetime | None  # when the first delivery that is due finds its account free
    by_hand: datetime | None  # since when something is to be handed over
    waiting: datetime | None  # the earliest `due_at` of what is past its time and has not gone out
    ahead: datetime | None  # when the first of the others comes due, whatever may keep it back then
    shortest_window: int | None  # the shortest lateness window of all campaigns, in minutes
    read_back: datetime | None  # when the first published post is read back
    in_doubt: bool  # some outcome is unknown
    withdrawing: bool  # something is being taken back
    unconnected: bool  # something is due on an account that is not connected
    unconfirmed: bool  # something was handed over and is not confirmed

    @property
    def may_be_missed(self) -> bool:
        """Whether some waiting delivery may have left its window."""
        if self.waiting is None or self.shortest_window is None:
            return False
        return self.waiting + timedelta(minutes=self.shortest_window) < self.now


def look(session: Session, clock: Clock) -> Agenda:
    """Read the agenda."""
    now = instant(session, clock)
    row = session.execute(_LOOK, {"now": now}).one()
    return Agenda(
        now=now,
        lease=row.lease,
        claimable=row.claimable,
        by_hand=row.by_hand,
        waiting=row.waiting,
        ahead=min((at for at in (row.ahead, row.ahead_held) if at is not None), default=None),
        shortest_window=row.shortest_window,
        read_back=row.read_back,
        in_doubt=bool(row.in_doubt),
        withdrawing=bool(row.withdrawing),
        unconnected=bool(row.unconnected),
        unconfirmed=bool(row.unconfirmed),
    )


def _build() -> Select[Any]:
    now = bindparam("now", type_=Instant())
    due = Delivery.ready_at <= now
    scheduled = Delivery.state == State.SCHEDULED.value
    with_account = select(Delivery.id).join(Account, Account.id == Delivery.account_id).where(scheduled, due)
    by_hand = select(func.min(Delivery.ready_at)).join(Account, Account.id == Delivery.account_id)
    waiting = Delivery.state.in_((State.SCHEDULED.value, State.HELD.value))
    columns: dict[str, ScalarSelect[Any]] = {
        "lease": select(func.min(Delivery.lease_until)).where(_in(State.SENDING)).scalar_subquery(),
        "claimable": _claimable(now),
        "by_hand": by_hand.where(
            Account.via == Via.BY_HAND.value, Account.state == "connected", scheduled, due, ~paused()
        ).scalar_subquery(),
        "waiting": select(func.min(Delivery.due_at)).where(waiting, due, Delivery.parts_out == 0).scalar_subquery(),
        "ahead": _ahead(State.SCHEDULED, now),
        "ahead_held": _ahead(State.HELD, now),
        "shortest_window": select(func.min(Campaign.lateness_minutes)).scalar_subquery(),
        "read_back": select(func.min(Delivery.read_back_at))
        .where(Delivery.read_back_at.is_not(None))
        .scalar_subquery(),
    }
    flags = {
        # What a person was asked about is looked at once more where its account was connected anew.
        "in_doubt": or_(
            exists(select(Delivery.id).where(_in(State.UNKNOWN))),
            exists(select(Delivery.id).where(_in(State.NEEDS_REVIEW), Delivery.look_at.is_not(None))),
        ),
        "withdrawing": exists(select(Delivery.id).where(_in(State.WITHDRAWING), Delivery.withdraw_at.is_not(None))),
        "unconnected": exists(with_account.where(Account.state != "connected", Delivery.parts_out == 0)),
        "unconfirmed": exists(select(Delivery.id).where(_in(State.HANDED_OVER))),
    }
    return select(*(column.label(name) for name, column in (columns | flags).items()))


def _in(state: State) -> Any:  # noqa: ANN401  # a column element, spelled out it hides the query
    return Delivery.state == state.value


def _ahead(state: State, now: Any) -> ScalarSelect[Any]:  # noqa: ANN401  # a bind parameter
    return select(func.min(Delivery.ready_at)).where(_in(state), Delivery.ready_at > now).scalar_subquery()


def _claimable(now: Any) -> ScalarSelect[Any]:  # noqa: ANN401  # a bind parameter
    # From the deliveries that are due, which are few, and not from the accounts, which may be many.
    answers = func.coalesce(open_until(), Delivery.ready_at)
    free = _later(Account.next_free_at, _later(answers, Delivery.ready_at))
    return (
        select(func.min(free))
        .select_from(Delivery)
        .join(Account, Account.id == Delivery.account_id)
        .where(may_go(), idle(), Delivery.ready_at <= now)
        .scalar_subquery()
    )


def _later(one: Any, other: Any) -> Any:  # noqa: ANN401  # column elements
    return case((one > other, one), else_=other)


_LOOK = _build()
