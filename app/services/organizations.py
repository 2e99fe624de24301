"""Organizations. Until sign-in exists there is one, and whoever reaches the machine acts for it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

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
