"""What an attempt freezes: exact texts, keys and whole records, as values and as rows."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Insert, Integer, Table, bindparam, insert, select
from sqlalchemy.orm import Session

from app.composing.values import Part
from app.db import RowId
from app.delivery import gate
from app.delivery.deps import Composed, Deps
from app.models import Attempt, AttemptPart, Delivery
from app.platforms.base import Connection, Minted, Platform
from app.platforms.results import RemoteRef


@dataclass(frozen=True, slots=True)
class FrozenPart:
    """One part as it was stored; `ref` is set where it is out already."""

    row_id: int
    index: int
    minted: Minted
    ref: RemoteRef | None = None


@dataclass(frozen=True, slots=True)
class Frozen:
    """An attempt on its way: everything that sending needs, without the database."""

    attempt_id: int
    delivery_id: int
    token: int
    generation: int
    started_at: datetime
    parts: tuple[FrozenPart, ...]
    adapter: Platform
    connection: Connection
    account_version: int
    platform: str
    host: str | None
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Draft:
    """One part before it is stored."""

    text: str
    length: int
    minted: Minted
    out: AttemptPart | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """An attempt that is about to be stored: its delivery's rows, its parts, its row, and its fencing token."""

    case: gate.Case
    drafts: Sequence[Draft]
    attempt: Attempt
    token: int


def insert_attempts(
    session: Session, written: Sequence[Written], *, now: datetime, deps: Deps
) -> list[list[AttemptPart]]:
    """Add attempts and their parts; parts that are out already take their remote ids along."""
    for one in written:
        attempt, delivery = one.attempt, one.case.delivery
        attempt.organization_id = delivery.organization_id
        attempt.delivery_id = delivery.id
        attempt.account_remote_id = one.case.account.remote_id
        attempt.token = one.token
        attempt.started_at = now
        attempt.deadline_at = now + deps.options.publish_deadline
    tokens = {(one.attempt.delivery_id, one.token): one.attempt for one in written}
    session.execute(_ATTEMPTS, [_values(_ATTEMPTS, attempt) for attempt in tokens.values()])
    for row in session.execute(_ATTEMPT_IDS, {"deliveries": [delivery_id for delivery_id, _ in tokens]}):
        if (row.delivery_id, row.token) in tokens:
            tokens[row.delivery_id, row.token].id = row.id
    parts = [[_part_row(one.attempt, index, draft) for index, draft in enumerate(one.drafts)] for one in written]
    places = {(part.attempt_id, part.index): part for rows in parts for part in rows}
    session.execute(_PARTS, [_values(_PARTS, part) for part in places.values()])
    for part_id, attempt_id, index in session.execute(
        _PART_IDS, {"attempts": [attempt.id for attempt in tokens.values()]}
    ):
        places[attempt_id, index].id = part_id
    return parts


# Plain inserts of many rows and a look for their ids: statements that stay the same however many there are.
_ATTEMPTS = insert(cast("Table", Attempt.__table__))
_PARTS = insert(cast("Table", AttemptPart.__table__))
_ATTEMPT_IDS = select(Attempt.id, Attempt.delivery_id, Attempt.token).where(
    Attempt.delivery_id.in_(bindparam("deliveries", type_=RowId, expanding=True))
)
_PART_IDS = select(AttemptPart.id, AttemptPart.attempt_id, AttemptPart.index).where(
    AttemptPart.attempt_id.in_(bindparam("attempts", type_=RowId, expanding=True))
)


def _values(statement: Insert, row: Attempt | AttemptPart) -> dict[str, object]:
    return {name: getattr(row, name) for name in statement.table.columns.keys() if name != "id"}  # noqa: SIM118  # no dict


def _part_row(attempt: Attempt, index: int, draft: Draft) -> AttemptPart:
    part = AttemptPart(
        organization_id=attempt.organization_id,
        attempt_id=attempt.id,
        index=index,
        text=draft.text,
        length=draft.length,
        key=draft.minted.key,
        record=dict(draft.minted.record),
        remote_extra={},
    )
    if draft.out is not None:
        part.sent_at, part.outcome = draft.out.sent_at, draft.out.outcome
        part.remote_id, part.remote_url = draft.out.remote_id, draft.out.remote_url
        part.remote_extra = dict(draft.out.remote_extra)
    return part


