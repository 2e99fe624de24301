"""Signing in and out, and choosing the organization to look at."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query
from starlette.responses import Response

from app.errors import FocusweekError, NotFound
from app.services.house import House
from app.services.own_sessions import look_at_organization
from app.services.own_user import me
from app.services.set_up import is_set_up
from app.services.sign_in import second_step, sign_in, sign_out
from app.ui.house import AskingDep, HouseDep, MemberPage, Open, led_on, local_path
from app.ui.pages import page
from app.ui.refusals import refused_page
from app.web.cookies import give_cookie, take_cookie

router = APIRouter()

NextQuery = Annotated[str, Query(alias="next")]
NextField = Annotated[str, Form(alias="next")]
_Field = Annotated[str, Form()]


def around(house: House) -> dict[str, Any]:
    """Return what the page says beside its form: whether anybody can sign in, and where else they may."""
    return {"set_up": is_set_up(house), "openid": None if house.openid is None else house.openid.name}


@router.get("/sign-in", dependencies=[Open])
def show_sign_in(house: HouseDep, following: NextQuery = "/") -> Response:
    """Ask for e-mail address and password."""
    return page("identity/sign_in.html", following=local_path(following), email="", **around(house))


@router.post("/sign-in", dependencies=[Open])
def do_sign_in(
    house: HouseDep, asking: AskingDep, email: _Field = "", password: _Field = "", following: NextField = "/"
) -> Response:
    """Sign in, and lead on to where somebody wanted to go, or to the second step."""
    following = local_path(following)
    try:
        signed_in = sign_in(house, asking, email, password)
    except FocusweekError as error:
        return refused_page("identity/sign_in.html", error, following=following, email=email, **around(house))
    if signed_in.second_factor_needed:
        response: Response = page("identity/code.html", following=following)
    else:
        response = led_on(following)
    give_cookie(response, house.settings, signed_in.secret)
    return response


@router.post("/sign-in/code", dependencies=[Open])
def do_second_step(house: HouseDep, asking: AskingDep, code: _Field = "", following: NextField = "/") -> Response:
    """Take the code of the second factor."""
    try:
        signed_in = second_step(house, asking, code)
    except FocusweekError as error:
        return refused_page("identity/code.html", error, following=local_path(following))
    response = led_on(following)
    give_cookie(response, house.settings, signed_in.secret)
    return response


@router.post("/sign-out", dependencies=[Open])
def do_sign_out(house: HouseDep, asking: AskingDep) -> Response:
    """End the session."""
    sign_out(house, asking)
    response = led_on("/sign-in")
    take_cookie(response, house.settings)
    return response


@router.get("/organization")
def show_organizations(desk: MemberPage, following: NextQuery = "/") -> Response:
    """Show the organizations of whoever is signed in."""
    with desk.read_instance() as scope:
        return page("identity/organization.html", me=me(scope), who=desk.who, following=local_path(following))


@router.post("/organization")
def choose_organization(desk: MemberPage, organization: _Field = "", following: NextField = "/") -> Response:
    """Look at another organization from now on."""
    try:
        with desk.write_instance() as scope:
            look_at_organization(scope, organization.replace("\0", ""))
    except NotFound:
        return led_on("/organization")
    return led_on(following)
