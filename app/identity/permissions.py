"""What a person may do: four roles in an organization, each with all that the one below may, and the operator's own.

Everything that can be asked of the service needs one permission; `api/desk.py` says which.
"""

from __future__ import annotations

from enum import StrEnum

from app.models.membership import ROLES


class Permission(StrEnum):
    """What somebody must be allowed to do; also the scopes that an API token may have."""

    VIEW = "view"
    WRITE = "write"
    REVIEW = "review"
    ADMINISTER = "administer"
    OPERATE = "operate"


class Role(StrEnum):
    """What a member is in an organization."""

    VIEWER = "viewer"
    AUTHOR = "author"
    REVIEWER = "reviewer"
    ADMIN = "admin"


_OWN = {
    Role.VIEWER: Permission.VIEW,
    Role.AUTHOR: Permission.WRITE,
    Role.REVIEWER: Permission.REVIEW,
    Role.ADMIN: Permission.ADMINISTER,
}
#: What each role may do: its own, and all that the roles before it may.
ALLOWED: dict[Role, frozenset[Permission]] = {
    role: frozenset(_OWN[below] for below in list(Role)[: place + 1]) for place, role in enumerate(Role)
}
EVERYTHING = frozenset(Permission)

if tuple(Role) != ROLES:
    raise AssertionError("the roles and the table's constraint must say the same")
