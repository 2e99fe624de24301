"""A new password: asking for the link, and the page behind it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query
from starlette.responses import Response

from app.errors import FocusweekError, InvalidInput
from app.services.password_resets import ask_for_reset, look_at_reset, reset_password
from app.ui.house import AskingDep, HouseDep, Open
from app.ui.pages import page
from app.ui.refusals import refused_page

router = APIRouter(dependencies=[Open])

_Field = Annotated[str, Form()]


@router.get("/password-reset")
def show_reset(house: HouseDep, token: Annotated[str, Query()] = "") -> Response:
    """Ask for an e-mail address; with a link's token, for the new password."""
    if not token:
        return page("identity/ask_for_reset.html", can_send=house.letters.can_send, asked=False)
    try:
        user = look_at_reset(house, token)
    except FocusweekError as error:
        return refused_page("identity/dead_link.html", error, what="password_reset")
    return page("identity/password_reset.html", token=token, email=user.email, done=False)


@router.post("/password-reset/ask")
def do_ask(house: HouseDep, asking: AskingDep, email: _Field = "") -> Response:
    """Have a link sent; the page is the same whether there is such a user or not."""
    try:
        ask_for_reset(house, asking, email)
    except FocusweekError as error:
        return refused_page("identity/ask_for_reset.html", error, can_send=house.letters.can_send, asked=False)
    return page("identity/ask_for_reset.html", can_send=house.letters.can_send, asked=True)


@router.post("/password-reset")
def do_reset(house: HouseDep, asking: AskingDep, token: _Field = "", password: _Field = "") -> Response:
    """Set the new password; signing in with it comes next."""
    email = ""
    try:
        email = look_at_reset(house, token).email
        reset_password(house, asking, token, password)
    except InvalidInput as error:
        return refused_page("identity/password_reset.html", error, token=token, email=email, done=False)
    except FocusweekError as error:
        return refused_page("identity/dead_link.html", error, what="password_reset")
    return page("identity/password_reset.html", token="", email=email, done=True)
