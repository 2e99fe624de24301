"""Reviews: posts are put before reviewers, approved exactly as they would go out, or returned."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from app.api.desk import ReviewDesk, ViewDesk, WriteDesk
from app.api.paging import AskedDep, RowIdPath
from app.api.schemas.base import PageOut
from app.api.schemas.problems import problems
from app.api.schemas.reviews import (
    ApprovalIn,
    ApproveCleanIn,
    OutcomesOut,
    PostReviewOut,
    QueueItemOut,
    ReturnIn,
    ReviewAsk,
    ReviewsAsk,
    outcomes_out,
    post_review_out,
    queue_item_out,
)
from app.services import reviews as service
from app.services.approvals import approve, approve_clean
from app.services.approving import Word
from app.services.review_queue import review_queue
from app.services.review_views import review_view
from app.services.scope import Scope

router = APIRouter(tags=["reviews"])


@router.get("/reviews", responses=problems(404))
def list_reviews(
    desk: ViewDesk,
    asked: AskedDep,
    whose: Annotated[
        Literal["all", "mine"], Query(description="`mine`: asked of you, of whom you stand in for, or of anybody.")
    ] = "all",
    campaign_id: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="Only posts of this campaign.")] = None,
) -> PageOut[QueueItemOut]:
    """List what is in review, first what is due first."""
    with desk.read() as scope:
        page = review_queue(scope, asked, mine=whose == "mine", campaign_id=campaign_id)
        return PageOut(items=[queue_item_out(item) for item in page.items], next_cursor=page.next_cursor)


@router.post("/reviews/ask", responses=problems(413, 415))
def ask_for_reviews(desk: WriteDesk, body: ReviewsAsk) -> OutcomesOut:
    """Put many posts before reviewers; each has an outcome of its own."""
    with desk.write() as scope:
        asking = service.Asking(body.reviewer_id, body.due)
        return outcomes_out(service.ask_for_reviews(scope, body.post_ids, asking))


@router.post("/reviews/approve-clean", responses=problems(404, 413, 415))
def approve_clean_posts(desk: ReviewDesk, body: ApproveCleanIn) -> OutcomesOut:
    """Approve each post on which the rules find neither an error nor a warning; the others stay as they are."""
    with desk.write() as scope:
        posts = service.posts_to_review(scope, body.post_ids, body.campaign_id)
        return outcomes_out(approve_clean(scope, posts))


@router.get("/posts/{post_id}/review", responses=problems(404))
def read_a_review(desk: ViewDesk, post_id: RowIdPath) -> PostReviewOut:
    """Show what would go out where, what is found in it, and what was approved before."""
    with desk.read() as scope:
        return _out(scope, post_id)


@router.post("/posts/{post_id}/ask-review", responses=problems(404, 409, 413, 415))
def ask_for_a_review(desk: WriteDesk, post_id: RowIdPath, body: ReviewAsk | None = None) -> PostReviewOut:
    """Put a post before reviewers."""
    asking = service.Asking() if body is None else service.Asking(body.reviewer_id, body.due)
    with desk.write() as scope:
        service.ask_for_review(scope, post_id, asking)
        return _out(scope, post_id)


@router.post("/posts/{post_id}/take-back", responses=problems(404, 409, 415))
def take_a_post_back(desk: WriteDesk, post_id: RowIdPath) -> PostReviewOut:
    """Take a post out of review; it is a draft again."""
    with desk.write() as scope:
        service.take_back(scope, post_id)
        return _out(scope, post_id)


@router.post("/posts/{post_id}/approve", responses=problems(404, 409, 413, 415))
def approve_a_post(desk: ReviewDesk, post_id: RowIdPath, body: ApprovalIn) -> PostReviewOut:
    """Approve parts exactly as they were seen, with each warning on them acknowledged."""
    word = Word(frozenset(body.acknowledged), tuple(body.digests), second=body.second)
    with desk.write() as scope:
        approve(scope, post_id, word)
        return _out(scope, post_id)


@router.post("/posts/{post_id}/return", responses=problems(404, 409, 413, 415))
def return_a_post(desk: ReviewDesk, post_id: RowIdPath, body: ReturnIn) -> PostReviewOut:
    """Give a post back to its writers with a reason; approvals of it are voided."""
    with desk.write() as scope:
        service.return_post(scope, post_id, body.reason)
        return _out(scope, post_id)


def _out(scope: Scope, post_id: int) -> PostReviewOut:
    return post_review_out(review_view(scope, post_id))
