"""Webhooks put together: what the house does again and again, and what the use cases ask of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from app.clock import Clock
from app.db import Database
from app.platforms.http import Outbound
from app.platforms.vault import Vault
from app.services.chores import Chore
from app.services.signed_posts import SignedPosts
from app.services.webhooks.log import forget_old
from app.services.webhooks.news import Newsroom
from app.services.webhooks.sending import Sender

_EVERY = timedelta(seconds=5)
_TIDIED_EVERY = timedelta(hours=1)


class WebhooksOut:
    """Writes news down for the webhooks, sends it, and forgets it after a while. Each may run in several processes."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        outbound: Outbound,
        vault: Callable[[], Vault],
        allow_private: bool,
        threads: int = 8,
    ) -> None:
        self.allow_private = allow_private
        self.newsroom = Newsroom(database, clock)
        self.sender = Sender(database, clock, SignedPosts(outbound, clock), vault, threads=threads)
        self._database = database
        self._clock = clock

    def chores(self) -> tuple[Chore, ...]:
        """Return what the scheduler's process runs; sending by itself, for a receiver may keep it waiting."""
        return (
            Chore("webhook_news", _EVERY, self._write),
            Chore("webhook_messages", _EVERY, self._send),
            Chore("webhook_log", _TIDIED_EVERY, self._forget),
        )

    def _write(self) -> None:
        self.newsroom.run()

    def _send(self) -> None:
        self.sender.run()

    def _forget(self) -> None:
        forget_old(self._database, self._clock)
