"""Deliveries as requests and answers."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from app.api.schemas.attempts import AttemptOut, attempt_out
from app.api.schemas.base import (
    FindingOut,
    Id,
    Input,
    Instant,
    Line500,
    Moment,
    Output,
    PartOut,
    finding_out,
    moment,
    moment_or_none,
)
from app.api.schemas.once_out import ReadBackOut, WithdrawalOut, read_back_out, withdrawal_out
from app.api.schemas.pauses import PauseRef, pause_ref
from app.delivery import reasons
from app.models import State
from app.packs.schema.base import WebAddress
from app.services.deliveries import DeliveryHistory, DeliveryView


class RescheduleIn(Input):
    """A new time."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"due_at": "2027-01-12T09:00:00-05:00"}]})

    due_at: Instant = Field(description="ISO 8601 with offset, not past. The lateness window counts from there.")


class CancelIn(Input):
    """Why it is cancelled."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "The resource was withdrawn."}, {}]})

    reason: Line500 | None = Field(None, description="In a person's own words.")


class PostedByHandIn(Input):
    """Where a person posted it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"url": "https://www.example.com/posts/123"}]})

    url: WebAddress = Field(max_length=1000, description="Address of the post.")


class ResolveReviewIn(Input):
    """What a person found out, or decided, about a delivery that needs review."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"decision": "went_out", "url": "https://www.example.com/posts/123"},
                {"decision": "send_again"},
            ]
        }
    )

    decision: Literal["went_out", "send_again", "send_rest"] = Field(
        description="went_out: it is out (a thread is finished as it stands). send_again: nothing is out, send it. "
        "send_rest: send the rest of a thread."
    )
    url: WebAddress | None = Field(None, max_length=1000, description="Address of the post, for went_out only.")

    @model_validator(mode="after")
    def _url_where_out(self) -> ResolveReviewIn:
        if self.url is not None and self.decision != "went_out":
            raise PydanticCustomError("url", "a url belongs to went_out only")
        return self


class PostRef(Output):
    """The post of a delivery."""

    id: Id
    key: str


class AccountRef(Output):
    """The account of a delivery."""

    id: Id
    slug: str
    platform: str
    via: str = Field(description="network, sandbox or by_hand.")


class DeliveryOut(Output):
    """One occurrence of one post on one account."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": 12,
                    "campaign_id": 1,
                    "post": {"id": 7, "key": "learn-the-signs"},
                    "account": {"id": 1, "slug": "our-mastodon", "platform": "mastodon", "via": "network"},
                    "platform": "mastodon",
                    "week": 2,
                    "occurrence": "2027-01-11",
                    "review": "approved",
                    "state": "scheduled",
                    "state_reason": None,
                    "state_detail": None,
                    "state_since": {"utc": "2026-12-01T12:00:00Z", "local": "2026-12-01T07:00:00-05:00"},
                    "due": {"utc": "2027-01-11T14:00:00Z", "local": "2027-01-11T09:00:00-05:00"},
                    "ready": {"utc": "2027-01-11T14:00:00Z", "local": "2027-01-11T09:00:00-05:00"},
                    "stop_requested": None,
                    "handed_over": None,
                    "handed_over_to": None,
                    "published": None,
                    "url": None,
                    "attempts_made": 0,
                    "parts_out": 0,
                    "paused_by": None,
                    "withdrawal": None,
                    "read_back": None,
                }
            ]
        }
    )

    id: Id
    campaign_id: Id
    post: PostRef
    account: AccountRef
    platform: str
    week: int = Field(description="The post's own focus week.")
    occurrence: str = Field(description="`week`, or the date of the pin.")
    review: str = Field(description="How its post stands: draft, in_review, approved or returned.")
    state: str = Field(examples=["scheduled"])
    state_reason: str | None = Field(description="Stable code of why it stands there.")
    state_detail: str | None = Field(description="The same for a person.")
    state_since: Moment
    due: Moment = Field(description="When it is meant to go out.")
    ready: Moment = Field(description="From when it may be tried; later than `due` after a retry.")
    stop_requested: Moment | None = Field(description="When a stop was asked for that is not settled yet.")
    handed_over: Moment | None = Field(description="When a person was asked to post it.")
    handed_over_to: str | None
    published: Moment | None
    url: str | None = Field(description="Where it stands, once it is out.")
    attempts_made: int
    parts_out: int = Field(description="How many parts of it are public.")
    paused_by: PauseRef | None = Field(description="The oldest pause that holds it; for scheduled ones only.")
    withdrawal: WithdrawalOut | None = Field(description="Null where nobody asked to take it back.")
    read_back: ReadBackOut | None = Field(description="Null where it was not read back and will not be.")


