"""Where somebody is signed in, signing out there, and the organization that a session looks at."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update

from app.errors import NotFound
from app.identity import sessions
from app.models import Membership, Organization, UserSession
from app.records import journal
from app.services.own_user import signed_in_user
from app.services.scope import InstanceScope


def own_sessions(scope: InstanceScope) -> Sequence[UserSession]:
    """Return one's sessions that are in force, the one used last first.

    Raises:
        NotAllowed: It is a token that asks.
    """
    user_id, _ = signed_in_user(scope.who)
    return sessions.in_force(scope.session, user_id, scope.now)


def end_session(scope: InstanceScope, session_id: int) -> None:
    """Sign out in one place.

    Raises:
        NotFound: There is no such session of one's own.
        NotAllowed: It is a token that asks.
    """
    user_id, _ = signed_in_user(scope.who)
    if not sessions.end_one(scope.session, user_id, session_id, scope.now):
        raise NotFound(f"There is no session {session_id}.", hint="List your sessions to see which there are.")
    journal.note(scope.session, "signed_out", "user", user_id)


def sign_out_everywhere(scope: InstanceScope) -> None:
    """Sign out everywhere, here as well.

    Raises:
        NotAllowed: It is a token that asks.
    """
    user_id, _ = signed_in_user(scope.who)
    count = sessions.end_all(scope.session, user_id, scope.now)
    journal.note(scope.session, "signed_out_everywhere", "user", user_id, after={"sessions": count})


def look_at_organization(scope: InstanceScope, slug: str) -> Organization:
    """Let the session look at one of the user's organizations from now on.

    Raises:
        NotFound: There is none by this name, or they are nobody in it: the answer is the same.
        NotAllowed: It is a token that asks.
    """
    user_id, session_id = signed_in_user(scope.who)
    organization = scope.session.scalars(
        select(Organization)
        .join(Membership, Membership.organization_id == Organization.id)
        .where(Membership.user_id == user_id, Organization.slug == slug, Organization.state == "active")
    ).first()
    if organization is None:
        raise NotFound("You are in no organization by that name.", hint="GET /api/v1/me lists yours.")
    scope.session.execute(
        update(UserSession).where(UserSession.id == session_id).values(organization_id=organization.id)
    )
    return organization
