"""Comments, delegates and guest reviews as requests and answers."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from app.api.schemas.base import Flag, Id, Input, Instant, Line200, Moment, Output, moment, moment_or_none
from app.api.schemas.reviews import ApprovalIn, PartsSetOut, set_out
from app.models import GuestReview, ReviewComment
from app.packs.schema.base import Text
from app.services.guest_access import Door
from app.services.review_delegates import DelegateView
from app.services.review_views import ReviewView

_Said = Annotated[Text, StringConstraints(max_length=10_000)]
_Email = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=254)]
_Code = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]


class CommentIn(Input):
    """What somebody says of a post."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "Is the number of 2025 out yet?"}]})

    text: _Said = Field(description="The comment.")


class CommentOut(Output):
    """What somebody said of a post."""

    id: Id
    post_id: Id
    text: str
    said_by: str
    said: Moment
    settled_by: str | None
    settled: Moment | None


class DelegateIn(Input):
    """Who reviews in somebody's place, from when to when."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"delegate_id": 5, "since": "2026-12-20T00:00:00-05:00", "until": "2027-01-03T00:00:00-05:00"}]
        }
    )

    delegate_id: Id = Field(description="The user who stands in.")
    since: Instant = Field(description="From when.")
    until: Instant = Field(description="Until when.")
    user_id: Id | None = Field(None, description="In whose place; your own without it. Others' is for admins.")


class DelegateOut(Output):
    """Who reviews in somebody's place."""

    id: Id
    user_id: Id
    user: str = Field(description="The e-mail address of who is away.")
    delegate_id: Id
    delegate: str = Field(description="The e-mail address of who stands in.")
    since: Moment
    until: Moment
    created_by: str


class GuestReviewCreate(Input):
    """The posts put before somebody who has no user here."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"email": "counsel@partner.example", "post_ids": [7, 8], "may_decide": True}]}
    )

    email: _Email = Field(description="Where their code is sent.")
    post_ids: list[Id] = Field(min_length=1, max_length=200, description="The posts that they see.")
    name: Line200 | None = Field(None, description="Who they are.")
    may_decide: Flag = Field(False, description="Whether they approve and return; else they only comment.")
    expires: Instant | None = Field(None, description="When the link ends; in two weeks without it, 60 days at most.")


class GuestReviewOut(Output):
    """Posts put before a guest. What opens the link is not shown again."""

    id: Id
    email: str
    name: str
    post_ids: list[int]
    may_decide: bool
    created_by: str
    created: Moment
    expires: Moment
    revoked: Moment | None


class NewGuestReviewOut(GuestReviewOut):
    """A new guest review, with what opens it."""

    token: str = Field(description="Stands in the addresses under /guest; shown this once.")


class DoorOut(Output):
    """What a guest's link is, before they have given their code."""

    organization: str
    invited_by: str
    email: str = Field(description="Where the code is sent: its first letter and its domain.")
    may_decide: bool
    expires: Moment


class CodeIn(Input):
    """The code from the letter."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "123456"}]})

    code: _Code = Field(description="Six digits.")


class EnteredOut(Output):
    """A guest's session. It is a cookie as well."""

    session: str = Field(description="Send it as the header Focusweek-Guest-Session.")
    expires: Moment


class GuestApprovalIn(ApprovalIn):
    """What a guest approves, exactly as they saw it."""


class GuestPostOut(Output):
    """A post as a guest sees it: what would go out, and nothing else."""

    post_id: Id
    key: str
    state: str = Field(description="draft, in_review, approved or returned.")
    sets: list[PartsSetOut]


class GuestPostsOut(Output):
    """The posts that a guest was asked to look at."""

    items: list[GuestPostOut]


def comment_out(row: ReviewComment) -> CommentOut:
    """Return a comment as an answer."""
    return CommentOut(
        id=row.id,
        post_id=row.post_id,
        text=row.text,
        said_by=row.said_by,
        said=moment(row.said_at),
        settled_by=row.settled_by,
        settled=moment_or_none(row.settled_at),
    )


def delegate_out(view: DelegateView) -> DelegateOut:
    """Return a delegate as an answer."""
    row = view.row
    return DelegateOut(
        id=row.id,
        user_id=row.user_id,
        user=view.user,
        delegate_id=row.delegate_id,
        delegate=view.delegate,
        since=moment(row.since),
        until=moment(row.until),
        created_by=row.created_by,
    )


def guest_review_out(row: GuestReview) -> GuestReviewOut:
    """Return a guest review as an answer."""
    return GuestReviewOut(
        id=row.id,
        email=row.email,
        name=row.name,
        post_ids=row.post_ids,
        may_decide=row.may_decide,
        created_by=row.created_by,
        created=moment(row.created_at),
        expires=moment(row.expires_at),
        revoked=moment_or_none(row.revoked_at),
    )


def door_out(door: Door) -> DoorOut:
    """Return what a link is as an answer."""
    return DoorOut(
        organization=door.organization,
        invited_by=door.invited_by,
        email=door.email,
        may_decide=door.may_decide,
        expires=moment(door.expires_at),
    )


def guest_post_out(view: ReviewView) -> GuestPostOut:
    """Return a post as a guest sees it."""
    zone = view.campaign.time_zone
    # What was approved before, and by whom, is the organization's own affair.
    own: dict[str, object] = {"previous": None, "changes": [], "approval": None, "second_clearance": None}
    sets = [set_out(one, zone).model_copy(update=own) for one in view.sets]
    return GuestPostOut(post_id=view.post.id, key=view.post.key, state=view.post.review_state, sets=sets)
