"""The composition root: settings in, a working house out. Web, command line and workers all begin here."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.fernet import Fernet
from prometheus_client import CollectorRegistry
from sqlalchemy.orm import Session

from app.clock import Clock, SystemClock, VirtualClock
from app.db import Base, Database
from app.delivery.credentials import StoredCredentials
from app.delivery.deps import Deps
from app.delivery.engine import Engine
from app.delivery.options import EngineOptions
from app.errors import BadConfiguration
from app.identity.openid import OpenId
from app.identity.permissions import EVERYTHING
from app.identity.principal import LOCAL, Principal
from app.migrate import upgrade
from app.platforms.http import Outbound
from app.platforms.registry import Platforms
from app.platforms.sandbox.feed import MemoryFeed
from app.platforms.vault import Vault
from app.postgres import Reach
from app.records import journal
from app.services.alerting.alerting import Alerting
from app.services.bounded import Bounded
from app.services.chores import Chore
from app.services.composer import CampaignComposer
from app.services.database_metrics import DatabaseMetrics
from app.services.health import Health
from app.services.heartbeats import Pulse
from app.services.idempotency import carried_out, idempotency_keys
from app.services.imports.runs import forgetting
from app.services.letters import Errands, Letters
from app.services.metrics import EngineMetrics, exposition
from app.services.organizations import default_organization, local_organization
from app.services.places import base_url
from app.services.rates import Rates
from app.services.rehearsals import Stage
from app.services.review_reminders import ReviewReminders
from app.services.sandbox_feed import DatabaseFeed
from app.services.scope import InstanceScope, Scope, confine
from app.services.tidying import tidying
from app.services.webhooks.webhooks import WebhooksOut
from app.services.withdrawn_facts import look_again
from app.settings import Settings


class House:
    """Everything that is put together once: database, clock, networks, engine; and the way to a unit of work."""

    def __init__(self, settings: Settings, *, clock: Clock | None = None, options: EngineOptions | None = None) -> None:
        self.settings = settings
        self.clock = clock or SystemClock()
        self.database = Database(settings.url, reach=Reach.from_settings(settings))
        #: Who tells of the changes made here, so that whoever listens in this process knows its own.
        self.origin = uuid.uuid4().hex
        self.feed = DatabaseFeed(self.database)
        outbound = self._outbound = Outbound(self.clock, allow_private=settings.allow_private_targets)
        self.platforms = Platforms(outbound, self.clock, self.feed)
        registry = CollectorRegistry()
        self.deps = Deps(
            database=self.database,
            clock=self.clock,
            platforms=self.platforms,
            composer=CampaignComposer(self.platforms),
            credentials=self.credentials,
            options=options or EngineOptions.from_settings(settings),
            observer=EngineMetrics(registry),
        )
        self.engine = Engine(self.deps)
        self.pulse = Pulse(self.database, self.clock, longest_sleep=settings.longest_sleep)
        self.health = Health(self.deps, settings)
        registry.register(DatabaseMetrics(self.deps, self.health))
        #: The house's numbers for Prometheus, this process's and the database's.
        self.scrape = Bounded(lambda: exposition(registry), name="scrape")
        self.alerting = Alerting(
            database=self.database,
            clock=self.clock,
            composer=self.deps.composer,
            outbound=outbound,
            settings=settings,
            vault=lambda: self.vault,
        )
        #: What tells other systems of what happens.
        self.webhooks = WebhooksOut(
            database=self.database,
            clock=self.clock,
            outbound=outbound,
            vault=lambda: self.vault,
            allow_private=settings.allow_private_targets,
        )
        #: To single people: invitations and the like.
        self.letters = Letters(self.alerting.senders.mail)
        self.errands = Errands()
        self.review_reminders = ReviewReminders(self.database, self.clock, self.letters)
        #: What the scheduler's process does again and again beside its ticks.
        self.chores: tuple[Chore, ...] = (
            *self.alerting.chores(),
            *self.webhooks.chores(),
            *self.review_reminders.chores(),
            tidying(self.database, self.clock),
            forgetting(self.database, self.clock),
            idempotency_keys(self.database, self.clock),
            Chore("withdrawn_facts", timedelta(minutes=5), lambda: look_again(self)),
        )
        self._listeners: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    @cached_property
    def vault(self) -> Vault:
        """The seal of the accounts' secrets; its key is made or read when a secret is first needed."""
        return Vault.from_settings(self.settings)

    @cached_property
    def openid(self) -> OpenId | None:
        """The OpenID Connect provider that people may sign in with, where one is set up."""
        settings = self.settings
        if settings.oidc_issuer is None:
            return None
        return OpenId(
            self._outbound,
            issuer=settings.oidc_issuer,
            client_id=settings.oidc_client_id or "",
            client_secret=settings.oidc_client_secret,
            redirect_uri=f"{base_url(settings)}/sign-in/openid/callback",
            name=settings.oidc_name,
        )

    @cached_property
    def rates(self) -> Rates:
        """How often somebody may ask this process; the command line asks nothing of the kind."""
        settings = self.settings
        return Rates(signed_in=settings.rate_limit_per_minute, by_address=settings.rate_limit_by_address_per_minute)

    def credentials(self, account_id: int) -> StoredCredentials:
        """Return the sealed secrets of an account."""
        return StoredCredentials(self.database, self.vault, account_id, self.clock)

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every committed change; it must return at once."""
        with self._lock:
            self._listeners.append(listener)

    @contextmanager
    def write(self, who: Principal = LOCAL) -> Iterator[Scope]:
        """Give a unit of work in one organization that is committed at the end; whoever waits for changes is told."""
        with self.database.write() as session:
            yield self._scope(session, who)
            carried_out(session)
            self.database.tell(session, self.origin)
        self._tell()

    @contextmanager
    def read(self, who: Principal = LOCAL) -> Iterator[Scope]:
        """Give a unit of work in one organization that changes nothing."""
        with self.database.read() as session:
            yield self._scope(session, who)

    @contextmanager
    def write_instance(self, who: Principal = LOCAL) -> Iterator[InstanceScope]:
        """Give a unit of work beyond any organization, committed at the end: signing in, and the operator's own."""
        with self.database.write() as session:
            journal.acts(session, who, now := self.clock.now())
            yield InstanceScope(session, now, who)
            carried_out(session)
            self.database.tell(session, self.origin)
        self._tell()

    @contextmanager
    def read_instance(self, who: Principal = LOCAL) -> Iterator[InstanceScope]:
        """Give a unit of work beyond any organization that changes nothing."""
        with self.database.read() as session:
            yield InstanceScope(session, self.clock.now(), who)

    def _scope(self, session: Session, who: Principal) -> Scope:
        now = self.clock.now()
        if who.organization_id is None:
            who = replace(who, organization_id=local_organization(session, self.settings.organization, now).id)
        organization_id = who.organization_id
        assert organization_id is not None  # noqa: S101 - set above
        journal.acts(session, who, now)
        confine(session, organization_id)
        return Scope(session, organization_id, now, who)

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()

    def close(self) -> None:
        """Wait for what is being sent, then let go of everything."""
        self.errands.close()
        self.engine.close()
        self.database.dispose()


