"""The clock: whether it is trusted, and a person's word for it."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.desk import OperatorDesk, ViewDesk
from app.api.schemas.base import moment
from app.api.schemas.clock import ClockConfirmedOut, ClockOut, clock_out
from app.api.schemas.problems import problems
from app.services.clocks import clock_state, confirm_clock

router = APIRouter(prefix="/clock", tags=["clock"])


@router.get("", responses=problems())
def read_the_clock(desk: ViewDesk) -> ClockOut:
    """Say what time decides, and why nothing is claimed where the clock is not trusted."""
    with desk.read() as scope:
        return clock_out(clock_state(scope.session, desk.deps, desk.settings.longest_sleep))


@router.post("/confirm", responses=problems(409, 415))
def confirm_the_clock(desk: OperatorDesk) -> ClockConfirmedOut:
    """Confirm that the clock is right, after it was set: what is due goes out again from the next tick on.

    Look at the clock first: what a clock set forward makes due goes out at once, or is missed.
    """
    with desk.write() as scope:
        state = confirm_clock(scope, desk.deps, desk.settings.longest_sleep)
    return ClockConfirmedOut(now=moment(state.now), confirmed=state.refusal or "")
