from __future__ import annotations

import random
import time
from pathlib import Path

from fault_scene import Scene

from app.db import Database
from app.migrate import upgrade_database

KILLS = 6


class TestKilledWorker:
    def test_leaves_nothing_lost_and_nothing_published_twice(self, tmp_path: Path) -> None:
        database = Database(f"sqlite:///{tmp_path / 'focusweek.sqlite3'}")
        upgrade_database(database)
        dice = random.Random()  # noqa: S311  # when to kill, no secret
        with Scene(database, posts=12, accounts=3) as scene:
            for _ in range(KILLS):
                worker = scene.worker()
                time.sleep(dice.uniform(0.0, 0.35))
                worker.kill()
                worker.communicate()
            scene.finish(scene.worker())
            scene.is_whole()
        database.dispose()
