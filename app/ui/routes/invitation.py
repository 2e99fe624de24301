"""Accepting an invitation."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from app.errors import FocusweekError, InvalidInput
from app.services.accepting import accept_as_new, accept_as_user, look_at_invitation
from app.ui.house import AskingDep, HouseDep, Open, led_on
from app.ui.pages import page
from app.ui.refusals import refused_page
from app.web.asking import who_asks
from app.web.cookies import give_cookie

router = APIRouter(dependencies=[Open])

_Field = Annotated[str, Form()]


@router.get("/invitation")
def show_invitation(request: Request, house: HouseDep, token: Annotated[str, Query()] = "") -> Response:
    """Show what somebody is invited to, and what is left to do."""
    try:
        invitation = look_at_invitation(house, token)
    except FocusweekError as error:
        return refused_page("identity/dead_link.html", error, what="invitation")
    who = who_asks(request)
    return page("identity/invitation.html", invitation=invitation, token=token, name="", me=who)


@router.post("/invitation")
def do_accept(
    request: Request,
    house: HouseDep,
    asking: AskingDep,
    token: _Field = "",
    name: _Field = "",
    password: _Field = "",
) -> Response:
    """Accept it, as somebody new or as the user who is signed in."""
    try:
        invitation = look_at_invitation(house, token)
        if invitation.has_user:
            accept_as_user(house, who_asks(request), token)
            return led_on("/")
        signed_in = accept_as_new(house, asking, token, name=name, password=password)
    except InvalidInput as error:
        return refused_page("identity/invitation.html", error, invitation=invitation, token=token, name=name, me=None)
    except FocusweekError as error:
        return refused_page("identity/dead_link.html", error, what="invitation")
    response = led_on("/")
    give_cookie(response, house.settings, signed_in.secret)
    return response
