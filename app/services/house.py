"""What the web and the use cases need of the house that the composition root puts together."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from app.clock import Clock
from app.db import Database
from app.delivery.deps import Deps
from app.identity.openid import OpenId
from app.identity.principal import Principal
from app.platforms.base import Credentials
from app.platforms.registry import Platforms
from app.platforms.vault import Vault
from app.services.alerting.alerting import Alerting
from app.services.bounded import Bounded
from app.services.health import Health
from app.services.letters import Errands, Letters
from app.services.rates import Rates
from app.services.scope import InstanceScope, Scope
from app.services.webhooks.webhooks import WebhooksOut
from app.settings import Settings


class House(Protocol):
    """The house, as far as those who are given it need it."""

    @property
    def settings(self) -> Settings:
        """The operator's settings."""
        ...

    @property
    def clock(self) -> Clock:
        """The clock."""
        ...

    @property
    def database(self) -> Database:
        """The database itself, which knows no organizations."""
        ...

    @property
    def platforms(self) -> Platforms:
        """The networks."""
        ...

    @property
    def alerting(self) -> Alerting:
        """What tells people of alerts."""
        ...

    @property
    def deps(self) -> Deps:
        """What the engine works with."""
        ...

    @property
    def health(self) -> Health:
        """Whether posts go out as they should."""
        ...

    @property
    def scrape(self) -> Bounded[bytes]:
        """The numbers for Prometheus."""
        ...

    @property
    def letters(self) -> Letters:
        """Letters to single people."""
        ...

    @property
    def errands(self) -> Errands:
        """What nobody is to wait for."""
        ...

    @property
    def webhooks(self) -> WebhooksOut:
        """What tells other systems of what happens."""
        ...

    @property
    def openid(self) -> OpenId | None:
        """The OpenID Connect provider that people may sign in with, where one is set up."""
        ...

    @property
    def rates(self) -> Rates:
        """How often somebody may ask."""
        ...

    @property
    def vault(self) -> Vault:
        """The seal of the accounts' secrets."""
        ...

    def read(self, who: Principal = ...) -> AbstractContextManager[Scope]:
        """Give a unit of work that changes nothing."""
        ...

    def write(self, who: Principal = ...) -> AbstractContextManager[Scope]:
        """Give a unit of work that is committed at the end; whoever waits for changes is told."""
        ...

    def read_instance(self, who: Principal = ...) -> AbstractContextManager[InstanceScope]:
        """Give a unit of work beyond any organization that changes nothing."""
        ...

    def write_instance(self, who: Principal = ...) -> AbstractContextManager[InstanceScope]:
        """Give a unit of work beyond any organization, committed at the end."""
        ...

    def credentials(self, account_id: int) -> Credentials:
        """Return an account's secrets."""
        ...
