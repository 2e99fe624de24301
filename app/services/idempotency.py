"""Requests that are made once however often they are sent: by the key that their client gave them.

A row is claimed before the request is carried out and holds its answer afterwards, sealed, for a day. What the request
changes and the mark that it was carried out are committed together (`carried_out`), so that whoever asks again after a
crash in between learns that it was done, and nothing is ever done twice.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.clock import Clock
from app.db import Database
from app.errors import BadConfiguration, Conflict, InvalidInput
from app.models import IdempotencyKey
from app.platforms.vault import Vault
from app.services.chores import Chore

#: How long an answer is kept.
KEPT = timedelta(hours=24)
#: A request that has changed nothing for so long is no longer at work: its process has died.
ABANDONED = timedelta(minutes=5)
#: Whose answer is larger is asked to look instead; in bytes.
LARGEST_ANSWER = 2_000_000
_LONGEST_HEADERS = 2000
#: The status of a request that was carried out and whose answer is not there yet; `_LOST` as the answer: nor will be.
_CARRIED_OUT, _LOST = 0, b""
#: A row that goes away between two looks is looked for again, so often.
_LOOKS = 5


class KeyMismatch(InvalidInput):
    """A key that was given to another request before."""

    code = "idempotency.mismatch"


class InProgress(Conflict):
    """The first request with this key is still at work. `wait_seconds` says when to ask again."""

    code = "idempotency.in_progress"
    wait_seconds = 2


class AnswerLost(Conflict):
    """The first request with this key was carried out, and its answer is not there any more."""

    code = "idempotency.answer_lost"


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to carry out a request: its row, and since when (which tells it from one that was taken over)."""

    row_id: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it was given; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


#: What the request at hand has claimed; None for requests without a key, and for everything that is no request.
CLAIMED: ContextVar[Claim | None] = ContextVar("idempotency_claim", default=None)


def begin(database: Database, vault: Vault, *, owner: str, key: str, request: str, now: datetime) -> Claim | Answer:
    """Claim a request, or return the answer that it got before.

    `owner` and `request` are digests of who asks and of what; `now` is aware.

    Raises:
        KeyMismatch: The key was given to another request.
        InProgress: The first one is still at work.
        AnswerLost: It was carried out, and its answer is not there.
    """
    for _ in range(_LOOKS):
        try:
            with database.write() as session:
                _forget(session, owner, key, now)
                values = {"owner": owner, "key": key, "request": request, "created_at": now, "expires_at": now + KEPT}
                row_id = session.scalars(insert(IdempotencyKey).returning(IdempotencyKey.id), [values]).one()
            return Claim(row_id, now)
        except IntegrityError:
            with database.read() as session:
                asked = IdempotencyKey.owner == owner, IdempotencyKey.key == key
                row = session.scalars(select(IdempotencyKey).where(*asked)).first()
        if row is not None:
            return _first_answer(row, request, vault, now)
    raise _in_progress()


def carried_out(session: Session) -> None:
    """Mark, in the transaction that changes something for it, that the claimed request was carried out.

    Raises:
        InProgress: The request took so long that another one with its key has taken over; nothing is changed.
    """
    claim = CLAIMED.get()
    if claim is None:
        return
    mark = update(IdempotencyKey).where(*_is(claim)).values(status=_CARRIED_OUT)
    if session.execute(mark.returning(IdempotencyKey.id)).first() is None:
        raise _in_progress()


def keep(database: Database, vault: Vault, claim: Claim, answer: Answer) -> None:
    """Keep the answer of a claimed request, sealed. One that is too large is not kept."""
    headers = json.dumps(dict(answer.headers))
    if len(answer.body) > LARGEST_ANSWER or len(headers) > _LONGEST_HEADERS:
        release(database, claim)
        return
    sealed = vault.encrypt({"body": base64.b64encode(answer.body).decode()})
    with database.write() as session:
        kept = {"status": answer.status, "answer": sealed, "headers": headers}
        session.execute(update(IdempotencyKey).where(*_is(claim)).values(kept))


def release(database: Database, claim: Claim) -> None:
    """Let a request be made again that failed. One that changed something stays, as carried out without an answer."""
    with database.write() as session:
        session.execute(delete(IdempotencyKey).where(*_is(claim), IdempotencyKey.status.is_(None)))
        session.execute(update(IdempotencyKey).where(*_is(claim)).values(answer=_LOST))


def forget_expired(database: Database, now: datetime) -> int:
    """Remove the keys whose day is over at `now` (aware); return how many there were."""
    with database.write() as session:
        over = IdempotencyKey.expires_at <= now
        count = session.scalar(select(func.count()).select_from(IdempotencyKey).where(over)) or 0
        session.execute(delete(IdempotencyKey).where(over))
        return count


def idempotency_keys(database: Database, clock: Clock) -> Chore:
    """Return what removes old keys, once an hour."""

    def run() -> None:
        forget_expired(database, clock.now())

    return Chore("idempotency_keys", timedelta(hours=1), run)


def _forget(session: Session, owner: str, key: str, now: datetime) -> None:
    over = or_(
        IdempotencyKey.expires_at <= now,
        IdempotencyKey.status.is_(None) & (IdempotencyKey.created_at <= now - ABANDONED),
    )
    session.execute(delete(IdempotencyKey).where(IdempotencyKey.owner == owner, IdempotencyKey.key == key, over))


def _is(claim: Claim) -> tuple[ColumnElement[bool], ...]:
    # SQLite gives a removed row's id to the next one, so the id alone does not say whose it is.
    return IdempotencyKey.id == claim.row_id, IdempotencyKey.created_at == claim.since


def _first_answer(row: IdempotencyKey, request: str, vault: Vault, now: datetime) -> Answer:
    if row.request != request:
        raise KeyMismatch(
            "This Idempotency-Key was given to another request before: another address, query or body.",
            hint="Give each new request a key of its own, such as a new UUID.",
        )
    if row.status is None or (row.answer is None and row.created_at > now - ABANDONED):
        raise _in_progress()
    try:
        body = base64.b64decode(vault.decrypt(row.answer or b"")["body"])
    except (BadConfiguration, KeyError, binascii.Error):
        raise AnswerLost(
            "The request with this Idempotency-Key was carried out, and its answer was lost.",
            hint="Look at what is there. To make the request once more, give it a new key.",
        ) from None
    return Answer(row.status, json.loads(row.headers or "{}"), body)


def _in_progress() -> InProgress:
    return InProgress(
        "The first request with this Idempotency-Key is still at work.",
        hint=f"Send it again in {InProgress.wait_seconds} seconds, with the same key, to get its answer.",
    )
