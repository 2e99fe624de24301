"""What an organization's admins change of it themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.errors import InvalidInput
from app.identity.names import clean_name
from app.models import Campaign, Organization
from app.services.campaigns import note_filled, touch
from app.services.organizations import organization_of
from app.services.scope import Scope


def change_organization(scope: Scope, changes: Mapping[str, Any]) -> Organization:
    """Change an organization's own settings: its name, its fill-ins' defaults, how it reviews.

    Whatever was blocked or approved in its campaigns is looked at again.

    Raises:
        InvalidInput: A name or value cannot be used, or a second clearance has no role.
    """
    organization = organization_of(scope)
    if "name" in changes:
        organization.name = clean_name(changes["name"], what="The organization's name")
    before = dict(organization.fill_ins)
    for field in ("fill_ins", "allows_own_approval", "issuer_clearance_suffices", "second_clearance",
                  "second_clearance_role"):  # fmt: skip
        if field in changes:
            setattr(organization, field, changes[field])
    if (organization.second_clearance is None) != (organization.second_clearance_role is None):
        raise InvalidInput(
            "A second clearance needs a name and the role that gives it.",
            hint='For example: "second_clearance": "Legal", "second_clearance_role": "admin"; or null for both.',
        )
    scope.session.flush()
    filled = {key for key in before.keys() | organization.fill_ins.keys() if _differs(key, before, organization)}
    if changes.keys() - {"name"}:
        for campaign in scope.session.scalars(scope.query(Campaign).order_by(Campaign.id)):
            note_filled(scope, campaign, filled)
            touch(scope, campaign)
    return organization


def _differs(key: str, before: Mapping[str, Any], organization: Organization) -> bool:
    return before.get(key) != organization.fill_ins.get(key)
