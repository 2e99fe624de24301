"""What people see and change of themselves: their name, their organizations, their password."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.errors import NotAllowed
from app.identity import sessions
from app.identity.authentication import Asking
from app.identity.names import clean_name
from app.identity.passwords import checked_password, hash_password, verify_password
from app.identity.principal import Principal
from app.identity.throttle import by_account, count_try, forgive
from app.models import Membership, Organization, User
from app.records import journal
from app.services.house import House
from app.services.scope import InstanceScope
from app.services.sign_in import SignedIn, begin_session, lock_user


@dataclass(frozen=True, slots=True)
class Place:
    """An organization and what somebody is in it; a token without a user has no role."""

    organization: Organization
    role: str | None


@dataclass(frozen=True, slots=True)
class Me:
    """Who asks: their user, if they are one, the organization that they look at, and all that they belong to."""

    who: Principal
    user: User | None
    here: Place | None
    places: Sequence[Place]


def me(scope: InstanceScope) -> Me:
    """Return who asks."""
    who, session = scope.who, scope.session
    user = None if who.user_id is None else session.get(User, who.user_id)
    query = (
        select(Organization, Membership.role)
        .join(Membership, Membership.organization_id == Organization.id)
        .where(Membership.user_id == who.user_id, Organization.state == "active")
        .order_by(Organization.name, Organization.id)
    )
    places = [Place(organization, role) for organization, role in session.execute(query)]
    if who.session_id is None and who.organization_id is not None:
        # A token speaks for one organization, whatever others its user belongs to.
        places = [place for place in places if place.organization.id == who.organization_id] or [
            Place(session.get_one(Organization, who.organization_id), None)
        ]
    here = next((place for place in places if place.organization.id == who.organization_id), None)
    return Me(who, user, here, places)


def signed_in_user(who: Principal) -> tuple[int, int]:
    """Return the ids of the user and the session of whoever is signed in as a person.

    Raises:
        NotAllowed: It is a token, which is not to change who its user is.
    """
    if who.user_id is None or who.session_id is None:
        raise NotAllowed(
            "Only a signed-in person can do this, and a token is none.",
            hint="Sign in with e-mail address and password.",
        )
    return who.user_id, who.session_id


def rename(scope: InstanceScope, name: str) -> None:
    """Change one's own name.

    Raises:
        NotAllowed: It is a token that asks.
    """
    user_id, _ = signed_in_user(scope.who)
    scope.session.get_one(User, user_id).name = clean_name(name, what="Your name")
    scope.session.flush()


def confirm_password(house: House, who: Principal, password: str) -> User:
    """Return the signed-in user after they have given their password once more.

    Raises:
        NotAllowed: It is not right, they have none, or it is a token that asks.
        TooManyTries: Too many were wrong.
    """
    user_id, _ = signed_in_user(who)
    watch = by_account("password", str(user_id))
    with house.database.write() as session:
        count_try(session, [watch], house.clock.now())
    with house.database.read() as session:
        user = session.get_one(User, user_id)
    if not verify_password(password, user.password_hash):
        with house.write_instance(who) as scope:
            journal.note(scope.session, "password_refused", "user", user_id)
        raise NotAllowed(
            "The password is not right.",
            hint="Whoever signs in elsewhere has none here; others can have a link sent: /password-reset.",
        )
    with house.database.write() as session:
        forgive(session, watch)
    return user


def change_password(house: House, who: Principal, asking: Asking, present: str, new: str) -> SignedIn:
    """Set a new password. All sessions of the user end; the one that asks goes on as a new one.

    Raises:
        NotAllowed, TooManyTries: As in `confirm_password`.
        InvalidInput: The new password cannot be used.
    """
    user = confirm_password(house, who, present)
    kept = hash_password(checked_password(new, email=user.email))
    with house.write_instance(who) as scope:
        known = lock_user(scope, user.id)
        known.password_hash = kept
        sessions.end_all(scope.session, user.id, scope.now)
        journal.note(scope.session, "password_changed", "user", user.id)
        return begin_session(scope, known, asking, second_factor_done=True)
