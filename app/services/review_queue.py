"""The queue: what is in review, first what is due first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.db import Instant
from app.models import Campaign, Post, Review, ReviewDelegate, User
from app.services.pages import Asked, Page, page_of
from app.services.scope import Scope

#: Stands in for a due date where there is none: after all others.
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class QueueItem:
    """An open review with its post and campaign; `reviewer` is an e-mail address, None for anybody."""

    review: Review
    post: Post
    campaign: Campaign
    reviewer: str | None


def review_queue(scope: Scope, asked: Asked, *, mine: bool = False, campaign_id: int | None = None) -> Page[QueueItem]:
    """Return a page of what is in review; `mine` is what is asked of whoever asks, or of whom they stand in for.

    Raises:
        NotFound: There is no such campaign.
        BadCursor: The cursor is none of this list's.
    """
    query = scope.query(Review).where(Review.state == "open")
    if mine:
        query = query.where(_asked_of(scope))
    if campaign_id is not None:
        campaign = scope.get(Campaign, campaign_id)
        query = query.join(Post, Post.id == Review.post_id).where(Post.campaign_id == campaign.id)
    due = cast("InstrumentedAttribute[Any]", func.coalesce(Review.due_at, literal(_NEVER, Instant())))
    page = page_of(scope.session, query, (due, Review.id), lambda row: (row.due_at or _NEVER, row.id), asked)
    return Page(queue_items(scope, page.items), page.next_cursor)


def queue_items(scope: Scope, reviews: Sequence[Review]) -> list[QueueItem]:
    """Return reviews with what their ids stand for."""
    ids = {review.post_id for review in reviews}
    posts = {post.id: post for post in scope.session.scalars(scope.query(Post).where(Post.id.in_(ids)))}
    campaign_ids = {post.campaign_id for post in posts.values()}
    campaigns = {
        row.id: row for row in scope.session.scalars(scope.query(Campaign).where(Campaign.id.in_(campaign_ids)))
    }
    names = emails_of(scope, {review.reviewer_id for review in reviews if review.reviewer_id is not None})
    return [
        QueueItem(
            review,
            posts[review.post_id],
            campaigns[posts[review.post_id].campaign_id],
            None if review.reviewer_id is None else names.get(review.reviewer_id),
        )
        for review in reviews
    ]


def emails_of(scope: Scope, user_ids: set[int]) -> dict[int, str]:
    """Return users' e-mail addresses by id."""
    return {row[0]: row[1] for row in scope.session.execute(select(User.id, User.email).where(User.id.in_(user_ids)))}


def _asked_of(scope: Scope) -> ColumnElement[bool]:
    """Return whether a review is asked of whoever asks: by name, through whom they stand in for, or of anybody."""
    me = scope.who.user_id
    stands_in = select(ReviewDelegate.user_id).where(
        ReviewDelegate.organization_id == scope.organization_id,
        ReviewDelegate.delegate_id == me,
        ReviewDelegate.since <= scope.now,
        ReviewDelegate.until > scope.now,
    )
    return or_(Review.reviewer_id == me, Review.reviewer_id.in_(stands_in), Review.reviewer_id.is_(None))
