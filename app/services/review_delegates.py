"""Delegates: who reviews in a reviewer's place for a while. What is asked of the one is asked of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.errors import InvalidInput, NotFound
from app.identity.permissions import Permission
from app.models import ReviewDelegate
from app.services.pages import Asked, Page, page_of
from app.services.review_queue import emails_of
from app.services.reviews import refuse_no_reviewer
from app.services.scope import Scope


@dataclass(frozen=True, slots=True)
class DelegateView:
    """A delegate with both e-mail addresses."""

    row: ReviewDelegate
    user: str
    delegate: str


def name_delegate(
    scope: Scope, delegate_id: int, *, since: datetime, until: datetime, user_id: int | None = None
) -> DelegateView:
    """Name who reviews in somebody's place from `since` to `until` (aware): in one's own, or as an admin in another's.

    Raises:
        NotAllowed: It is another's place, and whoever asks is no admin.
        InvalidInput: One of the two may not review here, they are the same, or the span is over or none.
    """
    user_id = scope.who.user_id if user_id is None else user_id
    if user_id is None:
        raise InvalidInput("In whose place?", hint="Name the reviewer who is away.")
    if user_id != scope.who.user_id:
        scope.who.require(Permission.ADMINISTER)
    for one in (user_id, delegate_id):
        refuse_no_reviewer(scope, one)
    if delegate_id == user_id:
        raise InvalidInput("Nobody stands in for themselves.", hint="Name somebody else.")
    if until <= since or until <= scope.now:
        raise InvalidInput("The span must end after it begins, and after now.", hint="Choose a later end.")
    row = ReviewDelegate(
        organization_id=scope.organization_id,
        user_id=user_id,
        delegate_id=delegate_id,
        since=since,
        until=until,
        created_by=scope.actor,
        created_at=scope.now,
    )
    scope.session.add(row)
    scope.session.flush()
    return _views(scope, [row])[0]


def delegates_page(scope: Scope, asked: Asked) -> Page[DelegateView]:
    """Return a page of the delegates whose span is not over, in the order in which they were named."""
    query = scope.query(ReviewDelegate).where(ReviewDelegate.until > scope.now)
    page = page_of(scope.session, query, (ReviewDelegate.id,), lambda row: (row.id,), asked)
    return Page(_views(scope, page.items), page.next_cursor)


def end_delegate(scope: Scope, row_id: int) -> None:
    """Let somebody stand in no longer: one's own delegate, or as an admin another's.

    Raises:
        NotFound: There is none, or it is another's.
    """
    row = scope.get(ReviewDelegate, row_id, lock=True)
    if row.user_id != scope.who.user_id and not scope.may(Permission.ADMINISTER):
        raise NotFound(f"There is no review delegate {row_id}.", hint="List the delegates to see which there are.")
    scope.session.delete(row)
    scope.session.flush()


def _views(scope: Scope, rows: Sequence[ReviewDelegate]) -> list[DelegateView]:
    emails = emails_of(scope, {one for row in rows for one in (row.user_id, row.delegate_id)})
    return [DelegateView(row, emails.get(row.user_id, ""), emails.get(row.delegate_id, "")) for row in rows]
