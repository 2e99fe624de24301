"""A network whose hosts keep senders waiting for as long as a test says, and a line that is driven by its own word."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from circuit_hosts import Hosts
from delivery_stage import PROFILE, Stage

from app.db import Database
from app.delivery.options import EngineOptions
from app.models import Account
from app.platforms.base import Connection, Sending
from app.platforms.results import PublishResult
from app.platforms.sandbox.adapter import SandboxAdapter

DEAD_HOST = "https://dead.example"
#: How long anything in another thread may take, in seconds; only a failing test waits for so long.
PATIENCE = 10.0


class Network(SandboxAdapter):
    """A network of many hosts; `hang` keeps back what goes to one of them until `let_go`."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(PROFILE, stage.feed, stage.clock)
        self.begun: Counter[str | None] = Counter()
        self._hanging: dict[str, threading.Event] = {}
        self._changed = threading.Condition()

    def hang(self, host: str) -> None:
        self._hanging[host] = threading.Event()

    def let_go(self, host: str | None = None) -> None:
        for name, event in self._hanging.items():
            if host in {None, name}:
                event.set()

    def publish_part(self, sending: Sending, connection: Connection, *, deadline: float) -> PublishResult:
        host = connection.server
        with self._changed:
            self.begun[host] += 1
            self._changed.notify_all()
        if (event := self._hanging.get(host or "")) is not None:
            assert event.wait(PATIENCE), "nobody let it go"
        return super().publish_part(sending, connection, deadline=deadline)

    def wait_for(self, host: str, count: int) -> bool:
        """Wait until so many calls to a host have begun."""
        with self._changed:
            return self._changed.wait_for(lambda: self.begun[host] >= count, PATIENCE)


class Busy(Hosts):
    """A stage with threads. It ticks only when the engine asks for it, as if the scheduler never woke by itself."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self.network = Network(stage)
        stage.adapters.network = self.network
        self.asked = threading.Event()
        stage.engine.notify_free(self.asked.set)

    def due(self, account: Account, text: str = "Help is there. 1-888-373-7888", *, in_minutes: float = 0) -> int:
        return self.stage.delivery(self.stage.post(self.campaign, text, f"p{time.monotonic_ns()}"), account,
                                   in_minutes=in_minutes)  # fmt: skip

    def goes_on_until(self, holds: Callable[[], bool]) -> bool:
        """Tick whenever the engine asks for it, until `holds`; False where that never comes."""
        end = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > end:
                return False
            if self.asked.wait(0.02):
                self.asked.clear()
                self.stage.engine.tick()
        return True

    def is_published(self, *deliveries: int) -> Callable[[], bool]:
        return lambda: all(self.stage.get(delivery).state == "published" for delivery in deliveries)


@contextmanager
def busy(database: Database, workers: int, **options: object) -> Iterator[Busy]:
    stage = Stage(database, options=EngineOptions(workers=workers, **({"read_backs_budget": 0} | options)))  # type: ignore[arg-type]
    one = Busy(stage)
    try:
        yield one
    finally:
        one.network.let_go()
        stage.engine.close()
