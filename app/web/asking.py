"""Who asks: what a request brings along, and what a route says that it takes."""

from __future__ import annotations

import secrets
from ipaddress import ip_address

from starlette.requests import HTTPConnection

from app.identity.authentication import Asking, authenticate, mark_used
from app.identity.permissions import Permission
from app.identity.principal import Principal
from app.services.house import House
from app.web.cookies import cookie_name

#: Where a request's state says that it is known who asks; see `api/rate_limit.py`.
FOUND = "found"
#: The header in which a session's request names its organization by slug.
ORGANIZATION_HEADER = "Focusweek-Organization"


class Demand:
    """What a route takes of whoever asks; the test that walks all routes looks for it.

    With no permission, whoever is signed in. `beyond` is for what belongs to no organization.
    """

    def __init__(self, permission: Permission | None, *, beyond: bool = False) -> None:
        self.permission = permission
        self.beyond = beyond


async def open_to_all() -> None:
    """Say that everybody may ask this, signed in or not."""


def asking(request: HTTPConnection) -> Asking:
    """Return what a request brings along."""
    house: House = request.app.state.house
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return Asking(
        token=token.strip() if scheme.lower() == "bearer" else None,
        cookie=request.cookies.get(cookie_name(house.settings)),
        organization=request.headers.get(ORGANIZATION_HEADER),
        origin=_address(request.client.host if request.client else ""),
        request_id=secrets.token_hex(8),
        agent=request.headers.get("user-agent", ""),
    )


def _address(said: str) -> str:
    """Return an address as it goes on record; nothing where what a proxy says is none."""
    try:
        return str(ip_address(said))[:64]
    except ValueError:
        return ""


def who_asks(request: HTTPConnection) -> Principal | None:
    """Return who asks, or None where it is not known."""
    house: House = request.app.state.house
    brought = asking(request)
    if brought.token is None and brought.cookie is None:
        return None
    now = house.clock.now()
    with house.database.read() as session:
        found = authenticate(session, brought, now)
    if found is not None and found.is_news:
        with house.database.write() as session:
            mark_used(session, found.who, now)
    if found is None:
        return None
    setattr(request.state, FOUND, True)
    return found.who
