"""What a guest may do with the posts that were put before them: look, comment, approve, return."""

from __future__ import annotations

from app.identity.permissions import Permission
from app.identity.principal import LOCAL_ACTOR, Principal
from app.models import Campaign, GuestReview, Post, ReviewComment
from app.services.approvals import approve, standings_of
from app.services.approving import Word, refuse_writer
from app.services.guest_access import Guest
from app.services.guest_reviews import refuse_other_post
from app.services.review_comments import comment
from app.services.review_views import ReviewView, review_view
from app.services.reviews import return_post
from app.services.scope import Scope


def guest_posts(scope: Scope, guest: Guest) -> list[ReviewView]:
    """Return the posts put before a guest, in the order in which they were chosen; those that are no more left out."""
    there = {row.id for row in scope.session.scalars(scope.query(Post).where(Post.id.in_(guest.row.post_ids)))}
    return [review_view(scope, post_id) for post_id in guest.row.post_ids if post_id in there]


def guest_comment(scope: Scope, guest: Guest, post_id: int, text: str) -> ReviewComment:
    """Say something of a post.

    Raises:
        NotFound: It is none of the guest's.
        InvalidInput: Nothing is said.
    """
    refuse_other_post(guest.row, post_id)
    return comment(scope, post_id, text)


def guest_approve(scope: Scope, guest: Guest, post_id: int, word: Word) -> Post:
    """Approve parts of a post as a guest.

    Raises:
        NotFound: It is none of the guest's.
        NotAllowed: The guest only comments, or whoever invited them has written the post.
        Conflict, WarningsUnacknowledged: See `approvals.approve`.
    """
    refuse_other_post(guest.row, post_id)
    guest.who.require(Permission.REVIEW)
    post = scope.get(Post, post_id, lock=True)
    standing = standings_of(scope, scope.get(Campaign, post.campaign_id), [post])[post_id]
    # Else a writer could have themselves invited under another address.
    refuse_writer(standing, _inviter(guest.row))
    return approve(scope, post_id, word)


def guest_return(scope: Scope, guest: Guest, post_id: int, reason: str) -> Post:
    """Give a post back with a reason, as a guest.

    Raises:
        NotFound: It is none of the guest's.
        NotAllowed: The guest only comments.
        InvalidInput, Conflict: See `reviews.return_post`.
    """
    refuse_other_post(guest.row, post_id)
    return return_post(scope, post_id, reason)


def _inviter(row: GuestReview) -> Principal:
    via = "local" if row.created_by == LOCAL_ACTOR else "session"
    return Principal(row.created_by, frozenset(), row.organization_id, row.created_by_id, via)
