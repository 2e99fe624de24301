"""Members and invitations as requests and answers."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from app.api.schemas.base import Input, Moment, Output, moment
from app.api.schemas.identity import Email, NewPassword, PersonName
from app.identity.permissions import Role
from app.models import OneTimeLink
from app.services.invitations import Invited
from app.services.members import Member


class MemberOut(Output):
    """Somebody who belongs to the organization."""

    id: int = Field(description="The membership's id.", examples=[1])
    user_id: int = Field(description="The user's id.", examples=[1])
    email: str = Field(description="The address that they sign in with.", examples=["name@agency.example"])
    name: str = Field(description="Their name; empty where none was given.", examples=["A. Name"])
    role: Role = Field(description="What they are here.")
    state: str = Field(description="active, or disabled by the operator.", examples=["active"])
    added_by: str = Field(description="Who let them in.", examples=["admin@agency.example"])
    created: Moment = Field(description="Since when they belong to it.")


class MemberChange(Input):
    """A member's new role."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"role": "reviewer"}]})

    role: Role = Field(description="Each role may do all that the one before it may: viewer, author, reviewer, admin.")


class InvitationCreate(Input):
    """Somebody to be invited."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"email": "name@agency.example", "role": "author"}]})

    email: Email = Field(description="Where the invitation is sent; they sign in with it afterwards.")
    role: Role = Field(description="What they will be.")


class InvitationOut(Output):
    """An invitation that is open."""

    id: int = Field(description="The invitation's id.", examples=[1])
    email: str = Field(description="Who is invited.", examples=["name@agency.example"])
    role: Role = Field(description="What they will be.")
    invited_by: str = Field(description="Who invited them.", examples=["admin@agency.example"])
    created: Moment = Field(description="When they were invited.")
    expires: Moment = Field(description="Until when the link works.")


class NewInvitationOut(InvitationOut):
    """A new invitation."""

    sent: bool = Field(description="Whether the letter was taken by the mail server.")
    link: str | None = Field(
        description="The link to hand over, for the operator alone and only where it was not sent; shown once.",
        repr=False,
    )
    trouble: str | None = Field(description="Why the letter was not sent, where there is a mail server.")


class InvitationAccept(Input):
    """What somebody new gives to accept an invitation. The signed-in user who was invited gives nothing."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "A. Name", "password": "three words and a half"}, {}]}
    )

    name: PersonName | None = Field(None, description="For somebody new: their name.")
    password: NewPassword | None = Field(None, description="For somebody new: 12 to 128 characters.", repr=False)


class AcceptedOut(Output):
    """An accepted invitation."""

    organization: str = Field(description="The slug of the organization.", examples=["default"])
    name: str = Field(description="Its name.", examples=["Agency of Examples"])
    role: Role = Field(description="What they are there.")


def member_out(member: Member) -> MemberOut:
    """Return a member as an answer."""
    row, user = member.row, member.user
    return MemberOut(
        id=row.id,
        user_id=user.id,
        email=user.email,
        name=user.name,
        role=Role(row.role),
        state=user.state,
        added_by=row.created_by,
        created=moment(row.created_at),
    )


def invitation_out(row: OneTimeLink) -> InvitationOut:
    """Return an open invitation as an answer, without its link."""
    return InvitationOut(
        id=row.id,
        email=row.email or "",
        role=Role(row.details["role"]),
        invited_by=row.created_by,
        created=moment(row.created_at),
        expires=moment(row.expires_at),
    )


def new_invitation_out(invited: Invited) -> NewInvitationOut:
    """Return a new invitation as an answer."""
    shown = invitation_out(invited.row).model_dump()
    return NewInvitationOut(**shown, sent=invited.link is None, link=invited.link, trouble=invited.trouble)
