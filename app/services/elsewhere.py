"""Whoever acts, in another of their organizations: with what they may do there, and nothing more."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from app.errors import NotFound
from app.identity.permissions import ALLOWED, Role
from app.identity.principal import Principal
from app.models import Membership, Organization
from app.services.scope import InstanceScope


def in_organization(scope: InstanceScope, who: Principal, slug: str) -> Principal:
    """Return whoever acts as they are in the organization of this slug.

    A user is there what their membership says; a token stays in its own; the command line may be everywhere.

    Raises:
        NotFound: There is no such organization, it is closed, or they are nobody there: the answer is the same.
    """
    organization = scope.session.scalars(
        select(Organization).where(Organization.slug == slug, Organization.state == "active")
    ).first()
    nobody = NotFound(f"There is no organization {slug!r} of yours.", hint="GET /api/v1/me lists yours.")
    if organization is None:
        raise nobody
    if who.via == "local" or (who.via == "token" and organization.id == who.organization_id):
        return replace(who, organization_id=organization.id)
    role = None
    if who.via == "session" and who.user_id is not None:
        mine = (Membership.organization_id == organization.id, Membership.user_id == who.user_id)
        role = scope.session.scalars(select(Membership.role).where(*mine)).first()
    if role is None:
        raise nobody
    return replace(who, organization_id=organization.id, permissions=ALLOWED[Role(role)])
