"""Plans as requests and answers."""

from __future__ import annotations

from datetime import date

from pydantic import ConfigDict, Field

from app.api.schemas.base import Input, Output
from app.clock import utc_text
from app.planning.values import Existing, Planned
from app.services.plans import PlanPreview


class PlannedOut(Output):
    """One delivery to be."""

    post: str = Field(description="The post's key.")
    account: str = Field(description="The account's slug.")
    platform: str
    week: int = Field(description="The post's own focus week.")
    occurrence: str = Field(description="`week`, or the date of the pin.")
    local: str = Field(description="ISO 8601 with offset, in the campaign's zone.")
    utc: str = Field(description="The same instant, ending in Z.")


class RemovedOut(Output):
    """A delivery that nothing asks for any more and that was never attempted."""

    post: str
    account: str
    occurrence: str
    utc: str


class UnplacedOut(Output):
    """What does not fit, and what a person can do about it."""

    post: str
    account: str
    platform: str
    week: int
    occurrence: str
    reason: str = Field(description="Stable code.")
    message: str
    choices: list[str]


class LeftOutOut(Output):
    """A post, or a post on one account, that is meant for no delivery."""

    post: str
    account: str | None
    occurrence: str | None
    reason: str


class HeldBackOut(Output):
    """A planned post that the gate would not let out as things stand."""

    post: str
    account: str
    reason: str


class WeekCount(Output):
    """Deliveries of a focus week's posts."""

    week: int
    deliveries: int


class DayCount(Output):
    """Deliveries on a local day."""

    day: date
    deliveries: int


class AccountCount(Output):
    """Deliveries on an account; in one focus week, or in all (week null)."""

    account: str
    week: int | None
    deliveries: int


class GapOut(Output):
    """A day of the window on which an account has nothing although it is no day off."""

    account: str
    day: date


class CoverageOut(Output):
    """How many deliveries stand where, zeros included."""

    by_week: list[WeekCount]
    by_day: list[DayCount]
    by_account: list[AccountCount]
    by_account_and_week: list[AccountCount]
    gaps: list[GapOut]


class PlanPreviewOut(Output):
    """What committing this plan would do."""

    digest: str = Field(description="Send it with the commit.")
    planned: int = Field(description="How many deliveries there would be in all.")
    kept: int = Field(description="How many of them are there already and stay.")
    added: list[PlannedOut]
    moved: list[PlannedOut] = Field(description="Never-attempted deliveries that must move, at their new time.")
    removed: list[RemovedOut]
    unplaced: list[UnplacedOut]
    left_out: list[LeftOutOut]
    held_back: list[HeldBackOut]
    unapproved: int = Field(description="How many of the planned ones are not approved yet; drafts may be planned.")
    coverage: CoverageOut


class PlanCommitIn(Input):
    """The plan to commit, by its preview's digest."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"digest": "9f2c41d7a0b35e68"}]})

    digest: str = Field(min_length=1, max_length=128, description="The preview's digest.")


class PlanCommitOut(Output):
    """What a commit did."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"added": 37, "moved": 0, "removed": 0, "kept": 0}]})

    added: int
    moved: int
    removed: int
    kept: int


def plan_preview_out(preview: PlanPreview) -> PlanPreviewOut:
    """Return a preview as an answer."""
    plan, coverage = preview.plan, preview.plan.coverage
    return PlanPreviewOut(
        digest=preview.digest,
        planned=len(plan.placed),
        kept=preview.kept,
        added=[_planned(planned) for planned in preview.added],
        moved=[_planned(planned) for planned in preview.moved],
        removed=[_removed(existing) for existing in preview.removed],
        unplaced=[UnplacedOut.model_validate(one, from_attributes=True) for one in plan.unplaced],
        left_out=[LeftOutOut.model_validate(one, from_attributes=True) for one in plan.left_out],
        unapproved=preview.unapproved,
        held_back=[HeldBackOut.model_validate(one, from_attributes=True) for one in preview.held_back],
        coverage=CoverageOut(
            by_week=[WeekCount(week=week, deliveries=count) for week, count in coverage.by_week],
            by_day=[DayCount(day=day, deliveries=count) for day, count in coverage.by_day],
            by_account=[AccountCount(account=a, week=None, deliveries=n) for a, n in coverage.by_account],
            by_account_and_week=[
                AccountCount(account=a, week=week, deliveries=n) for a, week, n in coverage.by_account_and_week
            ],
            gaps=[GapOut(account=account, day=day) for account, day in coverage.gaps],
        ),
    )


def _planned(planned: Planned) -> PlannedOut:
    return PlannedOut(
        post=planned.post,
        account=planned.account,
        platform=planned.platform,
        week=planned.week,
        occurrence=planned.occurrence,
        local=planned.local.isoformat(),
        utc=utc_text(planned.utc),
    )


def _removed(existing: Existing) -> RemovedOut:
    return RemovedOut(
        post=existing.post,
        account=existing.account,
        occurrence=existing.occurrence,
        utc=utc_text(existing.due_at),
    )
