"""One claimed delivery, from the gate to its outcome. Each step is a module; this is their order."""

from __future__ import annotations

from functools import partial

import structlog

from app.delivery import attempt, reasons, record, transitions
from app.delivery.answers import words
from app.delivery.claim import Claim
from app.delivery.deps import Deps
from app.delivery.instant import instant
from app.delivery.offer import offered
from app.delivery.publish import Budget, publish
from app.delivery.unstored import Unstored
from app.errors import StorageUnavailable
from app.models import Delivery, State

log = structlog.get_logger(__name__)


def deliver(deps: Deps, claim: Claim, unstored: Unstored) -> None:
    """Try one claimed delivery. Never raises.

    An outcome that the database does not take goes to `unstored`; where that is lost, too, lease, reaper and
    reconciliation settle it.
    """
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
        outcome = publish(deps, frozen, budget, unstored=unstored)
    except Exception:
        log.exception("publish_failed", delivery=frozen.delivery_id, attempt=frozen.attempt_id)
        return
    if outcome is None:
        return
    store = partial(record.outcome, deps, frozen, outcome)
    try:
        offered(deps, store)
    except StorageUnavailable:
        log.error("outcome_kept_for_later", delivery=frozen.delivery_id, attempt=frozen.attempt_id)  # noqa: TRY400  # it says all
        unstored.keep(store)
    except Exception:
        log.exception("outcome_not_stored", delivery=frozen.delivery_id, attempt=frozen.attempt_id)


def _block(deps: Deps, claim: Claim, error: Exception) -> None:
    """Keep a delivery that the gate cannot judge from coming back again and again; a begun thread needs a person."""
    detail = words(f"It could not be checked ({type(error).__name__}): {error}", 500)
    ways = ((State.BLOCKED, Delivery.parts_out == 0), (State.NEEDS_REVIEW, Delivery.parts_out > 0))
    try:
        with deps.database.write() as session:
            now = instant(session, deps.clock)
            for state, is_meant in ways:
                transitions.move(
                    session,
                    claim.delivery_id,
                    State.SENDING,
                    state,
                    at=now,
                    reason=reasons.GATE_ERROR,
                    detail=detail,
                    fence=claim.token,
                    when=(is_meant, Delivery.lease == "dispatch"),
                )
    except Exception:
        log.exception("gate_failure_not_stored", delivery=claim.delivery_id)
