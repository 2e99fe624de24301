"""The first start: a one-time link, and the first user, who is the operator and an admin of the first organization.

There is no default password: until somebody has followed the link, nobody can sign in.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import Conflict
from app.identity import links
from app.identity.authentication import Asking
from app.identity.emails import clean_email
from app.identity.names import clean_name
from app.identity.passwords import checked_password, hash_password
from app.identity.permissions import Role
from app.identity.principal import LOCAL, Principal
from app.models import Membership, Organization, User
from app.records import journal
from app.services.house import House
from app.services.organizations import default_organization
from app.services.places import link_to
from app.services.scope import InstanceScope
from app.services.sign_in import SignedIn, begin_session


@dataclass(frozen=True, slots=True)
class FirstUser:
    """Who sets the service up. Whoever `works_alone` may approve their own texts: nobody else could."""

    email: str
    password: str = field(repr=False)
    organization: str
    works_alone: bool
    name: str = ""


def new_set_up_link(house: House) -> str | None:
    """Return a new link to set the service up, good for a day, or None where there is a user. Older ones are void."""
    with house.write_instance() as scope:
        if _has_user(scope.session):
            return None
        links.void_links(scope.session, links.SET_UP, scope.now)
        _, token = links.make_link(scope.session, house.vault, links.SET_UP, now=scope.now, created_by=scope.actor)
    return link_to(house.settings, "set-up", token)


def is_set_up(house: House) -> bool:
    """Whether there is a user."""
    with house.database.read() as session:
        return _has_user(session)


def look_at_set_up(house: House, token: str) -> None:
    """Refuse a token that does not set the service up.

    Raises:
        NotFound: It is used, expired, or none of ours.
    """
    with house.database.read() as session:
        links.look_at(session, house.vault, links.SET_UP, token, house.clock.now())


def set_up(house: House, asking: Asking, token: str, first: FirstUser) -> SignedIn:
    """Make the first user by the link's token, and sign them in.

    Raises:
        NotFound: The link is used, expired, or none of ours.
        InvalidInput: The e-mail address or password cannot be used; the link works still.
        Conflict: There is a user already.
    """
    look_at_set_up(house, token)
    email, kept = _checked(first)
    who = Principal(email, frozenset(), via="guest", origin=asking.origin, request_id=asking.request_id)
    with house.write_instance(who) as scope:
        links.use_link(scope.session, house.vault, links.SET_UP, token, scope.now)
        user = _make_first(scope, first, email, kept)
        return begin_session(scope, user, asking)


def set_up_here(house: House, first: FirstUser) -> User:
    """Make the first user from the machine itself.

    Raises:
        InvalidInput, Conflict: As in `set_up`.
    """
    email, kept = _checked(first)
    with house.write_instance(LOCAL) as scope:
        return _make_first(scope, first, email, kept)


def _checked(first: FirstUser) -> tuple[str, str]:
    email = clean_email(first.email)
    return email, hash_password(checked_password(first.password, email=email))


def _make_first(scope: InstanceScope, first: FirstUser, email: str, kept: str) -> User:
    session = scope.session
    found = default_organization(session, scope.now)
    # Of two who set it up at once, the second waits here and then finds the first one's user.
    organization = session.scalars(select(Organization).where(Organization.id == found.id).with_for_update()).one()
    if _has_user(scope.session):
        raise Conflict("The service is set up already.", hint="Sign in, or ask for an invitation.")
    organization.name = clean_name(first.organization, what="The organization's name")
    organization.allows_own_approval = first.works_alone
    user = User(
        email=email,
        name=clean_name(first.name, what="Your name", optional=True),
        password_hash=kept,
        is_operator=True,
        created_at=scope.now,
    )
    session.add(user)
    session.flush()
    session.add(
        Membership(
            organization_id=organization.id,
            user_id=user.id,
            role=Role.ADMIN.value,
            created_by=scope.actor,
            created_at=scope.now,
        )
    )
    links.void_links(session, links.SET_UP, scope.now)
    session.flush()
    journal.note(session, "set_up", "organization", organization.id, organization_id=organization.id)
    return user


def _has_user(session: Session) -> bool:
    return bool(session.scalar(select(func.count(User.id))))
