"""The house, as pages ask for it: as far as whoever is signed in may use it, or for everybody."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import Depends, Request
from starlette.responses import RedirectResponse, Response

from app.identity.authentication import Asking
from app.identity.permissions import Permission
from app.identity.principal import Principal
from app.services.health import Health
from app.services.house import House
from app.services.scope import InstanceScope, Scope
from app.ui.pages import page
from app.web.asking import Demand, asking, open_to_all, who_asks

_LONGEST_NEXT = 1000


class AnswerInstead(Exception):
    """What was asked for is not shown; this is: a redirect to the sign-in, or a page that says why."""

    def __init__(self, response: Response) -> None:
        self.response = response
        super().__init__()


async def answer_instead(_request: Request, error: Exception) -> Response:
    """Give the answer; for the application's table of handlers."""
    assert isinstance(error, AnswerInstead)  # noqa: S101 - registered for this class only
    return error.response


class PageDesk:
    """The house as one person may use it on pages."""

    def __init__(self, house: House, who: Principal) -> None:
        self.house = house
        self.who = who

    @property
    def health(self) -> Health:
        """Whether posts go out as they should."""
        return self.house.health

    def read(self) -> AbstractContextManager[Scope]:
        """Give a unit of work that changes nothing."""
        return self.house.read(self.who)

    def read_instance(self) -> AbstractContextManager[InstanceScope]:
        """Give a unit of work beyond any organization that changes nothing."""
        return self.house.read_instance(self.who)

    def write_instance(self) -> AbstractContextManager[InstanceScope]:
        """Give a unit of work beyond any organization, committed at the end."""
        return self.house.write_instance(self.who)


class PageNeeds(Demand):
    """The dependency that gives a desk to whoever has a permission; others are led to where they can get one."""

    def __call__(self, request: Request) -> PageDesk:
        """Return the desk.

        Raises:
            AnswerInstead: Nobody is signed in, no organization is chosen, or they may not.
        """
        who = who_asks(request)
        if who is None:
            raise AnswerInstead(_led_to("/sign-in", request))
        if not self.beyond and who.organization_id is None:
            raise AnswerInstead(_led_to("/organization", request))
        if self.permission is not None and not who.may(self.permission):
            raise AnswerInstead(page("identity/refused.html", 403, who=who))
        return PageDesk(request.app.state.house, who)


def local_path(given: str) -> str:
    """Return where a page leads on to: a path of this service, and the start page for anything else."""
    usable = given.startswith("/") and given.isprintable() and "\\" not in given and len(given) <= _LONGEST_NEXT
    try:
        parts = urlsplit(given)
    except ValueError:
        return "/"
    return given if usable and not given.startswith("//") and not (parts.scheme or parts.netloc) else "/"


def led_on(given: str) -> RedirectResponse:
    """Return a redirect to a path of this service, asked for anew with GET."""
    return RedirectResponse(local_path(given), 303)


def _led_to(address: str, request: Request) -> RedirectResponse:
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    # Where a form was sent to is no place to come back to.
    wanted = here if request.method in ("GET", "HEAD") else "/"
    return RedirectResponse(address if wanted == "/" else f"{address}?next={quote(wanted, safe='/')}", 303)


def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house


HouseDep = Annotated[House, Depends(_house)]
AskingDep = Annotated[Asking, Depends(asking)]
ViewPage = Annotated[PageDesk, Depends(PageNeeds(Permission.VIEW))]
MemberPage = Annotated[PageDesk, Depends(PageNeeds(None, beyond=True))]
Open = Depends(open_to_all)
