"""Guest reviews: some posts put before somebody who has no user here, behind a link that expires and a mailed code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.errors import Conflict, InvalidInput, NotFound
from app.identity.emails import clean_email
from app.identity.permissions import Permission
from app.identity.secret_words import digest_of, new_secret
from app.models import GuestReview, Post
from app.records import journal
from app.services.pages import Asked, Page, page_of
from app.services.scope import Scope

LONGEST = timedelta(days=60)
USUAL = timedelta(days=14)
_MOST_POSTS = 200


@dataclass(frozen=True, slots=True)
class NewGuest:
    """Who is invited to look at which posts, until when (aware; two weeks without it), and whether they decide."""

    email: str
    post_ids: Sequence[int]
    name: str = ""
    may_decide: bool = False
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Invited:
    """A guest review and its link's token, which nobody sees again."""

    row: GuestReview
    token: str


def invite_guest(scope: Scope, new: NewGuest, *, can_send: bool) -> Invited:
    """Put posts before a guest. `can_send` is whether there is a mail server to send their code.

    Raises:
        NotFound: One of the posts does not exist.
        NotAllowed: The guest is to decide, and whoever asks may not.
        InvalidInput: The address is none, there is no post, or the link would last too long or is over.
        Conflict: No mail server is set up.
    """
    scope.who.require(Permission.WRITE)
    if new.may_decide:
        # Nobody lets another decide what they may not decide themselves.
        scope.who.require(Permission.REVIEW)
    if not can_send:
        raise Conflict(
            "No mail server is set up, so a guest could not get their code.",
            hint="The operator sets FOCUSWEEK_SMTP_HOST and FOCUSWEEK_SMTP_FROM.",
        )
    ids = list(dict.fromkeys(new.post_ids))
    if not 0 < len(ids) <= _MOST_POSTS:
        raise InvalidInput(f"A guest looks at 1 to {_MOST_POSTS} posts.", hint="Choose the posts to be looked at.")
    expires_at = new.expires_at or scope.now + USUAL
    if not scope.now < expires_at <= scope.now + LONGEST:
        raise InvalidInput(f"The link must end within {LONGEST.days} days.", hint="Choose an end ahead.")
    token = new_secret()
    row = GuestReview(
        organization_id=scope.organization_id,
        email=clean_email(new.email),
        name=new.name.strip(),
        post_ids=[scope.get(Post, post_id).id for post_id in ids],
        may_decide=new.may_decide,
        digest=digest_of(token),
        created_by=scope.actor,
        created_by_id=scope.who.user_id,
        created_at=scope.now,
        expires_at=expires_at,
    )
    scope.session.add(row)
    scope.session.flush()
    return Invited(row, token)


def guest_reviews_page(scope: Scope, asked: Asked) -> Page[GuestReview]:
    """Return a page of the organization's guest reviews, newest first, those that are over included."""
    query = scope.query(GuestReview)
    return page_of(scope.session, query, (GuestReview.id,), lambda row: (row.id,), asked, newest_first=True)


def revoke_guest(scope: Scope, row_id: int) -> None:
    """Let a guest in no longer. What they said and decided stays.

    Raises:
        NotFound: There is none.
        Conflict: It is revoked already.
    """
    row = scope.get(GuestReview, row_id, lock=True)
    if row.revoked_at is not None:
        raise Conflict("It is revoked already.", hint="There is nothing more to do.")
    row.revoked_at = scope.now
    row.code_digest = row.session_digest = None
    scope.session.flush()
    journal.note(scope.session, "revoked", "guest_review", row.id)


def refuse_other_post(row: GuestReview, post_id: int) -> None:
    """Refuse a post that is not put before this guest.

    Raises:
        NotFound: It is not, or does not exist: the answer is the same.
    """
    if post_id not in row.post_ids:
        raise NotFound(f"There is no post {post_id}.", hint="List the posts that you were asked to look at.")
