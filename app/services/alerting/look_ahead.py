"""The look ahead: scheduled deliveries composed and checked as the gate will, while there is time to correct them.

What was found is kept per post and account, and looked for again only when one of them or the campaign changed, or
after some hours. A round takes a bounded page of what is due soon, and the next round goes on where it ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Row, and_, or_, select
from sqlalchemy.orm import Session

from app.db import Database
from app.delivery import gate
from app.delivery.deps import Composer
from app.models import Account, Campaign, Delivery, Post, State
from app.services.alerting.conditions import AHEAD, PINNED_AHEAD

log = structlog.get_logger(__name__)

_MOST_ROWS = 2000
_MOST_COMPOSED = 300
_MOST_KEPT = 50_000
_AGAIN_AFTER = timedelta(hours=3)

_Row = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a look found: why each of these deliveries would be blocked, and which ones would pass."""

    blocked: dict[int, str] = field(default_factory=dict)
    passing: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class _Seen:
    versions: tuple[int, int, int]
    at: datetime
    trouble: str | None


class LookAhead:
    """Looks at what is due soon. It remembers, so one is kept from round to round; one thread at a time."""

    def __init__(self, database: Database, composer: Composer) -> None:
        self._database = database
        self._composer = composer
        self._seen: dict[tuple[int, int], _Seen] = {}
        self._after: tuple[datetime, int] | None = None

    def look(self, now: datetime) -> Ahead:
        """Look at the next page of what is due within a day, or pinned to a day within three (aware, UTC)."""
        with self._database.read() as session:
            rows = self._page(session, now)
            versions = _versions(session, rows)
            blocked: dict[int, str] = {}
            passing: set[int] = set()
            composed = 0
            for row in rows:
                if row.occurrence == "week" and row.due_at > now + AHEAD:
                    continue
                key, present = (row.post_id, row.account_id), versions(row)
                seen = self._seen.get(key)
                if seen is None or seen.versions != present or now - seen.at > _AGAIN_AFTER:
                    if composed == _MOST_COMPOSED:
                        break
                    composed += 1
                    seen = self._keep(key, _Seen(present, now, self._trouble(session, row)))
                if seen.trouble is None:
                    passing.add(row.id)
                else:
                    blocked[row.id] = seen.trouble
                self._after = (row.ready_at, row.id)
            else:
                self._after = (rows[-1].ready_at, rows[-1].id) if len(rows) == _MOST_ROWS else None
        return Ahead(blocked, frozenset(passing))

    def _page(self, session: Session, now: datetime) -> Sequence[_Row]:
        query = (
            select(
                Delivery.id, Delivery.post_id, Delivery.account_id, Delivery.campaign_id,
                Delivery.occurrence, Delivery.due_at, Delivery.ready_at,
            )
            # A thread that has begun goes out as it was frozen; what is due now is the gate's.
            .where(Delivery.state == State.SCHEDULED.value, Delivery.parts_out == 0, Delivery.ready_at > now)
            .where(Delivery.ready_at <= now + PINNED_AHEAD)
        )  # fmt: skip
        if self._after is not None:
            ready_at, row_id = self._after
            beyond = or_(Delivery.ready_at > ready_at, and_(Delivery.ready_at == ready_at, Delivery.id > row_id))
            query = query.where(Delivery.ready_at >= ready_at, beyond)
        return session.execute(query.order_by(Delivery.ready_at, Delivery.id).limit(_MOST_ROWS)).all()

    def _trouble(self, session: Session, row: _Row) -> str | None:
        """Return why the gate would block a delivery, or None where it would let it pass."""
        post, account = session.get_one(Post, row.post_id), session.get_one(Account, row.account_id)
        campaign = session.get_one(Campaign, row.campaign_id)
        try:
            refusal = gate.text(self._composer.compose(session, post=post, account=account, campaign=campaign))
        except Exception as error:
            # The gate blocks what it cannot judge, so this would be blocked, too.
            log.exception("look_ahead_failed", delivery=row.id)
            return f"It could not be checked ({type(error).__name__})."
        return None if refusal is None else refusal.detail

    def _keep(self, key: tuple[int, int], seen: _Seen) -> _Seen:
        if len(self._seen) >= _MOST_KEPT:
            self._seen.clear()
        self._seen[key] = seen
        return seen


def _versions(session: Session, rows: Sequence[_Row]) -> Callable[[_Row], tuple[int, int, int]]:
    """Return what gives the versions of a row's post, account and campaign, of which its text is made."""
    posts = _by_id(session, Post, {row.post_id for row in rows})
    accounts = _by_id(session, Account, {row.account_id for row in rows})
    campaigns = _by_id(session, Campaign, {row.campaign_id for row in rows})
    return lambda row: (posts[row.post_id], accounts[row.account_id], campaigns[row.campaign_id])


def _by_id(session: Session, model: type[Post | Account | Campaign], ids: Iterable[int]) -> dict[int, int]:
    return {row[0]: row[1] for row in session.execute(select(model.id, model.version).where(model.id.in_(ids)))}
