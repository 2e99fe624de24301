"""Who may ask what: every route takes a `Desk`, which is the house as far as the one who asks may use it.

A route says by its type what it takes: `ViewDesk`, `WriteDesk`, `ReviewDesk`, `AdminDesk`, `OperatorDesk`; `MemberDesk`
for whoever is signed in, in an organization or not. What everybody may ask says so too (`open_to_all`). A route that
says nothing fails the test that walks them all.
"""

from __future__ import annotations

import secrets
from contextlib import AbstractContextManager
from typing import Annotated

from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from app.clock import Clock
from app.db import Database
from app.delivery.deps import Deps
from app.errors import NotAllowed, NotSignedIn
from app.identity.authentication import Asking, authenticate, mark_used
from app.identity.permissions import Permission
from app.identity.principal import LOCAL, Principal
from app.platforms.base import Credentials
from app.platforms.registry import Platforms
from app.platforms.vault import Vault
from app.services.alerting.alerting import Alerting
from app.services.bounded import Bounded
from app.services.health import Health
from app.services.house import House
from app.services.scope import InstanceScope, Scope
from app.settings import Settings

#: The cookie of a signed-in browser. Its name makes browsers insist on HTTPS where the service is reached by it.
COOKIE, SECURE_COOKIE = "focusweek_session", "__Host-focusweek_session"
#: The header in which a session's request names its organization by slug.
ORGANIZATION_HEADER = "Focusweek-Organization"


class Desk:
    """The house as one person may use it: every unit of work is theirs, in their organization."""

    def __init__(self, house: House, who: Principal) -> None:
        self.house = house
        self.who = who

    @property
    def settings(self) -> Settings:
        """The operator's settings."""
        return self.house.settings

    @property
    def clock(self) -> Clock:
        """The clock."""
        return self.house.clock

    @property
    def database(self) -> Database:
        """The database itself, which knows no organizations."""
        return self.house.database

    @property
    def platforms(self) -> Platforms:
        """The networks."""
        return self.house.platforms

    @property
    def alerting(self) -> Alerting:
        """What tells people of alerts."""
        return self.house.alerting

    @property
    def deps(self) -> Deps:
        """What the engine works with."""
        return self.house.deps

    @property
    def health(self) -> Health:
        """Whether posts go out as they should."""
        return self.house.health

    @property
    def scrape(self) -> Bounded[bytes]:
        """The numbers for Prometheus."""
        return self.house.scrape

    @property
    def vault(self) -> Vault:
        """The seal of the accounts' secrets."""
        return self.house.vault

    def read(self, _who: Principal = LOCAL) -> AbstractContextManager[Scope]:
        """Give a unit of work that changes nothing."""
        return self.house.read(self.who)

    def write(self, _who: Principal = LOCAL) -> AbstractContextManager[Scope]:
        """Give a unit of work that is committed at the end."""
        return self.house.write(self.who)

    def read_instance(self, _who: Principal = LOCAL) -> AbstractContextManager[InstanceScope]:
        """Give a unit of work beyond any organization that changes nothing."""
        return self.house.read_instance(self.who)

    def write_instance(self, _who: Principal = LOCAL) -> AbstractContextManager[InstanceScope]:
        """Give a unit of work beyond any organization, committed at the end."""
        return self.house.write_instance(self.who)

    def credentials(self, account_id: int) -> Credentials:
        """Return an account's secrets."""
        return self.house.credentials(account_id)


def asking(request: HTTPConnection) -> Asking:
    """Return what a request brings along."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return Asking(
        token=token.strip() if scheme.lower() == "bearer" else None,
        cookie=request.cookies.get(SECURE_COOKIE) or request.cookies.get(COOKIE),
        organization=request.headers.get(ORGANIZATION_HEADER),
        origin=request.client.host if request.client else "",
        request_id=secrets.token_hex(8),
    )


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
    return None if found is None else found.who


class Needs:
    """The dependency that gives a desk to whoever has a permission, and to nobody else.

    With no permission, whoever is signed in gets one. `beyond` is for what belongs to no organization.
    """

    def __init__(self, permission: Permission | None, *, beyond: bool = False) -> None:
        self.permission = permission
        self.beyond = beyond

    def __call__(self, request: Request) -> Desk:
        """Return the desk.

        Raises:
            NotSignedIn: It is not known who asks.
            NotAllowed: They may not, or have not said in which organization.
        """
        who = who_asks(request)
        if who is None:
            raise NotSignedIn(
                "It is not known who asks: there is no session or token in force with this request.",
                hint="Sign in at /sign-in, or send Authorization: Bearer with an API token.",
            )
        if not self.beyond and who.organization_id is None:
            raise NotAllowed(
                f"{who.name} is in no organization by that name, or in several.",
                hint=f"Name the organization: the header {ORGANIZATION_HEADER} with its slug. "
                "GET /api/v1/me lists yours.",
            )
        if self.permission is not None:
            who.require(self.permission)
        return Desk(request.app.state.house, who)


async def open_to_all() -> None:
    """Say that everybody may ask this, signed in or not."""


ViewDesk = Annotated[Desk, Depends(Needs(Permission.VIEW))]
WriteDesk = Annotated[Desk, Depends(Needs(Permission.WRITE))]
ReviewDesk = Annotated[Desk, Depends(Needs(Permission.REVIEW))]
AdminDesk = Annotated[Desk, Depends(Needs(Permission.ADMINISTER))]
OperatorDesk = Annotated[Desk, Depends(Needs(Permission.OPERATE, beyond=True))]
MemberDesk = Annotated[Desk, Depends(Needs(None, beyond=True))]
Open = Depends(open_to_all)
