"""Pauses as requests and answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from app.api.schemas.base import (
    Id,
    Input,
    Instant,
    Line2000,
    Moment,
    Output,
    SlugName,
    WeekNumber,
    moment,
    moment_or_none,
)
from app.delivery.resume import Decision, Do, Waiting
from app.models import Pause
from app.services.pauses import PauseView
from app.services.resuming import Answer, Resumed, WaitingList, WaitingUndecided

_SCOPE = "instance (everything, every organization's), organization, campaign, week (of a campaign) or account."
_TIME: dict[str, Any] = {"utc": "2027-01-11T14:00:00Z", "local": "2027-01-11T09:00:00-05:00"}
_WAITING: dict[str, Any] = {
    "delivery_id": 12,
    "campaign_id": 1,
    "post": "learn-the-signs",
    "account": "our-mastodon",
    "platform": "mastodon",
    "via": "network",
    "week": 2,
    "state": "scheduled",
    "due": _TIME,
}
_PAUSE: dict[str, Any] = {
    "id": 3,
    "scope": "campaign",
    "campaign_id": 1,
    "week": None,
    "account": None,
    "reason": "The hotline is down.",
    "started_by": "local",
    "since": _TIME,
    "ended_by": None,
    "ended": None,
}


class PauseOrder(Input):
    """An order to stop a campaign or one of its weeks."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The hotline is down.", "week": 2}]})

    reason: Line2000 = Field(description="Why, for whoever finds it paused.")
    week: WeekNumber | None = Field(None, description="A focus week; the whole campaign if left out.")


class PauseCreate(Input):
    """An order to stop anything."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"scope": "organization", "reason": "A storm."},
                {"scope": "week", "campaign_id": 1, "week": 2, "reason": "Under review."},
                {"scope": "account", "account": "our-mastodon", "reason": "The network has an outage."},
            ]
        }
    )

    scope: Literal["instance", "organization", "campaign", "week", "account"] = Field(description=_SCOPE)
    campaign_id: Id | None = Field(None, description="For campaign and week.")
    week: WeekNumber | None = Field(None, description="The focus week, for week.")
    account: SlugName | None = Field(None, description="The account's slug, for account.")
    reason: Line2000 = Field(description="Why, for whoever finds it paused.")

    @model_validator(mode="after")
    def _what_the_scope_needs(self) -> PauseCreate:
        needed = {"campaign": {"campaign_id"}, "week": {"campaign_id", "week"}, "account": {"account"}}
        given = {name for name in ("campaign_id", "week", "account") if getattr(self, name) is not None}
        wanted = needed.get(self.scope, set())
        if missing := sorted(wanted - given):
            raise PydanticCustomError("scope", f"the scope {self.scope} needs {' and '.join(missing)}")
        if superfluous := sorted(given - wanted):
            raise PydanticCustomError("scope", f"the scope {self.scope} takes no {' and no '.join(superfluous)}")
        return self


class DecisionIn(Input):
    """What becomes of one post that waits."""

    delivery_id: Id
    do: Do = Field(description="keep: it goes out, from now on; move: at `due_at`; drop: it is cancelled.")
    due_at: Instant | None = Field(None, description="For move: ISO 8601 with offset, after now.")

    @model_validator(mode="after")
    def _time_where_moved(self) -> DecisionIn:
        if (self.due_at is not None) != (self.do is Do.MOVE):
            raise PydanticCustomError("due_at", "a post that is moved needs due_at; others take none")
        return self


class ResumeIn(Input):
    """An order to go on, and what becomes of the posts that wait."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {},
                {"rest": "keep"},
                {
                    "decisions": [
                        {"delivery_id": 12, "do": "move", "due_at": "2099-01-12T09:00:00-05:00"},
                        {"delivery_id": 13, "do": "drop"},
                    ],
                    "rest": "keep",
                },
            ]
        }
    )

    decisions: list[DecisionIn] = Field(
        default=[], max_length=5000, description="One for each post that waits; the pause's own address lists them."
    )
    rest: Literal["keep", "drop"] | None = Field(
        None, description="What becomes of all others; where it is null there must be none."
    )

    @model_validator(mode="after")
    def _once_each(self) -> ResumeIn:
        if len({one.delivery_id for one in self.decisions}) < len(self.decisions):
            raise PydanticCustomError("decisions", "a delivery is decided on twice")
        return self

    def answer(self) -> Answer:
        """Return it as the service takes it."""
        decisions = {one.delivery_id: Decision(one.do, one.due_at) for one in self.decisions}
        return Answer(decisions, None if self.rest is None else Do(self.rest))


