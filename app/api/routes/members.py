"""Members of the organization and their roles."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.desk import AdminDesk, ViewDesk
from app.api.paging import AskedDep, RowIdPath
from app.api.schemas.base import PageOut
from app.api.schemas.members import MemberChange, MemberOut, member_out
from app.api.schemas.problems import problems
from app.services import members as service

router = APIRouter(prefix="/members", tags=["members"])


@router.get("")
def list_members(desk: ViewDesk, asked: AskedDep) -> PageOut[MemberOut]:
    """List the members, in the order in which they came."""
    with desk.read() as scope:
        page = service.members_page(scope, asked)
        return PageOut(items=[member_out(one) for one in page.items], next_cursor=page.next_cursor)


@router.get("/{member_id}", responses=problems(404))
def read_a_member(desk: ViewDesk, member_id: RowIdPath) -> MemberOut:
    """Read a member."""
    with desk.read() as scope:
        return member_out(service.member(scope, member_id))


@router.patch("/{member_id}", responses=problems(404, 409, 413, 415))
def change_a_member(desk: AdminDesk, member_id: RowIdPath, body: MemberChange) -> MemberOut:
    """Change a member's role. The last admin stays one."""
    with desk.write() as scope:
        return member_out(service.change_role(scope, member_id, body.role))


@router.delete("/{member_id}", status_code=204, responses=problems(404, 409, 415))
def remove_a_member(desk: AdminDesk, member_id: RowIdPath) -> None:
    """Take somebody out of the organization, their tokens for it included. The last admin stays."""
    with desk.write() as scope:
        service.remove_member(scope, member_id)
