"""What of a delivery stands in public, by all that its attempts have recorded; and what may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import Session

from app.delivery.freeze import last_attempt, parts_of, published_parts
from app.models import Attempt, AttemptPart, Delivery
from app.platforms.results import RemoteRef


@dataclass(frozen=True, slots=True)
class PublicPart:
    """One part that readers can see, as it was frozen; `index` is its place in the thread, from 0."""

    generation: int
    index: int
    text: str
    record: Mapping[str, Any]
    ref: RemoteRef


def public_parts(session: Session, delivery_id: int) -> list[PublicPart]:
    """Return what is out of all attempts and generations of a delivery, the last parts first; each post once."""
    rows = session.execute(
        select(AttemptPart, Attempt.generation)
        .join(Attempt, Attempt.id == AttemptPart.attempt_id)
        .where(Attempt.delivery_id == delivery_id, AttemptPart.remote_id.is_not(None))
        .order_by(AttemptPart.index.desc(), AttemptPart.id.desc())
    ).all()
    # Attempts of one generation share what is out: taken back in one, it is gone for all.
    done = {part.remote_id for part, _ in rows if part.retracted_at is not None}
    found: list[PublicPart] = []
    for part, generation in rows:
        if part.remote_id is not None and part.remote_id not in done:
            done.add(part.remote_id)
            ref = RemoteRef(part.remote_id, part.remote_url, part.remote_extra)
            found.append(PublicPart(generation, part.index, part.text, part.record, ref))
    return found


def doubtful_part(session: Session, delivery: Delivery) -> int | None:
    """Return the place of the part of which nobody knows whether it is out, or None where there is none."""
    attempt = last_attempt(session, delivery.id, delivery.generation)
    if attempt is None or attempt.outcome not in {None, "unknown"}:
        return None
    out = published_parts(session, attempt)
    return next((part.index for part in parts_of(session, attempt.id) if part.index not in out), None)


def mark(
    session: Session,
    delivery_id: int,
    remote_ids: Sequence[str],
    *,
    at: datetime | None = None,
    code: str | None = None,
    detail: str | None = None,
) -> None:
    """Keep what became of taking parts back: gone since `at`, or why not; one known to be gone keeps that."""
    mine = select(Attempt.id).where(Attempt.delivery_id == delivery_id)
    rows = update(AttemptPart).where(
        AttemptPart.attempt_id.in_(mine), AttemptPart.remote_id.in_(remote_ids), AttemptPart.retracted_at.is_(None)
    )
    values = {"retracted_at": at, "retract_code": code, "retract_detail": detail}
    session.execute(rows.values(**values).execution_options(synchronize_session=False))


def has_public_part() -> ColumnElement[bool]:
    """A condition on `Delivery`: some part of it is known to be out."""
    parts = select(AttemptPart.id).join(Attempt, Attempt.id == AttemptPart.attempt_id)
    return exists(
        parts.where(
            Attempt.delivery_id == Delivery.id, AttemptPart.remote_id.is_not(None), AttemptPart.retracted_at.is_(None)
        ).correlate(Delivery)
    )
