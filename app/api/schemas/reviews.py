"""Reviews as requests and answers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from app.api.schemas.base import (
    FindingOut,
    Flag,
    Id,
    Input,
    Instant,
    Moment,
    Output,
    PartOut,
    finding_out,
    moment,
    moment_or_none,
)
from app.models import Approval, Review
from app.packs.schema.base import Text
from app.services.approvals import Outcome
from app.services.review_queue import QueueItem
from app.services.review_views import ReviewView, SetView

#: A digest of parts, as answers give it.
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
#: What acknowledges a warning: its code and the words that it is about, which may be a whole text.
WarningKey = Annotated[str, StringConstraints(min_length=1, max_length=25_000)]
Reason = Annotated[Text, StringConstraints(max_length=5000)]


class ReviewAsk(Input):
    """Whom a review is asked of, and until when."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reviewer_id": 4, "due": "2026-12-18T17:00:00-05:00"}, {}]}
    )

    reviewer_id: Id | None = Field(None, description="The user who is asked; anybody who may review without it.")
    due: Instant | None = Field(
        None, description="When it is due; they are reminded a day before, and when it is over."
    )


class ReviewsAsk(ReviewAsk):
    """The posts to be put before reviewers."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"post_ids": [7, 8], "reviewer_id": 4}]})

    post_ids: list[Id] = Field(min_length=1, max_length=500, description="The posts.")


class ApprovalIn(Input):
    """What is approved, exactly as it was seen."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"digests": ["9f2c41d7a0b35e68" * 4], "acknowledged": ["language.victim: victim"]}]
        }
    )

    digests: list[Digest] = Field(
        min_length=1, max_length=200, description="The sets of parts that were seen, from the post's review."
    )
    acknowledged: list[WarningKey] = Field(
        default=[], max_length=500, description="The keys of the warnings that are accepted, one by one."
    )
    second: Flag = Field(
        False, description="Whether this is the second clearance, where the organization asks for one."
    )


class ReturnIn(Input):
    """Why a post is given back."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Name the source of the figure."}]})

    reason: Reason = Field(description="What is to be changed.")


class ApproveCleanIn(Input):
    """Which posts are approved if the rules find nothing on them."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"post_ids": [7, 8]}, {"campaign_id": 1}]})

    post_ids: list[Id] | None = Field(None, max_length=500, description="These posts; without it, those in review.")
    campaign_id: Id | None = Field(None, description="Only posts of this campaign.")


class OutcomeOut(Output):
    """What became of one post."""

    post_id: Id
    key: str = Field(description="The post's key; empty where there is no such post.")
    done: bool
    code: str | None = Field(description="Where it was not done: the code of why.")
    reason: str | None = Field(description="The same for a person.")


class OutcomesOut(Output):
    """What became of each post, in the order asked."""

    items: list[OutcomeOut]


class ReviewOut(Output):
    """One time that a post was put before reviewers."""

    id: Id
    post_id: Id
    state: Literal["open", "approved", "returned", "withdrawn"]
    asked_by: str
    asked: Moment
    reviewer_id: Id | None = Field(description="The user who is asked; null for anybody who may review.")
    due: Moment | None
    decided_by: str | None
    decided: Moment | None
    reason: str | None = Field(description="Why it was returned.")


class QueueItemOut(ReviewOut):
    """A post in review."""

    key: str = Field(description="The post's key.")
    campaign_id: Id
    week: int
    text: str = Field(description="The post's text, before anything is added.")
    reviewer: str | None = Field(description="The e-mail address of who is asked.")


class LinkOfPartOut(Output):
    """A link in a part, and where it leads."""

    visible: str
    target: str


class ApprovedPartOut(Output):
    """One message as it was approved."""

    text: str
    links: list[LinkOfPartOut]


class ApprovalOut(Output):
    """One person's word that exact parts may go out."""

    id: Id
    digest: str
    step: int = Field(description="1 for the review, 2 for the second clearance.")
    role: str | None = Field(description="The second clearance's role; `demonstration` counts in the sandbox only.")
    platforms: list[str]
    parts: list[ApprovedPartOut]
    policy_version: str = Field(description="The version of the rules that they were seen under.")
    acknowledged: list[str] = Field(description="The keys of the warnings that were accepted.")
    approved_by: str
    approved: Moment
    voided: Moment | None
    void_reason: str | None


class ChangeOut(Output):
    """A stretch of text that stayed, went or came since the last approval."""

    kind: Literal["same", "removed", "added"]
    text: str


class WarningOut(FindingOut):
    """A warning that an approval must acknowledge."""

    key: str = Field(description="What acknowledges it.")
    is_acknowledged: bool = Field(description="Whether the approval in force accepts it.")


