"""Claiming: which deliveries go to a worker now, at most one of each account.

Account rows are locked, not deliveries: an account sends one post at a time, whatever number of schedulers there is.
Locked rows are skipped on PostgreSQL; on SQLite the transaction is immediate. A partial unique index stands behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Row, String, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from app.db import Instant, RowId
from app.delivery import reasons, transitions
from app.delivery.circuit import Circuits, host_of, open_until
from app.delivery.deps import Deps
from app.delivery.instant import instant
from app.delivery.pauses import paused
from app.models import Account, Delivery, State
from app.platforms.base import Via

#: How many due deliveries are looked at for each that may be claimed, for several may belong to one account.
_LOOKED_AT = 16


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that a worker may try, and the fencing token that it must show for every change."""

    delivery_id: int
    campaign_id: int
    post_id: int
    account_id: int
    token: int


def may_go() -> ColumnElement[bool]:
    """A condition on `Account` and `Delivery`: nothing but time keeps this delivery of this account.

    A thread that has begun is finished whatever was paused meanwhile; its gate decides what becomes of it.
    """
    begun = Delivery.parts_out > 0
    free_to_start = and_(Account.state == "connected", ~paused())
    return and_(
        Delivery.account_id == Account.id,
        Account.via != Via.BY_HAND.value,
        Delivery.state == State.SCHEDULED.value,
        or_(begun, free_to_start),
    )


def idle() -> ColumnElement[bool]:
    """A condition on `Account`: nothing of it is being sent."""
    sending = select(Delivery.id).where(Delivery.account_id == Account.id, Delivery.state == State.SENDING.value)
    return ~exists(sending.correlate(Account))


def claim_due(
    deps: Deps,
    limit: int,
    *,
    full: Collection[str] = (),
    may_claim: Callable[[Session, datetime], bool] = lambda _session, _now: True,
) -> list[Claim]:
    """Claim up to `limit` due deliveries, the longest waiting first, in one short transaction.

    Nothing is claimed for the hosts that are `full` (as `circuit.host_of` names them), nor unless `may_claim` allows it
    at the instant that decides.
    """
    if limit < 1:
        return []
    wanted = _Wanted(limit, list(full), may_claim)
    try:
        return _claim_due(deps, wanted, _move_together)
    except transitions.Overtaken:
        # A person changed one of them between look and write: each one alone then, and that one not at all.
        return _claim_due(deps, wanted, _move_each)


@dataclass(frozen=True, slots=True)
class _Wanted:
    limit: int
    full: list[str]
    may_claim: Callable[[Session, datetime], bool]


_Mover = Callable[[Session, Sequence[Row[Any]], Mapping[str, object], datetime], Sequence[Row[Any]]]


def _claim_due(deps: Deps, wanted: _Wanted, move: _Mover) -> list[Claim]:
    with deps.database.write() as session:
        now = instant(session, deps.clock)
        if not wanted.may_claim(session, now):
            return []
        look = {"now": now, "full": wanted.full, "limit": wanted.limit * _LOOKED_AT}
        found = session.execute(_CANDIDATES, look).all()
        accounts = list(dict.fromkeys(row.account_id for row in found))[: wanted.limit]
        if not accounts:
            return []
        circuits = Circuits(session, deps.options, deps.random)
        locked = session.scalars(_ACCOUNTS, {"accounts": accounts, "now": now}).all()
        admitted = [account.id for account in circuits.admitted(locked, now)]
        # Asked again after the lock: another scheduler may have claimed between the first look and the lock.
        rows = session.execute(_DUE_OF, {"accounts": admitted, "now": now}).all() if admitted else []
        first: dict[int, Any] = {row.account_id: row for row in reversed(rows)}
        lease = {"lease": "dispatch", "lease_until": now + deps.options.dispatch_lease}
        # In the order of their ids, as everybody locks deliveries.
        claimed = move(session, sorted(first.values(), key=lambda row: row.id), lease, now)
        return [
            Claim(row.id, row.campaign_id, row.post_id, row.account_id, row.fence + 1)
            for row in sorted(claimed, key=lambda row: (row.ready_at, row.id))
        ]


def _move_together(
    session: Session, rows: Sequence[Row[Any]], lease: Mapping[str, object], now: datetime
) -> Sequence[Row[Any]]:
    steps = [transitions.Step(row.id, row.organization_id, row.fence, lease) for row in rows]
    transitions.move_all(session, steps, State.SCHEDULED, State.SENDING, at=now, reason=reasons.CLAIMED)
    return rows


def _move_each(
    session: Session, rows: Sequence[Row[Any]], lease: Mapping[str, object], now: datetime
) -> Sequence[Row[Any]]:
    return [
        row
        for row in rows
        if transitions.move(
            session,
            row.id,
            State.SCHEDULED,
            State.SENDING,
            at=now,
            reason=reasons.CLAIMED,
            fence=row.fence,
            values=lease,
        )
    ]


_NOW = bindparam("now", type_=Instant())
_DUE = (may_go(), idle(), Delivery.ready_at <= _NOW, Account.next_free_at <= _NOW)


_ANSWERS = or_(open_until().is_(None), open_until() <= _NOW)
_HAS_ROOM = or_(host_of().is_(None), host_of().not_in(bindparam("full", type_=String(), expanding=True)))


_CANDIDATES = (
    select(Delivery.id, Delivery.account_id)
    .join(Account, Account.id == Delivery.account_id)
    .where(*_DUE, _ANSWERS, _HAS_ROOM)
    .order_by(Delivery.ready_at, Delivery.id)
    .limit(bindparam("limit", type_=Integer()))
)
_ACCOUNTS = (
    select(Account)
    .where(Account.id.in_(bindparam("accounts", type_=RowId, expanding=True)), Account.next_free_at <= _NOW, idle())
    .order_by(Account.id)
    .with_for_update(skip_locked=True, key_share=True)
    .execution_options(populate_existing=True)
)
_DUE_OF = (
    select(
        Delivery.id,
        Delivery.organization_id,
        Delivery.account_id,
        Delivery.campaign_id,
        Delivery.post_id,
        Delivery.fence,
        Delivery.ready_at,
    )
    .join(Account, Account.id == Delivery.account_id)
    .where(Account.id.in_(bindparam("accounts", type_=RowId, expanding=True)), *_DUE)
    .order_by(Delivery.parts_out.desc(), Delivery.ready_at, Delivery.id)
)
