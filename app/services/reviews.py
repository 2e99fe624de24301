"""Reviews: a post is put before reviewers, taken back, or returned with a reason. Approving it is in `approvals`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.errors import Conflict, FocusweekError, InvalidInput
from app.identity.permissions import ALLOWED, Permission, Role
from app.models import Approval, Campaign, Membership, Post, Review, User
from app.records import journal
from app.services.approval_voiding import void
from app.services.approvals import Outcome, standings_of
from app.services.scope import Scope

#: So many posts are dealt with in one go.
MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Asking:
    """Whom a review is asked of (a user's id; None for anybody who may), and until when it is due (aware)."""

    reviewer_id: int | None = None
    due_at: datetime | None = None


def ask_for_review(scope: Scope, post_id: int, asking: Asking) -> Review:
    """Put a post before reviewers.

    Raises:
        NotFound: There is no such post.
        InvalidInput: The reviewer may not review here, or the due date is past.
        Conflict: It is in review or approved already, or left out.
    """
    post = scope.get(Post, post_id, lock=True)
    _check(scope, asking)
    return _ask(scope, post, asking)


def ask_for_reviews(scope: Scope, post_ids: Sequence[int], asking: Asking) -> list[Outcome]:
    """Put many posts before reviewers; each has an outcome of its own.

    Raises:
        InvalidInput: The reviewer may not review here, or the due date is past.
    """
    _check(scope, asking)
    return [_outcome(scope, post_id, asking) for post_id in dict.fromkeys(post_ids)]


def take_back(scope: Scope, post_id: int) -> Post:
    """Take a post out of review; it is a draft again.

    Raises:
        NotFound: There is no such post.
        Conflict: It is not in review.
    """
    post = scope.get(Post, post_id, lock=True)
    review = open_review(scope, post)
    if review is None:
        raise Conflict(f"{post.key} is not in review.", hint="There is nothing to take back.")
    _close(scope, review, "withdrawn")
    return _moved(scope, post, "draft", "review_taken_back")


def return_post(scope: Scope, post_id: int, reason: str) -> Post:
    """Give a post back to its writers with a reason. Its approvals, if it has any, are voided.

    Raises:
        NotFound: There is no such post.
        NotAllowed: Whoever asks may not review.
        InvalidInput: No reason is given.
        Conflict: It is neither in review nor approved.
    """
    scope.who.require(Permission.REVIEW)
    if not reason.strip():
        raise InvalidInput("A post is returned with a reason.", hint="Say what is to be changed.")
    post = scope.get(Post, post_id, lock=True)
    review = open_review(scope, post)
    query = scope.query(Approval).where(Approval.post_id == post.id, Approval.voided_at.is_(None))
    approvals = scope.session.scalars(query).all()
    if review is None and not approvals:
        raise Conflict(f"{post.key} is neither in review nor approved.", hint="Comment on it instead.")
    if review is None:
        review = _row(scope, post, Asking())
        scope.session.add(review)
    _close(scope, review, "returned")
    review.reason = reason.strip()
    void(scope, approvals, f"Returned: {review.reason}")
    return _moved(scope, post, "returned", "returned", reason=review.reason)


def open_review(scope: Scope, post: Post) -> Review | None:
    """Return the open review of a post; there is one at most."""
    return scope.session.scalars(scope.query(Review).where(Review.post_id == post.id, Review.state == "open")).first()


def refuse_no_reviewer(scope: Scope, user_id: int) -> None:
    """Refuse a user who may not review in this organization.

    Raises:
        InvalidInput: They may not, or there is no such member.
    """
    found = scope.session.execute(
        select(Membership.role, User.state)
        .join(User, User.id == Membership.user_id)
        .where(Membership.organization_id == scope.organization_id, Membership.user_id == user_id)
    ).first()
    if found is None or found[1] != "active" or Permission.REVIEW not in ALLOWED[Role(found[0])]:
        raise InvalidInput(
            f"No member with the user id {user_id} may review here.", hint="Name a reviewer or an admin."
        )


def _check(scope: Scope, asking: Asking) -> None:
    if asking.reviewer_id is not None:
        refuse_no_reviewer(scope, asking.reviewer_id)
    if asking.due_at is not None and asking.due_at <= scope.now:
        raise InvalidInput("A review cannot be due in the past.", hint="Choose a time from now on.")


def _outcome(scope: Scope, post_id: int, asking: Asking) -> Outcome:
    try:
        post = scope.get(Post, post_id, lock=True)
    except FocusweekError as error:
        return Outcome(post_id, "", done=False, code=error.code, reason=error.message)
    try:
        _ask(scope, post, asking)
    except FocusweekError as error:
        return Outcome(post_id, post.key, done=False, code=error.code, reason=error.message)
    return Outcome(post_id, post.key, done=True)


def _ask(scope: Scope, post: Post, asking: Asking) -> Review:
    if post.review_state == "in_review" or (post.review_state == "approved" and _wholly_approved(scope, post)):
        said = post.review_state.replace("_", " ")
        raise Conflict(f"{post.key} is {said} already.", hint="Look at its review to see how it stands.")
    if post.left_out is not None:
        raise Conflict(f"{post.key} is left out, so nobody need review it.", hint="Take it in again first.")
    review = _row(scope, post, asking)
    scope.session.add(review)
    _moved(scope, post, "in_review", "review_asked")
    return review


def _wholly_approved(scope: Scope, post: Post) -> bool:
    """Whether everything that would go out is approved: an account that came later may get other parts."""
    standing = standings_of(scope, scope.get(Campaign, post.campaign_id), [post])[post.id]
    return all(standing.covered(one.digest) for one in standing.sets if one.sendable)


def _row(scope: Scope, post: Post, asking: Asking) -> Review:
    return Review(
        organization_id=scope.organization_id,
        post_id=post.id,
        state="open",
        asked_by=scope.actor,
        asked_by_id=scope.who.user_id,
        asked_at=scope.now,
        reviewer_id=asking.reviewer_id,
        due_at=asking.due_at,
    )


def _close(scope: Scope, review: Review, state: str) -> None:
    review.state, review.decided_by, review.decided_at = state, scope.actor, scope.now


def _moved(scope: Scope, post: Post, state: str, deed: str, *, reason: str | None = None) -> Post:
    post.review_state = state
    # Whoever has the post open to change it is to know.
    post.version += 1
    scope.session.flush()
    after = {"state": state} if reason is None else {"state": state, "reason": reason}
    journal.note(scope.session, deed, "post", post.id, after=after)
    return post


def posts_to_review(
    scope: Scope, post_ids: Sequence[int] | None = None, campaign_id: int | None = None
) -> Sequence[Post]:
    """Return these posts, or without them all that are in review (500 at most), of one campaign where it is named.

    Raises:
        NotFound: There is no such post or campaign.
    """
    if post_ids is not None:
        posts: Sequence[Post] = [scope.get(Post, post_id) for post_id in dict.fromkeys(post_ids)]
    else:
        waiting = scope.query(Post).where(Post.review_state == "in_review").order_by(Post.id).limit(MOST_AT_ONCE)
        if campaign_id is not None:
            waiting = waiting.where(Post.campaign_id == scope.get(Campaign, campaign_id).id)
        posts = scope.session.scalars(waiting).all()
    return [post for post in posts if campaign_id is None or post.campaign_id == campaign_id]
