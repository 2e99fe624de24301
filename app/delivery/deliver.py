"""The steps of claimed deliveries, from the gate to their outcomes, so that what fails at one of them stays with it.

An outcome that the database does not take goes to `unstored`; where that is lost, too, lease, reaper and
reconciliation settle it.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from app.delivery import attempt, reasons, record, transitions
from app.delivery.claim import Claim
from app.delivery.deps import Deps
from app.delivery.freeze import Frozen
from app.delivery.instant import instant
from app.delivery.offer import offered
from app.delivery.publish import Budget, publish
from app.delivery.unstored import Unstored
from app.errors import StorageUnavailable
from app.logs import work_on
from app.models import Delivery, State
from app.platforms.results import Retryable

log = structlog.get_logger(__name__)


def begun(deps: Deps, claims: Sequence[Claim]) -> list[Frozen]:
    """Pass the gate with several claims at once, or each alone where they cannot pass together. Never raises."""
    try:
        return attempt.begin_all(deps, claims)
    except StorageUnavailable:
        # The commit may have happened or not: whoever cannot know does not send.
        log.warning("attempts_not_stored", deliveries=[claim.delivery_id for claim in claims])
        return []
    except Exception as error:
        if len(claims) > 1:
            log.warning("gate_one_by_one", error=type(error).__name__)
            return [frozen for claim in claims for frozen in begun(deps, [claim])]
        log.exception("gate_failed", delivery=claims[0].delivery_id)
        _block(deps, claims[0], error)
        return []


def sent(deps: Deps, frozen: Frozen, budget: Budget, unstored: Unstored) -> record.Finished | None:
    """Send what is open of an attempt. Never raises.

    Returns:
        The outcome, which is to be stored, or None where this worker may do nothing more.
    """
    try:
        with work_on(delivery=frozen.delivery_id, attempt=frozen.attempt_id):
            outcome = publish(deps, frozen, budget, unstored=unstored)
    except Exception:
        log.exception("publish_failed", delivery=frozen.delivery_id, attempt=frozen.attempt_id)
        return None
    return None if outcome is None else record.Finished(frozen, outcome)


def put_back(frozen: Frozen) -> record.Finished | None:
    """Return the outcome of an attempt that is not made after all, because whoever would send it is closing."""
    part = next((part for part in frozen.parts if part.ref is None), None)
    if part is None:
        return None
    result = Retryable(reasons.PUT_BACK, "The service stopped before it was sent.")
    return record.Finished(frozen, record.Outcome(result, part))


def stored(deps: Deps, finished: Sequence[record.Finished], unstored: Unstored) -> None:
    """Store outcomes together, or each alone where one of them keeps the others from it. Never raises."""
    if not finished:
        return
    try:
        offered(deps, lambda: record.outcomes(deps, finished))
    except StorageUnavailable:
        log.error("outcomes_kept_for_later", deliveries=_deliveries(finished))  # noqa: TRY400  # it says all
        for one in finished:
            unstored.keep(lambda one=one: record.outcomes(deps, [one]))  # type: ignore[misc]  # bound in the loop
    except Exception:
        if len(finished) == 1:
            # The lease and the network's own word settle it.
            log.exception("outcome_not_stored", delivery=finished[0].frozen.delivery_id)
            return
        log.warning("outcomes_one_by_one", deliveries=_deliveries(finished))
        for one in finished:
            stored(deps, [one], unstored)


def _deliveries(finished: Sequence[record.Finished]) -> list[int]:
    return [one.frozen.delivery_id for one in finished]


def _block(deps: Deps, claim: Claim, error: Exception) -> None:
    """Keep a delivery whose attempt cannot be stored from coming back again and again."""
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
                    detail=attempt.failure(error),
                    fence=claim.token,
                    when=(is_meant, Delivery.lease == "dispatch"),
                )
    except Exception:
        log.exception("gate_failure_not_stored", delivery=claim.delivery_id)
