"""One claimed delivery, from the gate to its outcome. Each step is a module; this is their order."""

from __future__ import annotations

import structlog

from app.delivery import attempt, reasons, record, transitions
from app.delivery.claim import Claim
from app.delivery.deps import Deps
from app.delivery.freeze import Frozen
from app.delivery.instant import instant
from app.delivery.publish import Budget, publish
from app.errors import StorageUnavailable
from app.models import Delivery, State

log = structlog.get_logger(__name__)

#: How often an outcome is offered to a database that does not take it, and the wait between, in seconds.
_OFFERS = (0.2, 1.0, 3.0)


def deliver(deps: Deps, claim: Claim) -> None:
    """Try one claimed delivery. Never raises; what cannot be stored is settled by lease, reaper and reconciliation."""
    budget = Budget.start(deps)
    try:
        frozen = attempt.begin(deps, claim)
    except StorageUnavailable:
        # The commit may have happened or not: whoever cannot know does not send.
        log.warning("attempt_not_stored", delivery=claim.delivery_id)
        return
    except Exception as error:
        log.exception("gate_failed", delivery=claim.delivery_id)
        _block(deps, claim, error)
        return
    if frozen is None:
        return
    try:
        outcome = publish(deps, frozen, budget)
        if outcome is not None:
            _record(deps, frozen, outcome)
    except Exception:
        log.exception("outcome_not_stored", delivery=frozen.delivery_id, attempt=frozen.attempt_id)


def _record(deps: Deps, frozen: Frozen, outcome: record.Outcome) -> None:
    for wait in _OFFERS:
        try:
            record.outcome(deps, frozen, outcome)
        except StorageUnavailable:
            log.warning("outcome_offered_again", delivery=frozen.delivery_id, attempt=frozen.attempt_id)
            deps.sleep(wait)
        else:
            return
    record.outcome(deps, frozen, outcome)


def _block(deps: Deps, claim: Claim, error: Exception) -> None:
    """Keep a delivery that the gate cannot judge from coming back again and again."""
    detail = f"It could not be checked ({type(error).__name__}): {error}"[:500]
    try:
        with deps.database.write() as session:
            transitions.move(
                session,
                claim.delivery_id,
                State.SENDING,
                State.BLOCKED,
                at=instant(session, deps.clock),
                reason=reasons.GATE_ERROR,
                detail=detail,
                fence=claim.token,
                when=(Delivery.parts_out == 0, Delivery.lease == "dispatch"),
            )
    except StorageUnavailable:
        log.warning("gate_failure_not_stored", delivery=claim.delivery_id)
