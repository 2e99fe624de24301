"""Oneself: who asks, one's name and password, and where one is signed in."""

from __future__ import annotations

from fastapi import APIRouter, Response

from app.api.desk import Desk, MemberDesk
from app.api.house import AskingDep
from app.api.paging import RowIdPath
from app.api.schemas.me import MeChange, MeOut, PasswordChange, SessionsOut, me_out, session_out
from app.api.schemas.problems import problems
from app.services import own_sessions, own_user
from app.web.cookies import give_cookie, take_cookie

router = APIRouter(prefix="/me", tags=["me"])


@router.get("")
def read_me(desk: MemberDesk) -> MeOut:
    """Say who asks, what they may do, and which organizations are theirs."""
    return _me(desk)


@router.patch("", responses=problems(413, 415))
def change_me(desk: MemberDesk, body: MeChange) -> MeOut:
    """Change one's name."""
    with desk.write_instance() as scope:
        own_user.rename(scope, body.name)
    return _me(desk)


@router.post("/password", status_code=204, responses=problems(413, 415))
def change_my_password(desk: MemberDesk, asking: AskingDep, body: PasswordChange, response: Response) -> None:
    """Set a new password. All sessions end; the one that asks goes on with a new cookie."""
    signed_in = own_user.change_password(desk.house, desk.who, asking, body.present, body.new)
    give_cookie(response, desk.settings, signed_in.secret)


@router.get("/sessions")
def list_my_sessions(desk: MemberDesk) -> SessionsOut:
    """List where one is signed in, the session used last first."""
    with desk.read_instance() as scope:
        rows = own_sessions.own_sessions(scope)
        return SessionsOut(items=[session_out(row, desk.who.session_id) for row in rows])


@router.delete("/sessions", status_code=204, responses=problems(415))
def sign_out_everywhere(desk: MemberDesk, response: Response) -> None:
    """Sign out everywhere, here as well."""
    with desk.write_instance() as scope:
        own_sessions.sign_out_everywhere(scope)
    take_cookie(response, desk.settings)


@router.delete("/sessions/{session_id}", status_code=204, responses=problems(404, 415))
def revoke_a_session_of_mine(desk: MemberDesk, session_id: RowIdPath) -> None:
    """Sign out in one place."""
    with desk.write_instance() as scope:
        own_sessions.end_session(scope, session_id)


def _me(desk: Desk) -> MeOut:
    with desk.read_instance() as scope:
        return me_out(own_user.me(scope))
