"""The attempt: gate and attempt are one transaction, and its commit is the point of no return.

What is frozen here (exact texts, keys, whole records) is what goes out, in this attempt and in every other of the same
generation. Changed content gets a new generation; that is safe, for a delivery only comes back here after proof that
nothing of the last one was sent, or by a person's word.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.composing.values import Part
from app.delivery import gate, transitions
from app.delivery.claim import Claim
from app.delivery.credentials import connection_for
from app.delivery.deps import Composed, Deps
from app.delivery.instant import instant
from app.models import Attempt, AttemptPart, State
from app.platforms.base import Connection, Minted, Platform, RemoteRef, Via

log = structlog.get_logger(__name__)


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


@dataclass(frozen=True, slots=True)
class _Draft:
    """One part before it is stored."""

    text: str
    length: int
    minted: Minted
    out: AttemptPart | None = None


def begin(deps: Deps, claim: Claim) -> Frozen | None:
    """Pass the gate and store the attempt, or move the delivery to where the gate sends it.

    Returns:
        What to send, or None where nothing is to be sent.

    Raises:
        StorageUnavailable: The commit may or may not have happened: do not send.
    """
    with deps.database.write() as session:
        now = instant(session, deps.clock)
        case = gate.lock_case(session, claim.delivery_id)
        delivery = case.delivery
        holds = delivery.lease_until is not None and delivery.lease_until > now
        if (delivery.state, delivery.fence, delivery.lease) != (State.SENDING, claim.token, "dispatch") or not holds:
            return None
        refusal = gate.circumstances(session, case, now)
        if refusal is None and delivery.parts_out:
            frozen = _resume(session, deps, case, now)
        elif refusal is None:
            composed = deps.composer.compose(session, post=case.post, account=case.account, campaign=case.campaign)
            refusal = gate.text(composed)
            frozen = None if refusal else _start(session, deps, case, composed, now)
        if refusal is not None:
            _refuse(session, claim, refusal, now)
            return None
        return frozen


def _refuse(session: Session, claim: Claim, refusal: gate.Refusal, now: datetime) -> None:
    transitions.move(
        session,
        claim.delivery_id,
        State.SENDING,
        refusal.state,
        at=now,
        reason=refusal.reason,
        detail=refusal.detail,
        fence=claim.token,
        values={"verdict": refusal.verdict},
    )


def _start(session: Session, deps: Deps, case: gate.Case, composed: Composed, now: datetime) -> Frozen | None:
    adapter, connection = reach(deps, case)
    earlier = last_attempt(session, case.delivery.id, case.delivery.generation)
    digest = digest_of(composed.composition.parts, connection, composed.language)
    generation = case.delivery.generation
    if earlier is not None and earlier.digest == digest:
        drafts = _copies(parts_of(session, earlier.id))
    else:
        generation += 1 if earlier is not None else 0
        drafts = mint_all(adapter, connection, composed, case.delivery.id, generation, now)
    return _store(
        session,
        deps,
        case,
        drafts,
        now=now,
        attempt=Attempt(
            generation=generation,
            digest=digest,
            policy_version=composed.policy_version,
            findings=gate.as_json(composed.composition.verdict.findings),
        ),
        way=(adapter, connection),
    )


def _resume(session: Session, deps: Deps, case: gate.Case, now: datetime) -> Frozen | None:
    """Go on with a thread from what its last attempt froze; nothing is composed anew."""
    earlier = last_attempt(session, case.delivery.id, case.delivery.generation)
    if earlier is None:
        raise LookupError(f"delivery {case.delivery.id} has parts out and no attempt")
    attempt = Attempt(
        generation=earlier.generation,
        digest=earlier.digest,
        policy_version=earlier.policy_version,
        findings=earlier.findings,
    )
    drafts = _copies(parts_of(session, earlier.id))
    return _store(session, deps, case, drafts, now=now, attempt=attempt, way=reach(deps, case))


def _store(
    session: Session,
    deps: Deps,
    case: gate.Case,
    drafts: list[_Draft],
    *,
    now: datetime,
    attempt: Attempt,
    way: tuple[Platform, Connection],
) -> Frozen | None:
    delivery, account = case.delivery, case.account
    started = transitions.start_send_lease(
        session,
        delivery.id,
        fence=delivery.fence,
        at=now,
        until=now + deps.options.send_lease,
        generation=attempt.generation,
    )
    if not started:
        return None
    parts = insert_attempt(session, case, drafts, attempt, token=delivery.fence, now=now, deps=deps)
    account.next_free_at = now + timedelta(minutes=account.min_gap_minutes or 0)
    session.flush()
    log.info("attempt_started", delivery=delivery.id, attempt=attempt.id, parts=len(parts))
    return Frozen(
        attempt_id=attempt.id,
        delivery_id=delivery.id,
        token=delivery.fence,
        generation=attempt.generation,
        started_at=now,
        parts=tuple(as_frozen(part) for part in parts),
        adapter=way[0],
        connection=way[1],
    )


def insert_attempt(
    session: Session,
    case: gate.Case,
    drafts: list[_Draft],
    attempt: Attempt,
    *,
    token: int,
    now: datetime,
    deps: Deps,
) -> list[AttemptPart]:
    """Add the attempt's row and its parts; parts that are out already take their remote ids along."""
    attempt.organization_id = case.delivery.organization_id
    attempt.delivery_id = case.delivery.id
    attempt.token = token
    attempt.started_at = now
    attempt.deadline_at = now + deps.options.publish_deadline
    session.add(attempt)
    session.flush()
    parts = [_part_row(attempt, index, draft) for index, draft in enumerate(drafts)]
    session.add_all(parts)
    session.flush()
    return parts


