"""The look ahead: scheduled deliveries composed and checked as the gate will, while there is time to correct them.

What was found is kept per post and account, and looked for again only when one of them or the campaign changed, or
after some hours. A round takes a bounded page of what is due soon, and the next round goes on where it ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, TypeVar

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
M = TypeVar("M", Post, Account, Campaign)


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
            near = [row for row in rows if row.occurrence != "week" or row.due_at <= now + AHEAD]
            unseen = {(row.post_id, row.account_id): row for row in near if not self._is_known(row, versions(row), now)}
            chosen = dict(islice(unseen.items(), _MOST_COMPOSED))
            for row, trouble in self._troubles(session, list(chosen.values())):
                self._keep((row.post_id, row.account_id), _Seen(versions(row), now, trouble))
        left = unseen.keys() - chosen.keys()
        blocked: dict[int, str] = {}
        passing: set[int] = set()
        for row in near:
            key = (row.post_id, row.account_id)
            if key in left:
                continue
            trouble = self._seen[key].trouble
            if trouble is None:
                passing.add(row.id)
            else:
                blocked[row.id] = trouble
        self._go_on(rows, [row for row in near if (row.post_id, row.account_id) in left])
        return Ahead(blocked, frozenset(passing))

    def _is_known(self, row: _Row, versions: tuple[int, int, int], now: datetime) -> bool:
        seen = self._seen.get((row.post_id, row.account_id))
        return seen is not None and seen.versions == versions and now - seen.at <= _AGAIN_AFTER

    def _go_on(self, rows: Sequence[_Row], left: Sequence[_Row]) -> None:
        """Say where the next round begins: at the first row that was left, after a whole page, or from the start."""
        if left:
            before = [row for row in rows if (row.ready_at, row.id) < (left[0].ready_at, left[0].id)]
            self._after = (before[-1].ready_at, before[-1].id) if before else self._after
        else:
            self._after = (rows[-1].ready_at, rows[-1].id) if len(rows) == _MOST_ROWS else None

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

    def _troubles(self, session: Session, rows: Sequence[_Row]) -> Iterator[tuple[_Row, str | None]]:
        """Give each row with why the gate would block it, or None where it would let it pass."""
        posts = _rows_by_id(session, Post, {row.post_id for row in rows})
        accounts = _rows_by_id(session, Account, {row.account_id for row in rows})
        campaigns = _rows_by_id(session, Campaign, {row.campaign_id for row in rows})
        wanted = [(posts[row.post_id], accounts[row.account_id], campaigns[row.campaign_id]) for row in rows]
        for row, composed in zip(rows, self._composer.compose_all(session, wanted), strict=True):
            if isinstance(composed, Exception):
                # The gate blocks what it cannot judge, so this would be blocked, too.
                log.error("look_ahead_failed", delivery=row.id, error=type(composed).__name__)
                yield row, f"It could not be checked ({type(composed).__name__})."
            else:
                refusal = gate.text(composed)
                yield row, None if refusal is None else refusal.detail

    def _keep(self, key: tuple[int, int], seen: _Seen) -> None:
        self._seen.pop(key, None)
        self._seen[key] = seen
        if len(self._seen) > _MOST_KEPT:
            # The one that was looked at longest ago; never one of this round's.
            del self._seen[next(iter(self._seen))]


def _versions(session: Session, rows: Sequence[_Row]) -> Callable[[_Row], tuple[int, int, int]]:
    """Return what gives the versions of a row's post, account and campaign, of which its text is made."""
    posts = _by_id(session, Post, {row.post_id for row in rows})
    accounts = _by_id(session, Account, {row.account_id for row in rows})
    campaigns = _by_id(session, Campaign, {row.campaign_id for row in rows})
    return lambda row: (posts[row.post_id], accounts[row.account_id], campaigns[row.campaign_id])


def _by_id(session: Session, model: type[Post | Account | Campaign], ids: Iterable[int]) -> dict[int, int]:
    return {row[0]: row[1] for row in session.execute(select(model.id, model.version).where(model.id.in_(ids)))}


def _rows_by_id(session: Session, model: type[M], ids: Iterable[int]) -> dict[int, M]:
    return {row.id: row for row in session.scalars(select(model).where(model.id.in_(ids)))}