def mint_all(
    adapter: Platform, connection: Connection, composed: Composed, delivery_id: int, generation: int, now: datetime
) -> list[Draft]:
    """Fix keys and records of all parts. The salt keeps two databases that count alike from sharing keys."""
    salt = secrets.token_hex(8)
    return [
        Draft(
            part.text,
            part.length,
            adapter.mint(
                part,
                connection=connection,
                language=composed.language,
                now=now,
                seed=f"{salt}:{delivery_id}:{generation}:{index}",
            ),
        )
        for index, part in enumerate(composed.composition.parts)
    ]


def copies(session: Session, attempt: Attempt) -> list[Draft]:
    """Return an attempt's parts as drafts of a further one, with their keys, records and what is out already."""
    out = published_parts(session, attempt)
    return [
        Draft(part.text, part.length, Minted(part.key, part.text, part.record), out=out.get(part.index))
        for part in parts_of(session, attempt.id)
    ]


def published_parts(session: Session, attempt: Attempt) -> dict[int, AttemptPart]:
    """Return by index which parts of an attempt are out: late proof may have come to any attempt of its generation."""
    query = (
        select(AttemptPart)
        .join(Attempt, Attempt.id == AttemptPart.attempt_id)
        .where(
            Attempt.delivery_id == attempt.delivery_id,
            Attempt.generation == attempt.generation,
            AttemptPart.outcome == "published",
        )
        .order_by(Attempt.id.desc())
    )
    return {part.index: part for part in session.scalars(query)}


def last_attempts(session: Session, deliveries: Sequence[Delivery]) -> Mapping[int, Attempt]:
    """Return by delivery id the newest attempt of each delivery's present generation; none has no entry."""
    tried = {
        delivery.id: delivery.generation for delivery in deliveries if delivery.attempts_made or delivery.fence > 1
    }
    if not tried:
        # A first claim: nothing can have been attempted.
        return {}
    rows = session.scalars(select(Attempt).where(Attempt.delivery_id.in_(tried)).order_by(Attempt.id))
    return {row.delivery_id: row for row in rows if row.generation == tried[row.delivery_id]}


def last_attempt(session: Session, delivery_id: int, generation: int) -> Attempt | None:
    """Return the newest attempt of a generation."""
    return session.scalars(_LAST_ATTEMPT, {"delivery": delivery_id, "generation": generation}).first()


# Built once: every delivery asks it, and building a statement costs more than running it.
_LAST_ATTEMPT = (
    select(Attempt)
    .where(
        Attempt.delivery_id == bindparam("delivery", type_=RowId),
        Attempt.generation == bindparam("generation", type_=Integer()),
    )
    .order_by(Attempt.id.desc())
    .limit(1)
)


def parts_of(session: Session, attempt_id: int) -> list[AttemptPart]:
    """Return an attempt's parts in order."""
    return list(
        session.scalars(select(AttemptPart).where(AttemptPart.attempt_id == attempt_id).order_by(AttemptPart.index))
    )


def as_frozen(part: AttemptPart, out: AttemptPart | None = None) -> FrozenPart:
    """Return a stored part as the value that sending takes; `out` is the attempt's row that knows it published."""
    ref, out = None, out or part
    if out.outcome == "published" and out.remote_id is not None:
        ref = RemoteRef(out.remote_id, out.remote_url, out.remote_extra)
    return FrozenPart(part.id, part.index, Minted(part.key, part.text, part.record), ref)


def digest_of(parts: tuple[Part, ...], connection: Connection, language: str) -> str:
    """Return a digest of all that decides what the network would get: parts, account and language."""
    facts = [asdict(part) for part in parts], connection.account, connection.platform, connection.server, language
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
