"""People for tests: who acts, without any sign-in."""

from __future__ import annotations

from app.identity.permissions import EVERYTHING, Permission
from app.identity.principal import LOCAL_ACTOR, Principal


def person(name: str, organization_id: int | None = None) -> Principal:
    """Return somebody by name; only who is `local` is the operator, too."""
    allowed = EVERYTHING if name == LOCAL_ACTOR else EVERYTHING - {Permission.OPERATE}
    return Principal(name, allowed, organization_id)
