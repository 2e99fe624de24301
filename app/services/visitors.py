"""Who acts before anybody is signed in, and right after they have proved who they are."""

from __future__ import annotations

from app.identity.authentication import Asking
from app.identity.principal import Principal
from app.models import User

#: How somebody who is not known goes on record.
NOBODY = "nobody signed in"


def visitor(asking: Asking) -> Principal:
    """Return somebody of whom only the address is known."""
    return Principal(NOBODY, frozenset(), via="guest", origin=asking.origin, request_id=asking.request_id)


def proved(user: User, asking: Asking) -> Principal:
    """Return a user who has just proved who they are, as they go on record; they may do nothing by it."""
    return Principal(
        user.email, frozenset(), user_id=user.id, via="session", origin=asking.origin, request_id=asking.request_id
    )