def _part_row(attempt: Attempt, index: int, draft: _Draft) -> AttemptPart:
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
) -> list[_Draft]:
    """Fix keys and records of all parts. The salt keeps two databases that count alike from sharing keys."""
    salt = secrets.token_hex(8)
    return [
        _Draft(
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


def _copies(parts: list[AttemptPart]) -> list[_Draft]:
    return [
        _Draft(
            part.text,
            part.length,
            Minted(part.key, part.text, part.record),
            out=part if part.outcome == "published" else None,
        )
        for part in parts
    ]


def reach(deps: Deps, case: gate.Case) -> tuple[Platform, Connection]:
    """Return the adapter of the case's account, and the account as that adapter takes it."""
    account = case.account
    adapter = deps.platforms.adapter(account.platform, Via(account.via))
    return adapter, connection_for(account, deps.credentials(account.id))


def last_attempt(session: Session, delivery_id: int, generation: int) -> Attempt | None:
    """Return the newest attempt of a generation."""
    return session.scalars(
        select(Attempt)
        .where(Attempt.delivery_id == delivery_id, Attempt.generation == generation)
        .order_by(Attempt.id.desc())
        .limit(1)
    ).first()


def parts_of(session: Session, attempt_id: int) -> list[AttemptPart]:
    """Return an attempt's parts in order."""
    return list(
        session.scalars(select(AttemptPart).where(AttemptPart.attempt_id == attempt_id).order_by(AttemptPart.index))
    )


def as_frozen(part: AttemptPart) -> FrozenPart:
    """Return a stored part as the value that sending takes."""
    ref = None
    if part.outcome == "published" and part.remote_id is not None:
        ref = RemoteRef(part.remote_id, part.remote_url, part.remote_extra)
    return FrozenPart(part.id, part.index, Minted(part.key, part.text, part.record), ref)


def digest_of(parts: tuple[Part, ...], connection: Connection, language: str) -> str:
    """Return a digest of all that decides what the network would get: parts, account and language."""
    facts = [asdict(part) for part in parts], connection.account, connection.platform, connection.server, language
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
