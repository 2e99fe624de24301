"""Organizations: the agencies whose campaigns these are."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.delivery.resume import lock_reach
from app.errors import AlreadyExists, Conflict, InvalidInput, NotFound
from app.identity.names import clean_name
from app.models import Organization, Pause
from app.services.pages import Asked, Page, page_of
from app.services.scope import InstanceScope, Scope

DEFAULT_SLUG = "default"
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


def default_organization(session: Session, now: datetime) -> Organization:
    """Return the one organization, made where the database is new."""
    found = session.scalars(select(Organization).order_by(Organization.id).limit(1)).first()
    if found is None:
        found = Organization(slug=DEFAULT_SLUG, name="My organization", created_at=now)
        session.add(found)
        session.flush()
    return found


def local_organization(session: Session, slug: str | None, now: datetime) -> Organization:
    """Return the organization that commands on the machine work in: the one named, or the only one there is.

    Raises:
        InvalidInput: There is none of that name, or there are several and none is named.
    """
    if slug is None and session.scalar(select(func.count(Organization.id))) in (0, 1):
        return default_organization(session, now)
    found = None if slug is None else session.scalars(select(Organization).where(Organization.slug == slug)).first()
    if found is None:
        slugs = ", ".join(session.scalars(select(Organization.slug).order_by(Organization.slug).limit(20)))
        said = "There are several organizations." if slug is None else f"There is no organization {slug!r}."
        raise InvalidInput(said, hint=f"Name one with --organization (FOCUSWEEK_ORGANIZATION): {slugs}.")
    return found


def organization_of(scope: Scope, *, lock: bool = False) -> Organization:
    """Return the organization that a unit of work is in, locked until it ends if asked."""
    organization = scope.session.get_one(Organization, scope.organization_id)
    if lock:
        # Rows that only refer to it may be added meanwhile: its key does not change.
        scope.session.refresh(organization, with_for_update={"key_share": True})
    return organization


def organizations_page(scope: InstanceScope, asked: Asked) -> Page[Organization]:
    """Return a page of all organizations by slug, for the operator."""
    return page_of(scope.session, select(Organization), (Organization.slug,), lambda row: (row.slug,), asked)


def find_organization(scope: InstanceScope, organization_id: int) -> Organization:
    """Return an organization, for the operator.

    Raises:
        NotFound: There is none.
    """
    found = scope.session.get(Organization, organization_id)
    if found is None:
        raise NotFound(
            f"There is no organization {organization_id}.", hint="List the organizations to see which there are."
        )
    return found


def checked_name(slug: str, name: str) -> str:
    """Return an organization's name as it is kept.

    Raises:
        InvalidInput: The slug or the name cannot be used.
    """
    if not SLUG.fullmatch(slug):
        raise InvalidInput(
            f"{slug!r} cannot be an organization's slug.", hint="Use up to 64 lower-case letters, digits and -."
        )
    return clean_name(name, what="The organization's name")


def add_organization(scope: InstanceScope, slug: str, name: str) -> Organization:
    """Add an organization, in which nobody is anything yet.

    Raises:
        InvalidInput: The slug or the name cannot be used.
        AlreadyExists: There is one of that slug.
    """
    name = checked_name(slug, name)
    if scope.session.scalars(select(Organization.id).where(Organization.slug == slug)).first() is not None:
        raise AlreadyExists(f"There is an organization {slug!r} already.", hint="Choose another slug.")
    added = Organization(slug=slug, name=name, created_at=scope.now)
    scope.session.add(added)
    scope.session.flush()
    return added


def set_state(scope: InstanceScope, organization: Organization, state: str) -> Organization:
    """Close an organization, which lets nobody in and is paused from then on, or open it again ("active").

    Opening it does not end the pause: its people do that.

    Raises:
        Conflict: It is so already.
    """
    if organization.state == state:
        raise Conflict(f"{organization.slug} is {state} already.", hint="There is nothing to do.")
    organization.state = state
    if state == "closed":
        _pause(scope, organization)
    scope.session.flush()
    return organization


def _pause(scope: InstanceScope, organization: Organization) -> None:
    """Stop what an organization would still publish. Who opens it again resumes it, with a word on what waited."""
    pause = Pause(scope="organization", organization_id=organization.id, reason="The organization was closed.")
    lock_reach(scope.session, pause)
    mine = (Pause.scope == "organization", Pause.organization_id == organization.id, Pause.ended_at.is_(None))
    if scope.session.scalars(select(Pause.id).where(*mine)).first() is None:
        pause.started_by, pause.started_at = scope.actor, scope.now
        scope.session.add(pause)


def organization_by_slug(scope: InstanceScope, slug: str) -> Organization:
    """Return an organization by its slug, for the operator.

    Raises:
        NotFound: There is none.
    """
    found = scope.session.scalars(select(Organization).where(Organization.slug == slug)).first()
    if found is None:
        raise NotFound(f"There is no organization {slug!r}.", hint="List them: focusweek organizations list")
    return found
