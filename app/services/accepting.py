"""Accepting an invitation: as somebody new, who gets a user, or as the signed-in user who was invited."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.errors import AlreadyExists, NotFound, NotSignedIn
from app.identity import links
from app.identity.authentication import Asking
from app.identity.names import clean_name
from app.identity.passwords import checked_password, hash_password
from app.identity.permissions import Role
from app.identity.principal import Principal
from app.models import Membership, OneTimeLink, Organization, User, UserSession
from app.records import journal
from app.services.house import House
from app.services.scope import InstanceScope
from app.services.sign_in import SignedIn, begin_session
from app.services.visitors import proved


@dataclass(frozen=True, slots=True)
class Invitation:
    """What an invitation is to, and whether there is a user of its e-mail address, who is then to sign in."""

    email: str
    organization: Organization
    role: Role
    has_user: bool


def look_at_invitation(house: House, token: str) -> Invitation:
    """Return what a link invites to.

    Raises:
        NotFound: It is used, revoked, expired, or none of ours.
    """
    with house.database.read() as session:
        link = links.look_at(session, house.vault, links.INVITATION, token, house.clock.now())
        return _read(session, link)


def accept_as_new(house: House, asking: Asking, token: str, *, name: str, password: str) -> SignedIn:
    """Make the invited person's user, let them into the organization, and sign them in.

    Raises:
        NotFound: The link is used, revoked, expired, or none of ours.
        NotSignedIn: There is a user of this e-mail address, who is to sign in first.
        InvalidInput: The password cannot be used; the link works still.
    """
    invitation = look_at_invitation(house, token)
    _refuse_known(invitation)
    name = clean_name(name, what="Your name", optional=True)
    kept = hash_password(checked_password(password, email=invitation.email))
    who = Principal(invitation.email, frozenset(), via="guest", origin=asking.origin, request_id=asking.request_id)
    with house.write_instance(who) as scope:
        link = links.use_link(scope.session, house.vault, links.INVITATION, token, scope.now)
        invitation = _read(scope.session, link)
        _refuse_known(invitation)
        user = User(email=invitation.email, name=name, password_hash=kept, created_at=scope.now)
        scope.session.add(user)
        scope.session.flush()
        _let_in(scope, link, invitation, user)
    with house.write_instance(proved(user, asking)) as scope:
        return begin_session(scope, scope.session.get_one(User, user.id), asking)


def accept_as_user(house: House, who: Principal | None, token: str) -> Organization:
    """Let the signed-in user who was invited into the organization; their session looks at it from now on.

    Raises:
        NotFound: The link is used, revoked, expired, or none of ours.
        NotSignedIn: Nobody is signed in, or somebody else was invited.
        AlreadyExists: They are a member already.
    """
    if who is None:
        raise _sign_in_first(look_at_invitation(house, token))
    with house.write_instance(who) as scope:
        link = links.use_link(scope.session, house.vault, links.INVITATION, token, scope.now)
        invitation = _read(scope.session, link)
        user = None if who.user_id is None or who.session_id is None else scope.session.get(User, who.user_id)
        if user is None or user.email != invitation.email:
            raise _sign_in_first(invitation)
        _let_in(scope, link, invitation, user)
        scope.session.execute(
            update(UserSession)
            .where(UserSession.id == who.session_id)
            .values(organization_id=invitation.organization.id)
        )
    return invitation.organization


def accept_all_invitations(scope: InstanceScope, user: User) -> int:
    """Let a new user, who has been shown to have the mailbox, in wherever it is invited; return to how many."""
    query = select(OneTimeLink).where(
        OneTimeLink.purpose == links.INVITATION,
        OneTimeLink.email == user.email,
        OneTimeLink.used_at.is_(None),
        OneTimeLink.expires_at > scope.now,
    )
    places = 0
    for link in scope.session.scalars(query.order_by(OneTimeLink.id)).all():
        if links.void_links(scope.session, links.INVITATION, scope.now, id=link.id):
            with suppress(NotFound):
                _let_in(scope, link, _read(scope.session, link), user)
                places += 1
    return places


def _read(session: Session, link: OneTimeLink) -> Invitation:
    organization = session.get(Organization, link.organization_id)
    if organization is None or organization.state != "active" or link.email is None:
        raise NotFound("The organization of this invitation is closed.", hint="Ask whoever invited you.")
    has_user = session.scalars(select(User.id).where(User.email == link.email)).first() is not None
    return Invitation(link.email, organization, Role(link.details["role"]), has_user)


def _let_in(scope: InstanceScope, link: OneTimeLink, invitation: Invitation, user: User) -> None:
    session, organization_id = scope.session, invitation.organization.id
    there = select(Membership.id).where(Membership.organization_id == organization_id, Membership.user_id == user.id)
    if session.scalars(there).first() is not None:
        raise AlreadyExists(f"{user.email} is a member already.", hint="Sign in to go there.")
    session.add(
        Membership(
            organization_id=organization_id,
            user_id=user.id,
            role=invitation.role.value,
            created_by=link.created_by,
            created_at=scope.now,
        )
    )
    session.flush()
    journal.note(session, "invitation_accepted", "invitation", link.id, organization_id=organization_id)


def _refuse_known(invitation: Invitation) -> None:
    if invitation.has_user:
        raise _sign_in_first(invitation)


def _sign_in_first(invitation: Invitation) -> NotSignedIn:
    if invitation.has_user:
        said, hint = "who has a user here", "Sign in as that user, then accept the invitation."
    else:
        said, hint = "who has no user here yet", "Choose a password to become one."
    return NotSignedIn(f"The invitation is for {invitation.email}, {said}.", hint=hint)
