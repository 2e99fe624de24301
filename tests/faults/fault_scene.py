"""What the fault tests share: a campaign with threads and posts on several accounts, workers, and what must hold."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Self

from delivery_stage import Stage
from sqlalchemy import select

from app.clock import SystemClock
from app.db import Database
from app.models import Attempt
from app.services.sandbox_feed import DatabaseFeed

WORKER = Path(__file__).with_name("worker.py")
THREAD = "One of {i}. 1-888-373-7888\n---\nTwo of {i}.\n---\nThree of {i}."


class Scene:
    """Posts on accounts, all due at once. As a context it leaves no worker behind."""

    def __init__(self, database: Database, *, posts: int, accounts: int) -> None:
        self.stage = Stage(database, clock=SystemClock(), feed=DatabaseFeed(database))
        # The whole address, password included, which is a test server's.
        self._url = database.engine.url.render_as_string(hide_password=False)
        self._workers: list[subprocess.Popen[str]] = []
        campaign = self.stage.campaign()
        self._accounts = [self.stage.account(campaign, f"a{i}") for i in range(accounts)]
        self._texts = [THREAD.format(i=i) if i % 3 == 0 else f"Post {i}. 1-888-373-7888" for i in range(posts)]
        for post in [self.stage.post(campaign, text) for text in self._texts]:
            for account in self._accounts:
                self.stage.delivery(post, account, in_minutes=0)

    def worker(self, slowest: float = 0.02) -> subprocess.Popen[str]:
        """Start a worker process and wait until it is about to begin."""
        command = [sys.executable, str(WORKER), self._url, str(slowest)]
        worker = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603  # our own script
        self._workers.append(worker)
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
        return worker

    def finish(self, *workers: subprocess.Popen[str]) -> None:
        """Wait until the workers find nothing left to do."""
        for worker in workers:
            worker.communicate(timeout=60)
        assert [worker.returncode for worker in workers] == [0] * len(workers), Counter(self.stage.states())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        for worker in self._workers:
            worker.kill()
            worker.wait()
            if worker.stdout is not None:
                worker.stdout.close()

    def is_whole(self) -> None:
        """Everything is published; the feed holds every part once on every account, each after the one it follows."""
        assert Counter(self.stage.states()) == {"published": len(self._texts) * len(self._accounts)}
        expected = Counter(part for text in self._texts for part in text.split("\n---\n"))
        posts = list(self.stage.feed.list(limit=10_000))
        seen = Counter((post.account, post.text) for post in posts)
        names = [f"{account.organization_id}/{account.slug}" for account in self._accounts]
        assert seen == Counter({(name, text): 1 for name in names for text in expected})
        text_of = {post.id: post.text for post in posts}
        parents = {(post.text, text_of[post.parent_id]) for post in posts if post.parent_id is not None}
        assert all((f"Two of {i}.", f"One of {i}. 1-888-373-7888") in parents for i in range(0, len(self._texts), 3))
        with self.stage.database.read() as session:
            assert set(session.scalars(select(Attempt.outcome))) <= {"published", "not_sent", "retryable"}
