"""Who a guest is: the session behind the link that stands in an address under /guest."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Request, Response

from app.api.house import AskingDep, HouseDep
from app.services.guest_access import Entered, Guest, guest_of
from app.settings import Settings
from app.web.cookies import is_secure

#: The guest's session, as a header for programs and as a cookie for browsers.
SESSION_HEADER, SESSION_COOKIE = "Focusweek-Guest-Session", "focusweek_guest"
_WHERE = "/api/v1/guest"

TokenPath = Annotated[str, Path(min_length=20, max_length=100, pattern=r"^[\w-]+$", description="The link's token.")]


def _guest(request: Request, house: HouseDep, asking: AskingDep, token: TokenPath) -> Guest:
    secret = request.headers.get(SESSION_HEADER) or request.cookies.get(SESSION_COOKIE)
    return guest_of(house, asking, token, secret)


GuestDep = Annotated[Guest, Depends(_guest)]


def give_guest_cookie(response: Response, settings: Settings, entered: Entered) -> None:
    """Let the browser carry a guest's session."""
    response.set_cookie(
        SESSION_COOKIE, entered.secret, path=_WHERE, secure=is_secure(settings), httponly=True, samesite="strict"
    )
