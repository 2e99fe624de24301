"""Workers that are killed, frozen or doubled at any instant, on both databases, while the networks have a bad day."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable

import pytest

from tests.faults.house_scene import Scene

#: Seconds: longer than the send lease, and than deadline and settle time together.
FROZEN = 1.8

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no signal kills or freezes a process there")


class TestKilledWorker:
    def test_leaves_nothing_lost_and_nothing_published_twice(self, scene: Callable[..., Scene]) -> None:
        with scene() as stage:
            dice = random.Random(stage.seed)  # noqa: S311  # when to kill, no secret
            stage.networks.rates(publish=0.2, look=0.15, session=0.1)
            stage.plan(4, within=1.5)
            for _ in range(6):
                worker = stage.worker()
                time.sleep(dice.uniform(0.05, 0.5))
                worker.kill()
            stage.worker()
            stage.settle()
            found = stage.truth.compare()
            assert not found.wrong, stage.said()


class TestFrozenWorker:
    def test_beside_a_second_one_sends_nothing_again_when_it_goes_on(self, scene: Callable[..., Scene]) -> None:
        with scene() as stage:
            dice = random.Random(stage.seed)  # noqa: S311  # when to freeze, no secret
            stage.networks.rates(publish=0.2)
            stage.plan(4)
            frozen = stage.worker()
            time.sleep(dice.uniform(0.1, 0.4))
            frozen.freeze()
            stage.worker()
            time.sleep(FROZEN)
            frozen.thaw()
            stage.settle()
            assert not stage.truth.compare().wrong, stage.said()


class TestTwoSchedulers:
    def test_on_one_database_share_the_work_while_the_networks_are_restarted(self, scene: Callable[..., Scene]) -> None:
        with scene() as stage:
            stage.networks.rates(publish=0.15, look=0.15)
            stage.plan(4, within=1.5)
            workers = [stage.worker(), stage.worker()]
            time.sleep(0.7)
            stage.networks.restart()
            stage.settle()
            assert [worker.stop() for worker in workers] == [0, 0], stage.said()
            assert not stage.truth.compare().wrong, stage.said()


class TestNetworkThatLimits:
    def test_is_never_asked_before_the_time_that_it_named(self, scene: Callable[..., Scene]) -> None:
        with scene() as stage:
            for manner in stage.manners:
                stage.networks.script(manner.name, "publish", None, "limited", "limited_until")
            stage.plan(2)
            worker = stage.worker()
            stage.settle()
            worker.stop()
            assert not stage.truth.compare().wrong, stage.said()
            assert len(stage.truth.entries("limited")) == 2 * len(stage.manners)
            assert not stage.truth.too_early(), stage.said()
