"""Resuming: what a pause kept back, and what becomes of each post of it by a person's word.

A post *waits* for a pause when it would have gone out by now: it is scheduled and its moment has come, or its window
passed in the pause and it was never free to go since. What another pause still holds is not asked about yet, nor is a
thread that has begun, for no pause interrupts one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.delivery import reasons, transitions
from app.delivery.commands import must_have_changed
from app.delivery.pauses import reaches
from app.models import Account, Campaign, Delivery, Pause, Post, State


class Do(StrEnum):
    """What a person decides about a post that waits."""

    KEEP = "keep"
    MOVE = "move"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one post that waits; `due_at` (aware) is for `move`."""

    do: Do
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A delivery that waits, as it was read, with what its ids stand for; `time_zone` is the campaign's.

    It holds values and no rows, for it is also shown after the transaction was refused.
    """

    delivery_id: int
    state: str
    fence: int
    due_at: datetime
    week: int
    campaign_id: int
    time_zone: str
    post: str
    account_id: int
    account: str
    platform: str
    via: str
    next_free_at: datetime
    min_gap_minutes: int | None


def waiting(session: Session, pause: Pause, now: datetime, *, limit: int | None = None) -> Sequence[Waiting]:
    """Return what waits for a pause, in the order of its times; at most `limit`, of one organization where asked."""
    query = _named().where(_waits(pause, now)).order_by(Delivery.due_at, Delivery.id)
    return [Waiting(*row) for row in session.execute(query.limit(limit))]


def count_waiting(session: Session, pause: Pause, now: datetime) -> int:
    """Return how many deliveries wait for a pause."""
    query = select(func.count(Delivery.id)).where(_waits(pause, now))
    return session.execute(query).scalar_one()


def lock_waiting(session: Session, pause: Pause, now: datetime) -> Sequence[Waiting]:
    """Return what waits for a pause, locked until the transaction ends: accounts first, then deliveries, by their ids.

    The caller has locked what the pause is of (see `lock_reach`), so that nothing begins to wait meanwhile.
    """
    waits = _waits(pause, now)
    accounts = select(Account.id).where(Account.id.in_(select(Delivery.account_id).where(waits)))
    session.execute(accounts.order_by(Account.id).with_for_update(key_share=True)).all()
    session.execute(select(Delivery.id).where(waits).order_by(Delivery.id).with_for_update()).all()
    return waiting(session, pause, now)


def lock_reach(session: Session, pause: Pause) -> None:
    """Wait for the gates that are at work where a pause holds, and let none in until the transaction ends.

    Every gate shares a lock on its campaign and takes one on its account. So once a pause is ordered, nothing goes out
    that had not passed its gate before.
    """
    if pause.account_id is not None:
        query = select(Account.id).where(Account.id == pause.account_id)
        session.execute(query.with_for_update(key_share=True)).all()
        return
    campaigns = select(Campaign.id)
    if pause.organization_id is not None:
        campaigns = campaigns.where(Campaign.organization_id == pause.organization_id)
    if pause.campaign_id is not None:
        campaigns = campaigns.where(Campaign.id == pause.campaign_id)
    session.execute(campaigns.order_by(Campaign.id).with_for_update(key_share=True)).all()


def settle(
    session: Session,
    pause: Pause,
    decided: Sequence[tuple[Waiting, Decision]],
    *,
    now: datetime,
    actor: str,
    gap: timedelta,
) -> None:
    """Do as decided with deliveries that `lock_waiting` has returned.

    What is kept goes out from now on, the posts of one account at least `gap` apart, each with a window of its own.

    Raises:
        StateRefused: One of them has moved on.
    """
    times = _kept_times([one for one, decision in decided if decision.do is Do.KEEP], now, gap)
    for one, decision in decided:
        if decision.do is Do.DROP:
            changed = _drop(session, pause, one, now=now, actor=actor)
        elif decision.due_at is None:
            due_at = times[one.delivery_id]
            changed = _bring_back(session, one, due_at, now=now, actor=actor, reason=reasons.RESUME_KEPT)
        else:
            due_at = decision.due_at
            changed = _bring_back(session, one, due_at, now=now, actor=actor, reason=reasons.RESUME_MOVED)
        must_have_changed(changed)


def _kept_times(kept: Sequence[Waiting], now: datetime, gap: timedelta) -> Mapping[int, datetime]:
    by_account: dict[int, list[Waiting]] = defaultdict(list)
    for one in kept:
        by_account[one.account_id].append(one)
    times: dict[int, datetime] = {}
    for of_account in by_account.values():
        apart = max(gap, timedelta(minutes=of_account[0].min_gap_minutes or 0))
        # An account that rests begins when it is free; its posts would else come due while it cannot send them.
        first = max(now, of_account[0].next_free_at)
        in_order = sorted(of_account, key=lambda one: (one.due_at, one.delivery_id))
        times |= {one.delivery_id: first + place * apart for place, one in enumerate(in_order)}
    return times


def _bring_back(session: Session, one: Waiting, due_at: datetime, *, now: datetime, actor: str, reason: str) -> bool:
    values = {"due_at": due_at, "ready_at": due_at, "attempts_made": 0, "stop_requested_at": None}
    if one.state == State.SCHEDULED:
        return transitions.adjust(
            session,
            one.delivery_id,
            State.SCHEDULED,
            at=now,
            reason=reason,
            actor=actor,
            fence=one.fence,
            # The gate may have said that it is paused.
            values=values | {"state_reason": reason, "state_detail": None},
        )
    return transitions.move(
        session,
        one.delivery_id,
        State.MISSED,
        State.SCHEDULED,
        at=now,
        reason=reason,
        actor=actor,
        fence=one.fence,
        values=values,
    )


def _drop(session: Session, pause: Pause, one: Waiting, *, now: datetime, actor: str) -> bool:
    return transitions.move(
        session,
        one.delivery_id,
        one.state,
        State.CANCELLED,
        at=now,
        reason=reasons.RESUME_DROPPED,
        detail=f"Dropped when a pause ended: {pause.reason}",
        actor=actor,
        fence=one.fence,
    )


def _waits(pause: Pause, now: datetime) -> ColumnElement[bool]:
    this = aliased(Pause)
    other = aliased(Pause)
    scheduled = and_(Delivery.state == State.SCHEDULED.value, Delivery.ready_at <= now)
    missed = and_(
        Delivery.state == State.MISSED.value, Delivery.state_reason == reasons.LATE_PAUSED, _never_free_since()
    )
    return and_(
        Delivery.parts_out == 0,
        or_(scheduled, missed),
        _is(this, this.id == pause.id),
        ~_is(other, other.id != pause.id, other.ended_at.is_(None)),
    )


def _never_free_since() -> ColumnElement[bool]:
    """A condition on a missed `Delivery`: no pause of it has ended since at an instant when no other one held it."""
    ended, other = aliased(Pause), aliased(Pause)
    other_held = _is(
        other, other.started_at <= ended.ended_at, or_(other.ended_at.is_(None), other.ended_at > ended.ended_at)
    )
    freed = select(ended.id).where(reaches(ended), ended.ended_at >= Delivery.state_since, ~other_held)
    return ~exists(freed.correlate(Delivery))


def _is(pause: type[Pause], *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """There is a pause, aliased as given, that reaches the delivery and meets the conditions."""
    return exists(select(pause.id).where(reaches(pause), *conditions).correlate_except(pause))


def _named() -> Select[Any]:
    return (
        select(*_FIELDS)
        .join(Post, Post.id == Delivery.post_id)
        .join(Account, Account.id == Delivery.account_id)
        .join(Campaign, Campaign.id == Delivery.campaign_id)
    )


#: The columns of the fields of `Waiting`, in their order.
_FIELDS: tuple[Any, ...] = (
    Delivery.id,
    Delivery.state,
    Delivery.fence,
    Delivery.due_at,
    Delivery.week,
    Delivery.campaign_id,
    Campaign.time_zone,
    Post.key,
    Delivery.account_id,
    Account.slug,
    Account.platform,
    Account.via,
    Account.next_free_at,
    Account.min_gap_minutes,
)
