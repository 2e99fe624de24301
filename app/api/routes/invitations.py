"""Invitations to the organization."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from app.api.desk import AdminDesk, Open, who_asks
from app.api.house import AskingDep, HouseDep
from app.api.paging import AskedDep, LinkTokenPath, RowIdPath
from app.api.schemas.base import PageOut
from app.api.schemas.members import (
    AcceptedOut,
    InvitationAccept,
    InvitationCreate,
    InvitationOut,
    NewInvitationOut,
    invitation_out,
    new_invitation_out,
)
from app.api.schemas.problems import problems
from app.services import accepting
from app.services import invitations as service
from app.web.cookies import give_cookie

router = APIRouter(prefix="/invitations", tags=["members"])


@router.get("")
def list_invitations(desk: AdminDesk, asked: AskedDep) -> PageOut[InvitationOut]:
    """List the invitations that are open, newest first."""
    with desk.read() as scope:
        page = service.invitations_page(scope, asked)
        return PageOut(items=[invitation_out(row) for row in page.items], next_cursor=page.next_cursor)


@router.post("", status_code=201, responses=problems(409, 413, 415, 502))
def create_an_invitation(desk: AdminDesk, body: InvitationCreate) -> NewInvitationOut:
    """Invite somebody by a letter. An older invitation of theirs is void. The link works once, for seven days."""
    return new_invitation_out(service.invite(desk.house, desk.who, body.email, body.role))


@router.post("/{token}/accept", dependencies=[Open], responses=problems(404, 409, 413, 415))
def accept_an_invitation(
    request: Request,
    house: HouseDep,
    asking: AskingDep,
    token: LinkTokenPath,
    response: Response,
    body: InvitationAccept | None = None,
) -> AcceptedOut:
    """Accept an invitation by its token: as somebody new with a password, or signed in as the user who was invited."""
    invitation = accepting.look_at_invitation(house, token)
    if body is None or body.password is None:
        accepting.accept_as_user(house, who_asks(request), token)
    else:
        signed_in = accepting.accept_as_new(house, asking, token, name=body.name or "", password=body.password)
        give_cookie(response, house.settings, signed_in.secret)
    organization = invitation.organization
    return AcceptedOut(organization=organization.slug, name=organization.name, role=invitation.role)


@router.delete("/{invitation_id}", status_code=204, responses=problems(404, 415))
def revoke_an_invitation(desk: AdminDesk, invitation_id: RowIdPath) -> None:
    """Make an open invitation void."""
    with desk.write() as scope:
        service.revoke_invitation(scope, invitation_id)
