"""The attempt: gate and attempt are one transaction, and its commit is the point of no return.

What is frozen here (exact texts, keys, whole records) is what goes out, in this attempt and in every other of the same
generation. Changed content gets a new generation; that is safe, for a delivery only comes back here after proof that
nothing of the last one was sent, or by a person's word.

Several claims pass the gate in one transaction; each is judged by itself, and what cannot be judged blocks only itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.delivery import gate, hold, reasons, transitions
from app.delivery.answers import words
from app.delivery.circuit import host
from app.delivery.claim import Claim
from app.delivery.credentials import StoredCredentials, connection_for, sealed_of
from app.delivery.deps import Composed, Deps
from app.delivery.freeze import (
    Draft,
    Frozen,
    Written,
    as_frozen,
    copies,
    digest_of,
    insert_attempts,
    last_attempts,
    mint_all,
)
from app.delivery.instant import instant
from app.delivery.pauses import pauses_on
from app.delivery.withdrawn import carried, described, said_in_records, withdrawn_facts
from app.models import Attempt, AttemptPart, State
from app.platforms.base import Connection, Platform, Via

log = structlog.get_logger(__name__)

_LONGEST_DETAIL = 500


def begin(deps: Deps, claim: Claim) -> Frozen | None:
    """Begin one claim; see `begin_all`."""
    return next(iter(begin_all(deps, [claim])), None)


def begin_all(deps: Deps, claims: Sequence[Claim]) -> list[Frozen]:
    """Let claims pass the gate and store their attempts, or move the deliveries to where the gate sends them.

    Returns:
        What to send. A claim whose lease ran out, or that was overtaken, is not among it.

    Raises:
        StorageUnavailable: The commit may or may not have happened: do not send.
        Overtaken: Some delivery had moved on although it was locked; nothing is kept.
    """
    with deps.database.write() as session:
        cases = gate.lock_cases(session, [claim.delivery_id for claim in claims])
        # Asked after the locks, for which others may have let us wait.
        now = instant(session, deps.clock)
        standing = [cases[claim.delivery_id] for claim in claims if _holds(claim, cases.get(claim.delivery_id), now)]
        judged = _Gate(session, deps, standing, now).judge()
        for case in standing:
            if isinstance(refusal := judged[case.delivery.id], gate.Refusal):
                _refuse(session, case, refusal, now)
        written = [one for one in judged.values() if isinstance(one, Written)]
        return _store(session, deps, written, now) if written else []


def _holds(claim: Claim, case: gate.Case | None, now: datetime) -> bool:
    if case is None:
        return False
    delivery = case.delivery
    leased = delivery.lease_until is not None and delivery.lease_until > now
    return leased and (delivery.state, delivery.fence, delivery.lease) == (State.SENDING, claim.token, "dispatch")


class _Gate:
    """Judges cases that are locked in one transaction."""

    def __init__(self, session: Session, deps: Deps, cases: Sequence[gate.Case], now: datetime) -> None:
        self._session = session
        self._deps = deps
        self._cases = cases
        self._now = now
        self._earlier = last_attempts(session, [case.delivery for case in cases])
        self._pauses = pauses_on(session, [case.delivery.id for case in cases]) if cases else {}

    def judge(self) -> dict[int, Written | gate.Refusal]:
        """Return by delivery id, in the order of the cases, what is to be stored or why it is not sent."""
        judged: dict[int, Written | gate.Refusal | None] = {
            case.delivery.id: self._circumstances(case) for case in self._cases
        }
        open_cases = [case for case in self._cases if judged[case.delivery.id] is None]
        wanted = [(case.post, case.account, case.campaign) for case in open_cases]
        composed = self._deps.composer.compose_all(self._session, wanted) if wanted else ()
        for case, one in zip(open_cases, composed, strict=True):
            judged[case.delivery.id] = self._text(case, one)
        return {row: verdict for row, verdict in judged.items() if verdict is not None}

    def _circumstances(self, case: gate.Case) -> Written | gate.Refusal | None:
        """Refuse by circumstances, resume a thread that has begun, or leave it to its text (None)."""
        earlier = self._earlier.get(case.delivery.id)
        refusal = gate.circumstances(case, self._pauses.get(case.delivery.id), self._now)
        refusal = refusal or gate.doubt(self._session, earlier)
        if case.delivery.parts_out and earlier is not None and not hold.same_account(earlier, case.account):
            refusal = refusal or hold.other_account(case.delivery)
        if refusal is not None or not case.delivery.parts_out:
            return refusal
        return _or_refusal(case, partial(self._resume, case, earlier))

    def _text(self, case: gate.Case, composed: Composed | Exception) -> Written | gate.Refusal:
        if isinstance(composed, Exception):
            return _failed(case, composed)
        return gate.text(composed, case.delivery.due_at) or _or_refusal(case, partial(self._start, case, composed))

    def _start(self, case: gate.Case, composed: Composed) -> Written:
        adapter, connection = reach(self._deps, case)
        digest = digest_of(composed.composition.parts, connection, composed.language)
        earlier, generation = self._earlier.get(case.delivery.id), case.delivery.generation
        if earlier is not None and earlier.digest == digest:
            drafts = copies(self._session, earlier)
        else:
            generation += 1 if earlier is not None else 0
            drafts = mint_all(adapter, connection, composed, case.delivery.id, generation, self._now)
        attempt = Attempt(
            generation=generation,
            digest=digest,
            policy_version=composed.policy_version,
            findings=gate.as_json(composed.composition.verdict.findings),
        )
        return Written(case, drafts, attempt, case.delivery.fence)

    def _resume(self, case: gate.Case, earlier: Attempt | None) -> Written | gate.Refusal:
        """Go on with a thread from what its last attempt froze; nothing is composed anew."""
        if earlier is None:
            raise LookupError(f"delivery {case.delivery.id} has parts out and no attempt")
        attempt = Attempt(
            generation=earlier.generation,
            digest=earlier.digest,
            policy_version=earlier.policy_version,
            findings=earlier.findings,
        )
        drafts = copies(self._session, earlier)
        return self._withdrawn(case, drafts) or Written(case, drafts, attempt, case.delivery.fence)

    def _withdrawn(self, case: gate.Case, drafts: Sequence[Draft]) -> gate.Refusal | None:
        """Refuse to go on with a thread whose rest says what its issuer has withdrawn meanwhile."""
        rest = [draft.minted for draft in drafts if draft.out is None]
        said = said_in_records([minted.text for minted in rest], [minted.record for minted in rest])
        facts = carried(withdrawn_facts(self._session, case.campaign.pack_key), said)
        if not facts:
            return None
        detail = f"{case.delivery.parts_out} parts are out. {described(facts[0])}"
        return gate.Refusal(State.NEEDS_REVIEW, reasons.FACT_WITHDRAWN, detail)


def _or_refusal(case: gate.Case, write: partial[Written] | partial[Written | gate.Refusal]) -> Written | gate.Refusal:
    try:
        return write()
    except SQLAlchemyError:
        # The transaction itself is broken: nothing of it can be kept.
        raise
    except Exception as error:  # noqa: BLE001  # whatever an adapter raises blocks this delivery, and no other
        return _failed(case, error)


def _failed(case: gate.Case, error: Exception) -> gate.Refusal:
    """Keep a delivery that the gate cannot judge from coming back again and again; a begun thread needs a person."""
    log.error("gate_failed", delivery=case.delivery.id, exc_info=error)
    state = State.NEEDS_REVIEW if case.delivery.parts_out else State.BLOCKED
    return gate.Refusal(state, reasons.GATE_ERROR, failure(error))


def failure(error: Exception) -> str:
    """Say for a person that a delivery could not be judged."""
    return words(f"It could not be checked ({type(error).__name__}): {error}", _LONGEST_DETAIL)


def _refuse(session: Session, case: gate.Case, refusal: gate.Refusal, now: datetime) -> None:
    transitions.move(
        session,
        case.delivery.id,
        State.SENDING,
        refusal.state,
        at=now,
        reason=refusal.reason,
        detail=refusal.detail,
        fence=case.delivery.fence,
        values={"verdict": refusal.verdict},
    )


def _store(session: Session, deps: Deps, written: Sequence[Written], now: datetime) -> list[Frozen]:
    started = [(one.case.delivery, one.attempt.generation) for one in written]
    transitions.start_send_leases(session, started, until=now + deps.options.send_lease)
    parts = insert_attempts(session, written, now=now, deps=deps)
    for one in written:
        one.case.account.next_free_at = now + _gap(deps, one.case, now)
    session.flush()
    sealed = sealed_of(session, [one.case.account.id for one in written])
    return [_frozen(deps, one, rows, now, sealed) for one, rows in zip(written, parts, strict=True)]


def _gap(deps: Deps, case: gate.Case, now: datetime) -> timedelta:
    """Return how long the account rests after this attempt's start: after a downtime, what waited is no burst."""
    options, delivery = deps.options, case.delivery
    own = timedelta(minutes=case.account.min_gap_minutes or 0)
    late = delivery.attempts_made == 0 and now - delivery.due_at > options.catch_up_after
    return max(own, options.catch_up_gap) if late else own


def _frozen(deps: Deps, one: Written, parts: list[AttemptPart], now: datetime, sealed: Mapping[int, bytes]) -> Frozen:
    adapter, connection = reach(deps, one.case)
    if isinstance(connection.credentials, StoredCredentials) and one.case.account.id in sealed:
        # Read for all of them at once; they are opened only when the request is made.
        connection.credentials.know(sealed[one.case.account.id])
    log.info("attempt_started", delivery=one.case.delivery.id, attempt=one.attempt.id, parts=len(parts))
    return Frozen(
        attempt_id=one.attempt.id,
        delivery_id=one.case.delivery.id,
        token=one.token,
        generation=one.attempt.generation,
        started_at=now,
        parts=tuple(as_frozen(part) for part in parts),
        adapter=adapter,
        connection=connection,
        account_version=one.case.account.version,
        platform=one.case.account.platform,
        host=host(one.case.account),
        due_at=one.case.delivery.due_at,
    )


def reach(deps: Deps, case: gate.Case) -> tuple[Platform, Connection]:
    """Return the adapter of the case's account, and the account as that adapter takes it."""
    account = case.account
    adapter = deps.platforms.adapter(account.platform, Via(account.via))
    return adapter, connection_for(account, deps.credentials(account.id))
