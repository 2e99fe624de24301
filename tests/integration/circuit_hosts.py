"""Accounts on servers, for tests of circuits: what their attempts came to, and what the circuits made of it."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from datetime import timedelta

from delivery_stage import START, Stage
from sqlalchemy import select

from app.delivery.circuit import Circuits
from app.delivery.options import EngineOptions
from app.models import Account, Circuit
from app.platforms.results import Published, PublishResult, RemoteRef, Retryable, Unknown

HOST = "https://social.example"
OPTIONS = EngineOptions()
DEAD = Retryable("connect_timeout", "social.example: no connection in time")
LOST = Unknown("read_timeout", "social.example: no complete answer in time")
OUT = Published(RemoteRef("1"))
LIMITED = Retryable("rate_limited", "Too many requests", START + timedelta(minutes=5))


class Hosts:
    """Accounts on servers, and what their attempts came to."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.campaign = stage.campaign()
        self.dice = random.Random(3)  # noqa: S311  # jitter that a test can repeat

    def add(self, slug: str, server: str | None = HOST, *, platform: str = "mastodon", **values: object) -> Account:
        account = self.stage.account(self.campaign, slug, **({"via": "network", "server": server} | values))
        with self.stage.database.write() as session:
            session.merge(account).platform = platform
        account.platform = platform
        return account

    def note(self, *notes: tuple[Account, PublishResult]) -> None:
        now = self.stage.clock.now()
        with self.stage.database.write() as session:
            circuits = Circuits(session, OPTIONS, self.dice)
            for account, result in notes:
                circuits.note(session.get_one(Account, account.id, with_for_update=True), result, now)
            circuits.save()

    def admit(self, account: Account) -> bool:
        with self.stage.database.write() as session:
            circuits = Circuits(session, OPTIONS, self.dice)
            return circuits.admit(session.get_one(Account, account.id), self.stage.clock.now())

    def row(self, name: str = HOST) -> Circuit | None:
        with self.stage.database.read() as session:
            return session.scalars(select(Circuit).where(Circuit.host == name)).first()

    def until(self, name: str = HOST) -> timedelta | None:
        row = self.row(name)
        return None if row is None or row.open_until is None else row.open_until - self.stage.clock.now()

    def account(self, account: Account) -> Account:
        with self.stage.database.read() as session:
            return session.get_one(Account, account.id)

    def pass_(self, wait: timedelta | None) -> None:
        assert wait is not None
        self.stage.clock.advance(wait)


def run_all(jobs: list[Callable[[], None]]) -> None:
    """Run jobs at once, each in a thread; what one raises, the test raises."""
    errors: list[Exception] = []

    def run(job: Callable[[], None]) -> None:
        try:
            job()
        except Exception as error:  # noqa: BLE001  # whatever it is, the test shows it
            errors.append(error)

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert errors == []
