"""The attempt: gate and attempt are one transaction, and its commit is the point of no return.

What is frozen here (exact texts, keys, whole records) is what goes out, in this attempt and in every other of the same
generation. Changed content gets a new generation; that is safe, for a delivery only comes back here after proof that
nothing of the last one was sent, or by a person's word.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from app.delivery import gate, transitions
from app.delivery.claim import Claim
from app.delivery.credentials import connection_for
from app.delivery.deps import Composed, Deps
from app.delivery.freeze import (
    Draft,
    Frozen,
    as_frozen,
    copies,
    digest_of,
    insert_attempt,
    last_attempt,
    mint_all,
)
from app.delivery.instant import instant
from app.models import Attempt, State
from app.platforms.base import Connection, Platform, Via

log = structlog.get_logger(__name__)


def begin(deps: Deps, claim: Claim) -> Frozen | None:
    """Pass the gate and store the attempt, or move the delivery to where the gate sends it.

    Returns:
        What to send, or None where nothing is to be sent.

    Raises:
        StorageUnavailable: The commit may or may not have happened: do not send.
    """
    with deps.database.write() as session:
        case = gate.lock_case(session, claim.delivery_id)
        # Asked after the locks, for which others may have let us wait.
        now = instant(session, deps.clock)
        delivery = case.delivery
        holds = delivery.lease_until is not None and delivery.lease_until > now
        if (delivery.state, delivery.fence, delivery.lease) != (State.SENDING, claim.token, "dispatch") or not holds:
            return None
        earlier = last_attempt(session, delivery.id, delivery.generation)
        refusal = gate.circumstances(session, case, now) or gate.doubt(session, earlier)
        if refusal is None and delivery.parts_out:
            frozen = _resume(session, deps, case, earlier, now)
        elif refusal is None:
            composed = deps.composer.compose(session, post=case.post, account=case.account, campaign=case.campaign)
            refusal = gate.text(composed)
            frozen = None if refusal else _start(session, deps, case, composed, earlier, now)
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


def _start(
    session: Session, deps: Deps, case: gate.Case, composed: Composed, earlier: Attempt | None, now: datetime
) -> Frozen | None:
    adapter, connection = reach(deps, case)
    digest = digest_of(composed.composition.parts, connection, composed.language)
    generation = case.delivery.generation
    if earlier is not None and earlier.digest == digest:
        drafts = copies(session, earlier)
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


def _resume(session: Session, deps: Deps, case: gate.Case, earlier: Attempt | None, now: datetime) -> Frozen | None:
    """Go on with a thread from what its last attempt froze; nothing is composed anew."""
    if earlier is None:
        raise LookupError(f"delivery {case.delivery.id} has parts out and no attempt")
    attempt = Attempt(
        generation=earlier.generation,
        digest=earlier.digest,
        policy_version=earlier.policy_version,
        findings=earlier.findings,
    )
    drafts = copies(session, earlier)
    return _store(session, deps, case, drafts, now=now, attempt=attempt, way=reach(deps, case))


def _store(
    session: Session,
    deps: Deps,
    case: gate.Case,
    drafts: list[Draft],
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
        account_version=account.version,
    )


def reach(deps: Deps, case: gate.Case) -> tuple[Platform, Connection]:
    """Return the adapter of the case's account, and the account as that adapter takes it."""
    account = case.account
    adapter = deps.platforms.adapter(account.platform, Via(account.via))
    return adapter, connection_for(account, deps.credentials(account.id))
