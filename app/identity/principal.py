"""Who acts: a user in a browser, a token, a guest, or whoever has the machine itself."""

from __future__ import annotations

from dataclasses import dataclass

from app.errors import NotAllowed
from app.identity.permissions import EVERYTHING, Permission

#: Who acts where nobody is signed in: the command line, which has the database anyway.
LOCAL_ACTOR = "local"

_NEEDED = {
    Permission.VIEW: "a member of the organization",
    Permission.WRITE: "an author, reviewer or admin",
    Permission.REVIEW: "a reviewer or admin",
    Permission.ADMINISTER: "an admin",
    Permission.OPERATE: "the operator of this service",
}


@dataclass(frozen=True, slots=True)
class Principal:
    """Who acts, in which organization, and what they may do there.

    `name` goes on record (an e-mail address, a token's name). `organization_id` is None where none is chosen: for the
    command line the only one there is; for others nothing of any organization can be reached. `via` is how they came:
    session, token, local, guest or engine. `origin` is the address that they came from, `request_id` the request.
    `session_id` and `token_id` are the rows that they signed in by.
    """

    name: str
    permissions: frozenset[Permission]
    organization_id: int | None = None
    user_id: int | None = None
    via: str = "local"
    origin: str = ""
    request_id: str = ""
    session_id: int | None = None
    token_id: int | None = None

    def may(self, permission: Permission) -> bool:
        """Whether this is allowed to them."""
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        """Refuse whoever may not.

        Raises:
            NotAllowed: They may not.
        """
        if permission not in self.permissions:
            raise NotAllowed(
                f"This takes {_NEEDED[permission]}, and you are signed in as {self.name} without that.",
                hint="Ask an admin of your organization, or use a token with that scope.",
            )


#: Whoever runs commands on the machine may do everything.
LOCAL = Principal(LOCAL_ACTOR, EVERYTHING)
