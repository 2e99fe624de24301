"""Alerts put together: what the house does again and again, and what the use cases ask of it."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import timedelta

from app.clock import Clock
from app.db import Database
from app.delivery.deps import Composer
from app.platforms.http import Outbound
from app.platforms.vault import Vault
from app.services.alerting.digests import Digests
from app.services.alerting.links import Links
from app.services.alerting.mail import MailServer
from app.services.alerting.outbox import Outbox
from app.services.alerting.rounds import Rounds
from app.services.alerting.senders import Senders
from app.services.alerting.webhook import Webhooks
from app.services.chores import Chore
from app.settings import Settings

_EVERY = timedelta(seconds=30)


class Alerting:
    """Finds what is wrong, writes digests of it and sends them. Each of the three may run in several processes."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        composer: Composer,
        outbound: Outbound,
        settings: Settings,
        vault: Callable[[], Vault],
        mail_tls: ssl.SSLContext | None = None,
    ) -> None:
        self.links = Links(settings.public_url)
        self.allow_private = settings.allow_private_targets
        self.senders = Senders(MailServer.from_settings(settings, mail_tls), Webhooks(outbound, clock), vault)
        self._rounds = Rounds(database, clock, composer)
        self._digests = Digests(database, clock, self.links)
        self._outbox = Outbox(database, clock, self.senders)

    def derive(self) -> None:
        """Open and close alerts, then write what the channels are to be told."""
        self._rounds.run()
        self._digests.write()

    def send(self) -> None:
        """Send what was written."""
        self._outbox.run()

    def chores(self) -> tuple[Chore, ...]:
        """Return what the scheduler's process runs; sending by itself, for a mail server may keep it waiting."""
        return (Chore("alerts", _EVERY, self.derive), Chore("alert_messages", _EVERY, self.send))
