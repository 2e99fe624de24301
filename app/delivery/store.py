"""Keeping results: attempts, their parts and what a delivery knows of its publication. No state is changed here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, Update, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from app.db import RowId
from app.models import Attempt, AttemptPart, Delivery
from app.platforms.results import (
    AuthNeeded,
    HandedOver,
    Permanent,
    Published,
    PublishResult,
    RemoteRef,
    Retryable,
    Unknown,
)


def first_ref(session: Session, attempt_id: int) -> RemoteRef | None:
    """Return the network's id and address of an attempt's first part, where it is out."""
    part = session.execute(_FIRST_REF, {"attempt": attempt_id}).first()
    return None if part is None or part.remote_id is None else RemoteRef(part.remote_id, part.remote_url)


_FIRST_REF = select(AttemptPart.remote_id, AttemptPart.remote_url).where(
    AttemptPart.attempt_id == bindparam("attempt", type_=RowId), AttemptPart.index == 0
)


def publication(ref: RemoteRef | None, at: datetime, read_back_at: datetime | None = None) -> dict[str, object]:
    """Return the columns of a published delivery: its (first) post on the network, when, and when it is read back."""
    return {
        "published_at": at,
        "remote_id": None if ref is None else ref.remote_id,
        "remote_url": None if ref is None else ref.url,
        "verdict": None,
        "read_back_at": None if ref is None else read_back_at,
    }


def store_part(session: Session, part_id: int, result: PublishResult, now: datetime) -> None:
    """Store what became of a part; a part known to be out keeps that."""
    values: dict[str, object] = {"outcome": name_of(result), "sent_at": now}
    if isinstance(result, Published):
        values |= {"remote_id": result.ref.remote_id, "remote_url": result.ref.url}
        values |= {"remote_extra": dict(result.ref.extra), "code": None, "detail": None}
    elif not isinstance(result, HandedOver):
        values |= {"code": result.code[:64], "detail": result.detail}
    if not isinstance(result, Published | Unknown):
        values["sent_at"] = None
    known = AttemptPart.outcome.is_distinct_from("published")
    _run(session, update(AttemptPart).where(AttemptPart.id == part_id, known).values(**values))


def store_attempt(session: Session, attempt_id: int, result: PublishResult, now: datetime) -> None:
    """Store an attempt's outcome; one known to be published keeps that."""
    values: dict[str, object] = {"outcome": name_of(result), "finished_at": now, "code": None, "detail": None}
    if isinstance(result, Retryable | Permanent | AuthNeeded | Unknown):
        values |= {"code": result.code[:64], "detail": result.detail}
    known = Attempt.outcome.is_distinct_from("published")
    _run(session, update(Attempt).where(Attempt.id == attempt_id, known).values(**values))


def store_published(session: Session, published: Sequence[tuple[int, int, RemoteRef]], now: datetime) -> None:
    """Store of many attempts of one part, each given as attempt, part and ref, that they are out."""
    parts = [
        {
            "row": part_id,
            "new_sent_at": now,
            "new_remote_id": ref.remote_id,
            "new_remote_url": ref.url,
            "new_remote_extra": dict(ref.extra),
        }
        for _, part_id, ref in published
    ]
    session.execute(_PART_PUBLISHED, parts)
    session.execute(_ATTEMPT_PUBLISHED, [{"row": attempt_id, "new_finished_at": now} for attempt_id, _, _ in published])


def settle_attempts(session: Session, delivery_id: int, generation: int, now: datetime) -> None:
    """Say of a generation's attempts without an answer that (what was open of) them was not sent."""
    unanswered = or_(Attempt.outcome.is_(None), Attempt.outcome == "unknown")
    settled = update(Attempt).where(Attempt.delivery_id == delivery_id, Attempt.generation == generation, unanswered)
    _run(session, settled.values(outcome="not_sent", finished_at=func.coalesce(Attempt.finished_at, now)))


def count_out(session: Session, delivery_id: int, generation: int, parts: int) -> None:
    """Raise the number of public parts of the delivery's current generation to `parts`."""
    raised = (Delivery.id == delivery_id, Delivery.generation == generation, Delivery.parts_out < parts)
    _run(session, update(Delivery).where(*raised).values(parts_out=parts))


def name_of(result: PublishResult) -> str:
    """Return a result's name in `attempt.outcome`."""
    names = {
        Published: "published",
        Retryable: "retryable",
        Permanent: "permanent",
        AuthNeeded: "auth_needed",
        Unknown: "unknown",
        HandedOver: "handed_over",
    }
    return names[type(result)]


def said(result: Retryable | Permanent | AuthNeeded | Unknown) -> str:
    """Return what the network said, with its code."""
    return f"{result.detail} ({result.code})"


def _published(model: type[Attempt | AttemptPart], names: tuple[str, ...]) -> Update:
    table = cast("Table", model.__table__)
    changed: dict[str, Any] = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names}
    this = table.c.id == bindparam("row", type_=RowId)
    known = table.c.outcome.is_distinct_from("published")
    return update(table).where(this, known).values(outcome="published", code=None, detail=None, **changed)


_PART_PUBLISHED = _published(AttemptPart, ("sent_at", "remote_id", "remote_url", "remote_extra"))
_ATTEMPT_PUBLISHED = _published(Attempt, ("finished_at",))


def _run(session: Session, statement: Update) -> None:
    session.execute(statement.execution_options(synchronize_session=False))
