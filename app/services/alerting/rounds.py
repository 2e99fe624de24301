"""A round: alerts are opened for what is wrong and closed for what is over.

Two processes may run it at once: opening is done under one lock of the database, so that alerts become visible in the
order of their ids, which is what a channel's `told_up_to` counts on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import structlog
from sqlalchemy import Insert, Row, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.clock import Clock
from app.db import Database
from app.delivery.deps import Composer
from app.delivery.instant import instant
from app.models import Alert, Delivery, State
from app.services.alerting import kinds
from app.services.alerting.conditions import CONDITIONS, MOST_OPENED, Condition, delivery_subject, horizon
from app.services.alerting.look_ahead import Ahead, LookAhead

log = structlog.get_logger(__name__)
T = TypeVar("T")

#: Sets the rounds' lock apart from other uses of PostgreSQL's advisory locks ("alrt").
_LOCK = 0x616C7274
_LONGEST_DETAIL = 300
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Changes:
    """How many alerts a round opened and closed."""

    opened: int = 0
    closed: int = 0


@dataclass(frozen=True, slots=True)
class _Found:
    new: list[dict[str, Any]]
    over: list[int]


class Rounds:
    """Derives the alerts from the rows; one for a process, because it remembers what it looked at ahead."""

    def __init__(self, database: Database, clock: Clock, composer: Composer) -> None:
        self._database = database
        self._clock = clock
        self._look_ahead = LookAhead(database, composer)

    def run(self) -> Changes:
        """Open what is new and close what is over. Writes nothing where nothing changed."""
        with self._database.read() as session:
            now = instant(session, self._clock)
        ahead = self._look_ahead.look(now)
        with self._database.read() as session:
            found = _find(session, ahead, now)
        if not found.new and not found.over:
            return Changes()
        with self._database.write() as session:
            if not _alone(session):
                return Changes()
            # Read again under the lock: what another round did meanwhile is not done twice.
            now = instant(session, self._clock)
            changes = _write(session, _find(session, ahead, now), now)
        log.info("alerts_changed", opened=changes.opened, closed=changes.closed)
        return changes


def _alone(session: Session) -> bool:
    """Take the rounds' lock until the transaction ends, or say that another round has it. SQLite has one writer."""
    if session.get_bind().dialect.name != "postgresql":
        return True
    return bool(session.execute(select(func.pg_try_advisory_xact_lock(_LOCK))).scalar_one())


def _find(session: Session, ahead: Ahead, now: datetime) -> _Found:
    new: list[dict[str, Any]] = []
    over: set[int] = set(_passing_again(session, ahead))
    for condition in CONDITIONS:
        told = {row.subject: row for row in session.execute(_OPEN, {"kind": condition.kind.slug})
                if row.subject.endswith(condition.ending)}  # fmt: skip
        news: list[int] = []
        for row_id, since in {(row[0], row[1]) for row in session.execute(condition.keys(now))}:
            alert = told.get(condition.subject(row_id))
            if alert is None or (since is not None and since > alert.opened_at):
                news.append(row_id)
            else:
                del told[alert.subject]
        over.update(_ended(session, condition, list(told.values()), now))
        for chunk in _chunks(sorted(set(news))[:MOST_OPENED]):
            rows = session.execute(condition.rows(now, chunk)).mappings()
            new.extend({"kind": condition.kind.slug} | {n: row[n] for n in row if n != "since"} for row in rows)
    known = {row["subject"] for row in new if row["kind"] == kinds.BLOCKED.slug}
    new.extend(row for row in _would_be_blocked(session, ahead, now) if row["subject"] not in known)
    return _Found(_once(new), sorted(over))


_OPEN = select(Alert.id, Alert.subject, Alert.delivery_id, Alert.opened_at).where(
    Alert.closed_at.is_(None), Alert.kind == bindparam("kind")
)


def _ended(
    session: Session, condition: Condition, told: Sequence[Row[*tuple[Any, ...]]], now: datetime
) -> Iterator[int]:
    """Give the alerts among those told whose cause is over."""
    for chunk in _chunks(told):
        staying: set[int] = set()
        if condition.stays is not None:
            ids = [row.delivery_id for row in chunk]
            staying.update(session.scalars(select(Delivery.id).where(Delivery.id.in_(ids), condition.stays(now))))
        yield from (row.id for row in chunk if row.delivery_id not in staying)


def _passing_again(session: Session, ahead: Ahead) -> Iterator[int]:
    """Give the open alerts of deliveries that were found good now."""
    query = select(Alert.id).join(Delivery, Delivery.id == Alert.delivery_id)
    query = query.where(
        Alert.closed_at.is_(None), Alert.kind == kinds.BLOCKED.slug, Delivery.state == State.SCHEDULED.value
    )
    told = session.execute(query.with_only_columns(Alert.id, Alert.delivery_id)).all()
    return (row[0] for row in told if row[1] in ahead.passing)


def _would_be_blocked(session: Session, ahead: Ahead, now: datetime) -> Iterator[dict[str, Any]]:
    for chunk in _chunks(sorted(ahead.blocked)):
        subject = delivery_subject().label("subject")
        told = select(Alert.id).where(
            Alert.closed_at.is_(None), Alert.kind == kinds.BLOCKED.slug, Alert.delivery_id == Delivery.id
        )
        query = select(Delivery.organization_id, subject, Delivery.campaign_id, Delivery.id, Delivery.account_id)
        still = (Delivery.id.in_(chunk), Delivery.state == State.SCHEDULED.value, horizon(now), ~told.exists())
        for row in session.execute(query.where(*still)).mappings():
            values = {name: row[name] for name in ("organization_id", "subject", "campaign_id", "account_id")}
            detail = ahead.blocked[row["id"]]
            yield {"kind": kinds.BLOCKED.slug, **values, "delivery_id": row["id"], "detail": detail}


def _once(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep the last of several rows about one thing: the newest event says most."""
    kept = {(row["organization_id"], row["kind"], row["subject"]): row for row in rows}
    return list(kept.values())


def _write(session: Session, found: _Found, now: datetime) -> Changes:
    for chunk in _chunks(found.over):
        session.execute(update(Alert).where(Alert.id.in_(chunk), Alert.closed_at.is_(None)).values(closed_at=now))
    insert = _insert(session)
    for rows in _chunks(found.new):
        session.execute(insert, [{**row, "detail": _line(row["detail"]), "opened_at": now} for row in rows])
    return Changes(len(found.new), len(found.over))


def _insert(session: Session) -> Insert:
    # On the table and not on the class: what is there already is passed over, not an error.
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(Alert.__table__).on_conflict_do_nothing()  # type: ignore[arg-type]  # its type is wider than it says
    return sqlite.insert(Alert.__table__).on_conflict_do_nothing()  # type: ignore[arg-type]  # as above


def _line(text: str) -> str:
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= _LONGEST_DETAIL else line[: _LONGEST_DETAIL - 1] + "…"


def _chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))