class PartsSetOut(Output):
    """The same parts wherever they would go out. One decision is taken of them."""

    digest: str = Field(description="Name it to approve them.")
    platforms: list[str]
    accounts: list[str] = Field(description="Slugs; empty where the post has no account yet.")
    parts: list[PartOut]
    links: list[LinkOfPartOut]
    sendable: bool = Field(description="Whether the rules let them out anywhere.")
    findings: list[FindingOut] = Field(description="Spans point into the parts joined by a blank line.")
    warnings: list[WarningOut]
    approval: ApprovalOut | None = Field(description="The approval in force.")
    second_clearance: ApprovalOut | None
    previous: ApprovalOut | None = Field(description="The newest earlier approval for one of these networks.")
    changes: list[ChangeOut] = Field(description="What has changed since `previous`, word by word.")


class PostReviewOut(Output):
    """A post as its reviewer sees it."""

    post_id: Id
    key: str
    campaign_id: Id
    version: int
    state: Literal["draft", "in_review", "approved", "returned"]
    review: ReviewOut | None = Field(description="The review that is open.")
    sets: list[PartsSetOut]
    cleared_by_issuer: str | None = Field(description="The issuer, where the text is theirs and unchanged.")
    issuer_clearance_suffices: bool = Field(description="Whether the organization takes that for an approval.")
    second_clearance: str | None = Field(description="The role whose second clearance is asked for.")
    open_comments: int
    reviews: list[ReviewOut] = Field(description="All reviews of it, newest first.")
    voided: list[ApprovalOut] = Field(description="Approvals that hold no more, newest first.")


def outcomes_out(outcomes: list[Outcome]) -> OutcomesOut:
    """Return outcomes as an answer."""
    return OutcomesOut(items=[OutcomeOut.model_validate(one, from_attributes=True) for one in outcomes])


def review_out(row: Review, zone: str | None) -> ReviewOut:
    """Return a review as an answer."""
    return ReviewOut(**_review(row, zone))


def queue_item_out(item: QueueItem) -> QueueItemOut:
    """Return a post in review as an answer."""
    return QueueItemOut(
        **_review(item.review, item.campaign.time_zone),
        key=item.post.key,
        campaign_id=item.post.campaign_id,
        week=item.post.week,
        text=item.post.text,
        reviewer=item.reviewer,
    )


def post_review_out(view: ReviewView) -> PostReviewOut:
    """Return a post in review as an answer."""
    zone = view.campaign.time_zone
    return PostReviewOut(
        post_id=view.post.id,
        key=view.post.key,
        campaign_id=view.post.campaign_id,
        version=view.post.version,
        state=view.post.review_state,
        review=None if view.review is None else review_out(view.review, zone),
        sets=[set_out(one, zone) for one in view.sets],
        cleared_by_issuer=view.cleared_by,
        issuer_clearance_suffices=view.suffices,
        second_clearance=view.organization.second_clearance,
        open_comments=view.comments,
        reviews=[review_out(row, zone) for row in view.reviews],
        voided=[approval_out(row, zone) for row in view.voided],
    )


def set_out(view: SetView, zone: str) -> PartsSetOut:
    """Return a set of parts as an answer."""
    parts = view.parts.composition.parts
    return PartsSetOut(
        digest=view.parts.digest,
        platforms=list(view.parts.platforms),
        accounts=list(view.parts.accounts),
        parts=[PartOut(text=part.text, length=part.length) for part in parts],
        links=[
            LinkOfPartOut(visible=part.text[link.span[0] : link.span[1]], target=link.target)
            for part in parts
            for link in part.links
        ],
        sendable=view.parts.sendable,
        findings=[finding_out(finding) for finding in view.parts.findings],
        warnings=[
            WarningOut(**finding_out(warning).model_dump(), key=key, is_acknowledged=key in view.acknowledged)
            for key, warning in view.warnings.items()
        ],
        approval=_approval_or_none(view.first, zone),
        second_clearance=_approval_or_none(view.second, zone),
        previous=_approval_or_none(view.previous, zone),
        changes=[ChangeOut(kind=change.kind, text=change.text) for change in view.changes],
    )


def approval_out(row: Approval, zone: str) -> ApprovalOut:
    """Return an approval as an answer."""
    return ApprovalOut(
        id=row.id,
        digest=row.digest,
        step=row.step,
        role=row.role,
        platforms=row.platforms,
        parts=[ApprovedPartOut.model_validate(part) for part in row.parts],
        policy_version=row.policy_version,
        acknowledged=row.acknowledged,
        approved_by=row.approved_by,
        approved=moment(row.approved_at, zone),
        voided=moment_or_none(row.voided_at, zone),
        void_reason=row.void_reason,
    )


def _approval_or_none(row: Approval | None, zone: str) -> ApprovalOut | None:
    return None if row is None else approval_out(row, zone)


def _review(row: Review, zone: str | None) -> dict[str, Any]:
    return {
        "id": row.id,
        "post_id": row.post_id,
        "state": row.state,
        "asked_by": row.asked_by,
        "asked": moment(row.asked_at, zone),
        "reviewer_id": row.reviewer_id,
        "due": moment_or_none(row.due_at, zone),
        "decided_by": row.decided_by,
        "decided": moment_or_none(row.decided_at, zone),
        "reason": row.reason,
    }
