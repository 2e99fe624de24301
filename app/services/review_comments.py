"""Comments on a post: said, listed, settled."""

from __future__ import annotations

from app.errors import Conflict, InvalidInput
from app.models import Post, ReviewComment
from app.services.pages import Asked, Page, page_of
from app.services.scope import Scope


def comment(scope: Scope, post_id: int, text: str) -> ReviewComment:
    """Say something of a post.

    Raises:
        NotFound: There is no such post.
        InvalidInput: Nothing is said.
    """
    if not text.strip():
        raise InvalidInput("There is nothing in the comment.", hint="Say something of the post.")
    row = ReviewComment(
        organization_id=scope.organization_id,
        post_id=scope.get(Post, post_id).id,
        text=text.strip(),
        said_by=scope.actor,
        user_id=scope.who.user_id,
        said_at=scope.now,
    )
    scope.session.add(row)
    scope.session.flush()
    return row


def comments_page(scope: Scope, post_id: int, asked: Asked, *, said_by: str | None = None) -> Page[ReviewComment]:
    """Return a page of a post's comments, oldest first; only somebody's own where `said_by` is given.

    Raises:
        NotFound: There is no such post.
        BadCursor: The cursor is none of this list's.
    """
    query = scope.query(ReviewComment).where(ReviewComment.post_id == scope.get(Post, post_id).id)
    if said_by is not None:
        query = query.where(ReviewComment.said_by == said_by)
    return page_of(scope.session, query, (ReviewComment.id,), lambda row: (row.id,), asked)


def settle_comment(scope: Scope, comment_id: int) -> ReviewComment:
    """Mark a comment settled.

    Raises:
        NotFound: There is none.
        Conflict: It is settled already.
    """
    row = scope.get(ReviewComment, comment_id, lock=True)
    if row.settled_at is not None:
        raise Conflict(f"{row.settled_by} has settled it already.", hint="There is nothing more to do.")
    row.settled_by, row.settled_at = scope.actor, scope.now
    scope.session.flush()
    return row
