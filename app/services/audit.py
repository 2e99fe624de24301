"""The audit trail, searched: who changed what, before and after, when, and from where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select

from app.errors import InvalidInput
from app.models import AuditEvent, Campaign, Post
from app.services.accounts import account_by_slug
from app.services.pages import Asked, Page, page_of
from app.services.scope import InstanceScope, Scope

#: More words than this find nothing that fewer would not.
_MOST_WORDS = 10


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for; None asks for all. Instants are aware: `since` <= at < `until`.

    `account` is a slug, `state` the state that something came to, `actor` a part of who acted. `post_id` and
    `campaign_id` ask for all that is part of one. `words` are words that all occur in what changed, in any case.
    """

    since: datetime | None = None
    until: datetime | None = None
    account: str | None = None
    state: str | None = None
    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    subject_id: int | None = None
    post_id: int | None = None
    campaign_id: int | None = None
    words: str | None = None


def audit_page(scope: Scope, sought: Sought, asked: Asked) -> Page[AuditEvent]:
    """Return a page of the organization's trail, the newest first.

    Raises:
        InvalidInput: There is no such account, or the times are the wrong way round.
        BadCursor: The cursor is none of this list's.
    """
    query = select(AuditEvent).where(AuditEvent.organization_id == scope.organization_id)
    if sought.account is not None:
        account = account_by_slug(scope, sought.account)
        if account is None:
            raise InvalidInput(
                f"There is no account {sought.account!r}.", hint="List the accounts to see which there are."
            )
        query = query.where(AuditEvent.account_id == account.id)
    return _page(scope, query, sought, asked)


def history_page(scope: Scope, of: Post | Campaign, asked: Asked) -> Page[AuditEvent]:
    """Return a page of all that happened to a post or a campaign and to what is part of it, the newest first.

    Raises:
        BadCursor: The cursor is none of this list's.
    """
    sought = Sought(post_id=of.id) if isinstance(of, Post) else Sought(campaign_id=of.id)
    return audit_page(scope, sought, asked)


def instance_audit_page(scope: InstanceScope, sought: Sought, asked: Asked) -> Page[AuditEvent]:
    """Return a page of the trail of what belongs to no organization, the newest first; for the operator.

    Raises:
        InvalidInput: The times are the wrong way round.
        BadCursor: The cursor is none of this list's.
    """
    return _page(scope, select(AuditEvent).where(AuditEvent.organization_id.is_(None)), sought, asked)


def _page(scope: Scope | InstanceScope, query: Select[AuditEvent], sought: Sought, asked: Asked) -> Page[AuditEvent]:
    if sought.since is not None and sought.until is not None and sought.until <= sought.since:
        raise InvalidInput("`to` must be later than `from`.", hint="Exchange them.")
    exact = (
        (AuditEvent.state, sought.state),
        (AuditEvent.action, sought.action),
        (AuditEvent.subject, sought.subject),
        (AuditEvent.subject_id, sought.subject_id),
        (AuditEvent.post_id, sought.post_id),
        (AuditEvent.campaign_id, sought.campaign_id),
    )
    for column, value in exact:
        if value is not None:
            query = query.where(column == value)
    if sought.since is not None:
        query = query.where(AuditEvent.at >= sought.since)
    if sought.until is not None:
        query = query.where(AuditEvent.at < sought.until)
    if sought.actor is not None:
        query = query.where(AuditEvent.actor.icontains(sought.actor, autoescape=True))
    for word in _words(sought.words):
        query = query.where(AuditEvent.words.contains(word, autoescape=True))
    columns = (AuditEvent.at, AuditEvent.id)
    return page_of(scope.session, query, columns, lambda row: (row.at, row.id), asked, newest_first=True)


def _words(given: str | None) -> Sequence[str]:
    return list(dict.fromkeys((given or "").lower().split()))[:_MOST_WORDS]
