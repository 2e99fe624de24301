"""Invitations to an organization: by a letter, or by a link that an operator hands over where no mail is set up.

An admin never sees the link of somebody else's invitation: whoever has it could become that person in the service, and
be let in wherever that person is invited next.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select

from app.errors import AlreadyExists, Conflict, NetworkUnreachable, NotFound
from app.identity import links
from app.identity.emails import clean_email
from app.identity.permissions import Permission, Role
from app.identity.principal import Principal
from app.models import Membership, OneTimeLink, Organization, User
from app.records import journal
from app.services.house import House
from app.services.letter_words import invitation_letter
from app.services.pages import Asked, Page, page_of
from app.services.places import link_to
from app.services.scope import Scope


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation. `link` is given to the operator alone, where it was not sent; `trouble` is why it was not."""

    row: OneTimeLink
    link: str | None = field(repr=False)
    trouble: str | None = None


def invite(house: House, who: Principal, email: str, role: Role) -> Invited:
    """Invite somebody by e-mail address. An older invitation of theirs to the organization is void.

    Raises:
        InvalidInput: That is no e-mail address.
        AlreadyExists: They are a member.
        Conflict: No mail server is set up, and whoever asks is not the operator.
        NetworkUnreachable: The letter was not taken, and whoever asks is not the operator; nothing is open then.
    """
    email = clean_email(email)
    if not house.letters.can_send and not who.may(Permission.OPERATE):
        raise Conflict(
            "No mail server is set up, so no invitation can be sent.",
            hint="Ask the operator to set one up, or to hand the link over: focusweek users invite",
        )
    with house.write(who) as scope:
        organization = scope.session.get_one(Organization, scope.organization_id)
        _refuse_member(scope, email)
        links.void_links(scope.session, links.INVITATION, scope.now, organization_id=scope.organization_id, email=email)
        row, token = links.make_link(
            scope.session,
            house.vault,
            links.INVITATION,
            now=scope.now,
            created_by=scope.actor,
            email=email,
            organization_id=scope.organization_id,
            details={"role": role.value},
        )
        journal.note(scope.session, "invited", "invitation", row.id, organization_id=scope.organization_id,
                     after={"email": email, "role": role.value})  # fmt: skip
    link = link_to(house.settings, "invitation", token)
    if not house.letters.can_send:
        return Invited(row, link)
    subject, text = invitation_letter(link, organization=organization.name, role=role.value, invited_by=scope.actor)
    try:
        house.letters.send(email, subject, text, row.created_at)
    except NetworkUnreachable as failure:
        if who.may(Permission.OPERATE):
            return Invited(row, link, failure.message)
        with house.write(who) as scope:
            revoke_invitation(scope, row.id)
        raise
    return Invited(row, None)


def invitations_page(scope: Scope, asked: Asked) -> Page[OneTimeLink]:
    """Return a page of the organization's invitations that are open, newest first."""
    query = select(OneTimeLink).where(
        OneTimeLink.organization_id == scope.organization_id,
        OneTimeLink.purpose == links.INVITATION,
        OneTimeLink.used_at.is_(None),
        OneTimeLink.expires_at > scope.now,
    )
    return page_of(scope.session, query, (OneTimeLink.id,), lambda row: (row.id,), asked, newest_first=True)


def revoke_invitation(scope: Scope, invitation_id: int) -> None:
    """Make an open invitation void.

    Raises:
        NotFound: There is none, or it is another organization's, used or revoked.
    """
    ended = links.void_links(
        scope.session, links.INVITATION, scope.now, id=invitation_id, organization_id=scope.organization_id
    )
    if not ended:
        raise NotFound(f"There is no invitation {invitation_id}.", hint="List the invitations to see which are open.")
    journal.note(scope.session, "invitation_revoked", "invitation", invitation_id)


def _refuse_member(scope: Scope, email: str) -> None:
    query = scope.query(Membership).join(User, User.id == Membership.user_id).where(User.email == email)
    if scope.session.scalars(query).first() is not None:
        raise AlreadyExists(f"{email} is a member already.", hint="Change their role instead.")
