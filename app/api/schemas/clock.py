"""The clock as the API shows it."""

from __future__ import annotations

from pydantic import Field

from app.api.schemas.base import Moment, Output, moment, moment_or_none
from app.services.clocks import ClockState


class RefusalOut(Output):
    """Why nothing is claimed."""

    message: str = Field(description="What is wrong.", examples=["The clock was set forward by 27 days."])
    hint: str = Field(description="What to do next.", examples=["Set it right, then confirm it."])
    since: Moment | None = Field(description="By the clock as it was then; null where it is not known.")
    by_person: bool = Field(description="Whether a person's confirmation lifts it.", examples=[True])


class ClockOut(Output):
    """The time that decides, and whether it is trusted."""

    now: Moment = Field(description="The instant by which deliveries come due.")
    refusal: RefusalOut | None = Field(description="Null where the clock is trusted and deliveries are claimed.")
    confirmed: Moment | None = Field(description="When a person last confirmed the clock; null if none ever did.")
    confirmed_by: str | None = Field(description="Who that was.", examples=["local"])


class ClockConfirmedOut(Output):
    """What a person has confirmed. Schedulers claim again from their next tick on."""

    now: Moment = Field(description="The instant that is taken as right.")
    confirmed: str = Field(description="The refusal that it lifts.", examples=["The clock was set back by 2 hours."])


def clock_out(state: ClockState) -> ClockOut:
    """Return the clock's state as an answer."""
    refusal = None
    if state.refusal is not None:
        since = moment_or_none(state.refused_at)
        refusal = RefusalOut(message=state.refusal, hint=state.hint or "", since=since, by_person=state.by_person)
    return ClockOut(
        now=moment(state.now),
        refusal=refusal,
        confirmed=moment_or_none(state.confirmed_at),
        confirmed_by=state.confirmed_by,
    )
