"""Who may ask what: every route takes a `Desk`, which is the house as far as the one who asks may use it.

A route says by its type what it takes: `ViewDesk`, `WriteDesk`, `ReviewDesk`, `AdminDesk`, `OperatorDesk`; `MemberDesk`
for whoever is signed in, in an organization or not. What everybody may ask says so too (`open_to_all`). A route that
says nothing fails the test that walks them all.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Annotated

from fastapi import Depends, Request

from app.clock import Clock
from app.db import Database
from app.delivery.deps import Deps
from app.errors import NotAllowed, NotSignedIn
from app.identity.openid import OpenId
from app.identity.permissions import Permission
from app.identity.principal import LOCAL, Principal
from app.platforms.base import Credentials
from app.platforms.registry import Platforms
from app.platforms.vault import Vault
from app.services.alerting.alerting import Alerting
from app.services.bounded import Bounded
from app.services.health import Health
from app.services.house import House
from app.services.letters import Errands, Letters
from app.services.rates import Rates
from app.services.refusals import note_refusal
from app.services.scope import InstanceScope, Scope
from app.services.webhooks.webhooks import WebhooksOut
from app.settings import Settings
from app.web.asking import ORGANIZATION_HEADER, Demand, asking, open_to_all, who_asks
from app.web.cookies import COOKIE, SECURE_COOKIE

__all__ = [
    "COOKIE",
    "ORGANIZATION_HEADER",
    "SECURE_COOKIE",
    "AdminDesk",
    "Desk",
    "MemberDesk",
    "Needs",
    "Open",
    "OperatorDesk",
    "ReviewDesk",
    "ViewDesk",
    "WriteDesk",
    "asking",
    "open_to_all",
    "who_asks",
]


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
    def letters(self) -> Letters:
        """Letters to single people."""
        return self.house.letters

    @property
    def errands(self) -> Errands:
        """What nobody is to wait for."""
        return self.house.errands

    @property
    def webhooks(self) -> WebhooksOut:
        """What tells other systems of what happens."""
        return self.house.webhooks

    @property
    def openid(self) -> OpenId | None:
        """The OpenID Connect provider that people may sign in with, where one is set up."""
        return self.house.openid

    @property
    def rates(self) -> Rates:
        """How often somebody may ask."""
        return self.house.rates

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


class Needs(Demand):
    """The dependency that gives a desk to whoever has a permission, and to nobody else.

    With no permission, whoever is signed in gets one. `beyond` is for what belongs to no organization.
    """

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
        house: House = request.app.state.house
        if self.permission is not None and not who.may(self.permission):
            note_refusal(house, who, self.permission, f"{request.method} {request.scope['route'].path}")
            who.require(self.permission)
        return Desk(house, who)


ViewDesk = Annotated[Desk, Depends(Needs(Permission.VIEW))]
WriteDesk = Annotated[Desk, Depends(Needs(Permission.WRITE))]
ReviewDesk = Annotated[Desk, Depends(Needs(Permission.REVIEW))]
AdminDesk = Annotated[Desk, Depends(Needs(Permission.ADMINISTER))]
OperatorDesk = Annotated[Desk, Depends(Needs(Permission.OPERATE, beyond=True))]
MemberDesk = Annotated[Desk, Depends(Needs(None, beyond=True))]
Open = Depends(open_to_all)