class ResumeOrder(ResumeIn):
    """An order to let a campaign, or one of its weeks, go on."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}, {"week": 2}, {"week": 2, "rest": "drop"}]})

    week: WeekNumber | None = Field(None, description="The week that was paused; the campaign if left out.")


class PauseRef(Output):
    """The pause that holds something."""

    id: Id
    scope: str = Field(description=_SCOPE)
    reason: str
    started_by: str
    since: Moment


class PauseOut(Output):
    """A stop that a person ordered."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PAUSE]})

    id: Id
    scope: str = Field(description=_SCOPE)
    campaign_id: Id | None
    week: int | None = Field(description="The focus week it holds.")
    account: str | None = Field(description="The account's slug.")
    reason: str
    started_by: str
    since: Moment
    ended_by: str | None = Field(description="Who resumed it; null while it is in force.")
    ended: Moment | None


class WaitingOut(Output):
    """A post that a pause kept back and that would go out, or would have gone out, by now."""

    model_config = ConfigDict(json_schema_extra={"examples": [_WAITING]})

    delivery_id: Id
    campaign_id: Id
    post: str = Field(description="The post's key.")
    account: str = Field(description="The account's slug.")
    platform: str
    via: str = Field(description="network, sandbox or by_hand.")
    week: int
    state: str = Field(description="scheduled, or missed where its window passed in the pause.")
    due: Moment = Field(description="When it was meant to go out.")


class UndecidedOut(Output):
    """What a problem carries where an answer does not cover what waits."""

    waiting: list[WaitingOut]
    waiting_count: int

    @classmethod
    def of(cls, error: WaitingUndecided) -> UndecidedOut:
        """Return what the problem of `error` carries."""
        return cls(**_waiting_fields(error.waiting))


class PauseDetailOut(PauseOut):
    """A pause with what waits for it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PAUSE | {"waiting": [_WAITING], "waiting_count": 1}]})

    waiting: list[WaitingOut] = Field(description="What is to be decided on when it is resumed; the first 200.")
    waiting_count: int = Field(description="How many there are.")


class ResumedOut(PauseOut):
    """A pause that has ended, and what became of the posts that waited."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [_PAUSE | {"ended_by": "local", "ended": _TIME, "kept": 2, "moved": 1, "dropped": 0}]
        }
    )

    kept: int
    moved: int
    dropped: int


def pause_ref(pause: Pause | None, zone: ZoneInfo | str | None = None) -> PauseRef | None:
    """Return the pause that holds something, or None."""
    if pause is None:
        return None
    since = moment(pause.started_at, zone)
    return PauseRef(id=pause.id, scope=pause.scope, reason=pause.reason, started_by=pause.started_by, since=since)


def pause_out(view: PauseView, zone: ZoneInfo | str | None = None) -> PauseOut:
    """Return a pause as an answer; its times also in `zone`, its campaign's where none is given."""
    return PauseOut(**_fields(view, zone))


def pause_detail_out(view: PauseView, waiting: WaitingList) -> PauseDetailOut:
    """Return a pause and what waits for it as an answer."""
    return PauseDetailOut(**_fields(view, None), **_waiting_fields(waiting))


def resumed_out(view: PauseView, resumed: Resumed) -> ResumedOut:
    """Return a pause that has just ended as an answer."""
    return ResumedOut(**_fields(view, None), kept=resumed.kept, moved=resumed.moved, dropped=resumed.dropped)


def _waiting_fields(waiting: WaitingList) -> dict[str, Any]:
    return {"waiting": _waiting_out(waiting.shown), "waiting_count": waiting.count}


def _waiting_out(waiting: Sequence[Waiting]) -> list[WaitingOut]:
    return [
        WaitingOut(
            delivery_id=one.delivery_id,
            campaign_id=one.campaign_id,
            post=one.post,
            account=one.account,
            platform=one.platform,
            via=one.via,
            week=one.week,
            state=one.state,
            due=moment(one.due_at, one.time_zone),
        )
        for one in waiting
    ]


def _fields(view: PauseView, zone: ZoneInfo | str | None) -> dict[str, Any]:
    pause = view.pause
    if zone is None and view.campaign is not None:
        zone = view.campaign.time_zone
    return {
        "id": pause.id,
        "scope": pause.scope,
        "campaign_id": pause.campaign_id,
        "week": pause.week,
        "account": None if view.account is None else view.account.slug,
        "reason": pause.reason,
        "started_by": pause.started_by,
        "since": moment(pause.started_at, zone),
        "ended_by": pause.ended_by,
        "ended": moment_or_none(pause.ended_at, zone),
    }
