"""Signing in at an OpenID Connect provider."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from app.errors import FocusweekError, NotSignedIn
from app.identity.links import LIFETIMES, OIDC
from app.services.openid import begin_openid, finish_openid
from app.settings import Settings
from app.ui.house import AskingDep, HouseDep, Open, led_on, local_path
from app.ui.pages import page
from app.ui.refusals import refused_page
from app.ui.routes.sign_in import around
from app.web.cookies import give_cookie, is_secure

router = APIRouter()

_Given = Annotated[str, Query(max_length=4000)]
_COOKIE, _SECURE_COOKIE = "focusweek_openid", "__Host-focusweek_openid"


@router.get("/sign-in/openid", dependencies=[Open])
def begin(house: HouseDep, following: Annotated[str, Query(alias="next")] = "/") -> Response:
    """Lead to the provider."""
    try:
        begun = begin_openid(house, local_path(following))
    except FocusweekError as error:
        return _refused(house, error)
    response = RedirectResponse(begun.url, 303)
    response.set_cookie(
        _cookie_name(house.settings),
        begun.secret,
        max_age=int(LIFETIMES[OIDC].total_seconds()),
        path="/",
        secure=is_secure(house.settings),
        httponly=True,
        # The way back from the provider is a link from elsewhere; "strict" would leave the cookie out.
        samesite="lax",
    )
    return response


@router.get("/sign-in/openid/callback", dependencies=[Open])
def finish(
    request: Request,
    house: HouseDep,
    asking: AskingDep,
    code: _Given = "",
    state: _Given = "",
    error: _Given = "",
    iss: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """Take what the browser brings back from the provider."""
    name = _cookie_name(house.settings)
    try:
        if error or not code:
            raise NotSignedIn("The provider did not sign you in.", hint="Try again, or use your password.")
        signed_in, following = finish_openid(
            house, asking, code=code, state=state, issuer=iss, secret=request.cookies.get(name)
        )
    except FocusweekError as refusal:
        return _refused(house, refusal)
    if signed_in.second_factor_needed:
        response: Response = page("identity/code.html", following=following)
    else:
        response = led_on(following)
    give_cookie(response, house.settings, signed_in.secret)
    response.delete_cookie(name, path="/", secure=is_secure(house.settings), httponly=True, samesite="lax")
    return response


def _refused(house: HouseDep, error: FocusweekError) -> Response:
    return refused_page("identity/sign_in.html", error, following="/", email="", **around(house))


def _cookie_name(settings: Settings) -> str:
    return _SECURE_COOKIE if is_secure(settings) else _COOKIE
