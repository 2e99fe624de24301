from __future__ import annotations

import random
import signal
import sys
import time

import pytest
from fault_scene import Scene

from app.db import Database

FROZEN = 1.8  # seconds: longer than the send lease, and than deadline and settle time together

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no signal freezes a process there")


class TestFrozenWorker:
    def test_beside_a_second_one_sends_nothing_again_when_it_goes_on(self, database: Database) -> None:
        with Scene(database, posts=6, accounts=4) as scene:
            frozen = scene.worker(slowest=0.15)
            time.sleep(random.uniform(0.05, 0.5))  # noqa: S311  # when to freeze, no secret
            frozen.send_signal(signal.SIGSTOP)
            beside = scene.worker()
            time.sleep(FROZEN)
            frozen.send_signal(signal.SIGCONT)
            scene.finish(frozen, beside)
            scene.is_whole()


class TestTwoWorkers:
    def test_on_one_database_share_the_work_and_send_nothing_twice(self, database: Database) -> None:
        with Scene(database, posts=8, accounts=5) as scene:
            scene.finish(scene.worker(), scene.worker())
            scene.is_whole()