def open_house(settings: Settings, *, clock: Clock | None = None, options: EngineOptions | None = None) -> House:
    """Bring the database up to date and put the house together; `options` stand in for the settings' own.

    Raises:
        BadConfiguration: A setting, the credentials' key or the database's version does not allow it.
        StorageUnavailable: The database cannot be reached or written.
    """
    _make_data_directory(settings.data_dir)
    upgrade(settings.url, behind_pooler=settings.database_behind_pooler)
    house = House(settings, clock=clock, options=options)
    if settings.credentials_keys is not None and settings.credentials_keys.get_secret_value().strip():
        # Keys that cannot be used are said at the start, not when the first post is due.
        _ = house.vault
    try:
        with house.database.write() as session:
            default_organization(session, house.clock.now())
    except BaseException:
        house.close()
        raise
    return house


def _make_data_directory(directory: Path) -> None:
    hint = "Set FOCUSWEEK_DATA_DIR to a folder that may be written, or leave it unset to use ./data."
    if directory.is_file():
        raise BadConfiguration(f"{directory} is a file; the data needs a folder.", hint=hint)
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise BadConfiguration(f"The data folder {directory} cannot be made: {error.strerror}.", hint=hint) from None


@contextmanager
def rehearsal_stage() -> Iterator[Stage]:
    """Give a stage for one rehearsal: a database, clock and feed of its own, all gone at the end."""
    with TemporaryDirectory(prefix="focusweek-rehearsal-") as directory:
        database = Database(f"sqlite:///{Path(directory) / 'rehearsal.sqlite3'}", durable=False)
        try:
            Base.metadata.create_all(database.engine)
            clock = VirtualClock(datetime(1970, 1, 1, tzinfo=UTC))
            vault = Vault([Fernet.generate_key().decode()])
            platforms = Platforms(Outbound(clock), clock, MemoryFeed())
            engine = Engine(
                Deps(
                    database=database,
                    clock=clock,
                    platforms=platforms,
                    composer=CampaignComposer(platforms, rehearsal=True),
                    credentials=lambda account_id: StoredCredentials(database, vault, account_id, clock),
                    # Nobody else can change a rehearsal's feed, so nothing of it is read back.
                    options=EngineOptions(workers=0, read_backs_budget=0),
                )
            )

            @contextmanager
            def scope() -> Iterator[Scope]:
                with database.write() as session:
                    organization = default_organization(session, clock.now())
                    confine(session, organization.id)
                    who = Principal("rehearsal", EVERYTHING, organization.id)
                    yield Scope(session, organization.id, clock.now(), who)

            try:
                yield Stage(clock, engine, vault, scope)
            finally:
                engine.close()
        finally:
            database.dispose()
