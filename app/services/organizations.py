"""Organizations: the agencies whose campaigns these are."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import InvalidInput
from app.models import Organization

DEFAULT_SLUG = "default"


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