class EventOut(Output):
    """One change of state."""

    at: Moment
    from_state: str | None
    to_state: str
    reason: str | None
    detail: str | None
    actor: str


class DeliveryDetailOut(DeliveryOut):
    """A delivery with all that happened to it."""

    # The example of the shorter form is none of this one.
    model_config = ConfigDict(json_schema_extra={})

    parts: list[PartOut] = Field(description="As last attempted; before any attempt, as they would go out now.")
    composed_now: bool = Field(description="Whether `parts` are what would go out now, not what was attempted.")
    findings: list[FindingOut] = Field(description="Of why it is blocked, or else of `parts`.")
    attempts: list[AttemptOut]
    events: list[EventOut]


#: Missed because it was blocked: what blocked it is still told.
_MISSED_BLOCKED = (reasons.LATE_BLOCKED, reasons.LATE_APPROVAL)


def delivery_out(view: DeliveryView) -> DeliveryOut:
    """Return a delivery as an answer."""
    return DeliveryOut(**_fields(view))


def delivery_detail_out(history: DeliveryHistory) -> DeliveryDetailOut:
    """Return a delivery and its history as an answer."""
    zone = history.view.campaign.time_zone
    attempts = [attempt_out(attempt, zone) for attempt in history.attempts]
    if history.composition is not None:
        parts = [PartOut(text=part.text, length=part.length) for part in history.composition.parts]
        findings = [finding_out(finding) for finding in history.composition.verdict.findings]
    else:
        parts, findings = attempts[-1].parts, attempts[-1].findings
    row = history.view.delivery
    if row.verdict and (row.state == State.BLOCKED or row.state_reason in _MISSED_BLOCKED):
        # Elsewhere it is of a text that has changed since.
        findings = [FindingOut.model_validate(finding) for finding in row.verdict]
    return DeliveryDetailOut(
        **_fields(history.view),
        parts=parts,
        composed_now=history.composition is not None,
        findings=findings,
        attempts=attempts,
        events=[
            EventOut(
                at=moment(event.at, zone),
                from_state=event.from_state,
                to_state=event.to_state,
                reason=event.reason,
                detail=event.detail,
                actor=event.actor,
            )
            for event in history.events
        ],
    )


def _fields(view: DeliveryView) -> dict[str, Any]:
    row, zone = view.delivery, view.campaign.time_zone
    return {
        "id": row.id,
        "campaign_id": row.campaign_id,
        "post": PostRef(id=view.post.id, key=view.post.key),
        "account": AccountRef.model_validate(view.account, from_attributes=True),
        "platform": view.account.platform,
        "week": row.week,
        "occurrence": row.occurrence,
        "review": view.post.review_state,
        "state": row.state,
        "state_reason": row.state_reason,
        "state_detail": row.state_detail,
        "state_since": moment(row.state_since, zone),
        "due": moment(row.due_at, zone),
        "ready": moment(row.ready_at, zone),
        "stop_requested": moment_or_none(row.stop_requested_at, zone),
        "handed_over": moment_or_none(row.handed_over_at, zone),
        "handed_over_to": row.handed_over_to,
        "published": moment_or_none(row.published_at, zone),
        "url": row.remote_url,
        "attempts_made": row.attempts_made,
        "parts_out": row.parts_out,
        "paused_by": pause_ref(view.pause, zone),
        "withdrawal": withdrawal_out(row, zone),
        "read_back": read_back_out(row, zone),
    }
