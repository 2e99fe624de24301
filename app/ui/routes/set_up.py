"""The first start: the page behind the one-time link."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query
from starlette.responses import Response

from app.errors import FocusweekError, InvalidInput, NotFound
from app.services.set_up import FirstUser, look_at_set_up, set_up
from app.ui.house import AskingDep, HouseDep, Open, led_on
from app.ui.pages import page
from app.ui.refusals import refused_page
from app.web.cookies import give_cookie

router = APIRouter(dependencies=[Open])

_Field = Annotated[str, Form()]


@router.get("/set-up")
def show_set_up(house: HouseDep, token: Annotated[str, Query()] = "") -> Response:
    """Ask who sets the service up."""
    try:
        look_at_set_up(house, token)
    except NotFound as error:
        return refused_page("identity/dead_link.html", error, what="set_up")
    return page("identity/set_up.html", token=token, email="", name="", organization="", works_alone="")


@router.post("/set-up")
def do_set_up(
    house: HouseDep,
    asking: AskingDep,
    token: _Field = "",
    email: _Field = "",
    name: _Field = "",
    password: _Field = "",
    organization: _Field = "",
    works_alone: _Field = "",
) -> Response:
    """Make the first user and sign them in."""
    typed = {"token": token, "email": email, "name": name, "organization": organization, "works_alone": works_alone}
    try:
        first = FirstUser(email, password, organization, _alone(works_alone), name)
        signed_in = set_up(house, asking, token, first)
    except InvalidInput as error:
        return refused_page("identity/set_up.html", error, **typed)
    except FocusweekError as error:
        return refused_page("identity/dead_link.html", error, what="set_up")
    response = led_on("/")
    give_cookie(response, house.settings, signed_in.secret)
    return response


def _alone(answer: str) -> bool:
    if answer not in ("yes", "no"):
        raise InvalidInput("Does somebody else review texts here?", hint="Choose one of the two answers.")
    return answer == "yes"
