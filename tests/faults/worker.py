"""A worker process that is meant to be killed or frozen: it runs the engine in real time until nothing is left to do.

Usage: worker.py DATABASE_URL [SLOWEST]. The feed takes its time (up to SLOWEST seconds) before and after it keeps a
post, so that whatever happens to the worker finds it at every step.
"""

from __future__ import annotations

import random
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).resolve().parents[1] / "integration")]

import structlog  # noqa: E402
from delivery_stage import Stage  # noqa: E402

from app.clock import SystemClock  # noqa: E402
from app.db import Database  # noqa: E402
from app.delivery.options import EngineOptions  # noqa: E402
from app.platforms.sandbox.feed import FeedPost  # noqa: E402
from app.services.sandbox_feed import DatabaseFeed  # noqa: E402

OPTIONS = EngineOptions(
    workers=3,
    publish_deadline=timedelta(seconds=1.0),
    dispatch_lease=timedelta(seconds=1.2),
    send_lease=timedelta(seconds=1.2),
    settle=timedelta(seconds=0.05),
    retry_first=timedelta(seconds=0.05),
    # Each kill can cost an attempt, and these tests are not about the budget.
    attempts_budget=1000,
)
_DONE = {"published", "needs_review", "failed", "missed", "cancelled"}


class SlowFeed(DatabaseFeed):
    """A feed that answers slowly."""

    def __init__(self, database: Database, slowest: float) -> None:
        super().__init__(database)
        self._slowest = slowest

    def put(self, **values: object) -> FeedPost:
        time.sleep(random.uniform(0, self._slowest))  # noqa: S311  # no secret
        post = super().put(**values)  # type: ignore[arg-type]
        time.sleep(random.uniform(0, self._slowest))  # noqa: S311  # no secret
        return post


def main(url: str, slowest: float) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    database = Database(url)
    stage = Stage(database, clock=SystemClock(), feed=SlowFeed(database, slowest), options=OPTIONS)
    wake = threading.Event()
    stage.engine.notify_free(wake.set)
    print("ready", flush=True)  # noqa: T201  # the test waits for it
    while not set(stage.states()) <= _DONE:
        stage.engine.tick()
        wake.wait(0.02)
        wake.clear()
    stage.engine.close()


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 0.02)  # the second is optional
