"""The same thing done to many rows: requests, and a word on each row."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from app.api.schemas.base import Id, Input, Instant, Line500, Line1000, Output, WeekNumber, Whole
from app.api.schemas.withdrawals import ProblemRef
from app.packs.schema.base import Slug
from app.services.bulk import MOST, Outcome
from app.services.delivery_bulk import LONGEST_SHIFT, BulkAction, Change
from app.services.post_bulk import PostAction, PostsChange

_MINUTES = LONGEST_SHIFT // timedelta(minutes=1)
_Ids = Annotated[list[Id], Field(min_length=1, max_length=MOST)]


class DeliveriesBulkIn(Input):
    """What is done to which deliveries."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"action": "reschedule", "ids": [12, 13], "shift_minutes": 90},
                {"action": "reschedule", "ids": [12], "due_at": "2027-01-12T09:00:00-05:00"},
                {"action": "cancel", "ids": [12, 13], "reason": "The resource was withdrawn."},
                {"action": "retry", "ids": [14]},
            ]
        }
    )

    action: BulkAction = Field(description="reschedule, cancel, retry or send_now, as for one delivery.")
    ids: _Ids = Field(description="The deliveries, such as a list found them.")
    due_at: Instant | None = Field(None, description="For reschedule: one time for all.")
    shift_minutes: Whole | None = Field(
        None,
        ge=-_MINUTES,
        le=_MINUTES,
        description="For reschedule: how much later each is due; below 0, earlier.",
    )
    reason: Line500 | None = Field(None, description="For cancel: why, in a person's own words.")

    @model_validator(mode="after")
    def _what_goes_with_it(self) -> DeliveriesBulkIn:
        moves = self.action is BulkAction.RESCHEDULE
        times = [self.due_at is not None, self.shift_minutes is not None].count(True)
        if moves and times != 1:
            raise PydanticCustomError("reschedule", "reschedule takes either due_at or shift_minutes")
        if not moves and times:
            raise PydanticCustomError("reschedule", "due_at and shift_minutes belong to reschedule only")
        if self.reason is not None and self.action is not BulkAction.CANCEL:
            raise PydanticCustomError("reason", "a reason belongs to cancel only")
        return self

    def value(self) -> Change:
        """Return what is done, as the service takes it."""
        shift = None if self.shift_minutes is None else timedelta(minutes=self.shift_minutes)
        return Change(self.action, self.due_at, shift, self.reason)


class PostsBulkIn(Input):
    """What is done to which posts."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"action": "leave_out", "ids": [3, 4], "reason": "Not for our region."},
                {"action": "set_week", "ids": [3, 4], "week": 2},
                {"action": "add_platforms", "ids": [3], "platforms": ["mastodon"]},
                {"action": "delete", "ids": [40]},
            ]
        }
    )

    action: PostAction = Field(
        description="leave_out (with a reason), take_in, set_week, add_platforms, remove_platforms, or delete."
    )
    ids: _Ids = Field(description="The posts.")
    reason: Line1000 | None = Field(None, description="For leave_out: why they are in no further plan.")
    week: WeekNumber | None = Field(None, description="For set_week: the focus week.")
    platforms: list[Slug] = Field(
        default=[], max_length=50, description="For add_platforms and remove_platforms: the networks."
    )

    @model_validator(mode="after")
    def _what_goes_with_it(self) -> PostsBulkIn:
        asked = {
            "reason": (self.reason is not None, {PostAction.LEAVE_OUT}),
            "week": (self.week is not None, {PostAction.SET_WEEK}),
            "platforms": (bool(self.platforms), {PostAction.ADD_PLATFORMS, PostAction.REMOVE_PLATFORMS}),
        }
        for name, (given, actions) in asked.items():
            if given != (self.action in actions):
                needs = "takes no" if given else "needs"
                raise PydanticCustomError("bulk", f"{self.action.value} {needs} {name}")
        return self

    def value(self) -> PostsChange:
        """Return what is done, as the service takes it."""
        return PostsChange(self.action, self.reason, self.week, tuple(self.platforms))


class OutcomeOut(Output):
    """What became of one row."""

    id: Id
    state: str | None = Field(description="Where it stands now; null where there is no such row.")
    problem: ProblemRef | None = Field(description="Why nothing was done to it; null where it was done.")


class OutcomesOut(Output):
    """What became of each row, in the order asked for."""

    items: list[OutcomeOut]


def outcomes_out(outcomes: list[Outcome]) -> OutcomesOut:
    """Return what became of each row as an answer."""
    return OutcomesOut(
        items=[
            OutcomeOut(
                id=one.row_id,
                state=one.state,
                problem=None
                if one.problem is None
                else ProblemRef(code=one.problem.code, detail=one.problem.message, hint=one.problem.hint),
            )
            for one in outcomes
        ]
    )
