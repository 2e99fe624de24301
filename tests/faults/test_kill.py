from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from delivery_stage import Stage

from app.clock import SystemClock
from app.db import Database
from app.migrate import upgrade_database
from app.services.sandbox_feed import DatabaseFeed

WORKER = Path(__file__).with_name("kill_worker.py")
KILLS = 6
THREAD = "One of {i}. 1-888-373-7888\n---\nTwo of {i}.\n---\nThree of {i}."


def start(path: Path) -> subprocess.Popen[str]:
    command = [sys.executable, str(WORKER), str(path)]
    worker = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603  # our own script
    assert worker.stdout is not None
    assert worker.stdout.readline() == "ready\n"
    return worker


class TestKilledWorker:
    def test_leaves_nothing_lost_and_nothing_published_twice(self, tmp_path: Path) -> None:
        path = tmp_path / "focusweek.sqlite3"
        database = Database(f"sqlite:///{path}")
        upgrade_database(database)
        stage = Stage(database, clock=SystemClock(), feed=DatabaseFeed(database))
        campaign = stage.campaign()
        accounts = [stage.account(campaign, f"a{i}") for i in range(3)]
        texts = [THREAD.format(i=i) if i % 3 == 0 else f"Post {i}. 1-888-373-7888" for i in range(12)]
        posts = [stage.post(campaign, text) for text in texts]
        for post in posts:
            for account in accounts:
                stage.delivery(post, account, in_minutes=0)

        dice = random.Random()  # noqa: S311  # when to kill, no secret
        for _ in range(KILLS):
            worker = start(path)
            time.sleep(dice.uniform(0.0, 0.35))
            worker.kill()
            worker.communicate()
        killed_with = Counter(stage.states())
        worker = start(path)
        try:
            worker.communicate(timeout=60)
        finally:
            worker.kill()

        assert worker.returncode == 0, Counter(stage.states())
        assert Counter(stage.states()) == {"published": len(texts) * len(accounts)}, killed_with
        expected = Counter(part for text in texts for part in text.split("\n---\n"))
        seen = Counter((post.account, post.text) for post in stage.feed.list(limit=10_000))
        assert seen == Counter({(f"{a.organization_id}/{a.slug}", text): 1 for a in accounts for text in expected})
        database.dispose()
