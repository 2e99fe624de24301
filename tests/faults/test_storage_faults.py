"""A database that is locked, full, read-only or cut off while posts go out."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable

import pytest

from tests.faults.house_process import NO_DATABASE
from tests.faults.house_scene import Scene
from tests.faults.processes import Worker
from tests.faults.storage import Storage


@pytest.fixture
def dice() -> random.Random:
    return random.Random(20270111)  # noqa: S311  # when to break it, no secret


class TestLockedDatabase:
    def test_for_longer_than_all_leases_loses_and_doubles_nothing(self, scene: Callable[..., Scene]) -> None:
        with scene() as stage:
            stage.plan(4, within=1.2)
            worker = stage.worker()
            time.sleep(0.4)
            Storage(stage.url).hold_lock(1.8)
            stage.settle()
            assert worker.stop() == 0, stage.said()
            assert not stage.truth.compare().wrong, stage.said()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux changes another process's limits")
# PostgreSQL's disk is its server's.
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
class TestFullDisk:
    def test_loses_and_doubles_nothing(self, scene: Callable[..., Scene], dice: random.Random) -> None:
        with scene() as stage:
            stage.plan(4, within=1.5)
            worker = stage.worker()
            stage.await_accepted(1)
            for _ in range(4):
                time.sleep(dice.uniform(0.1, 0.4))
                worker.fill_disk(0)
                time.sleep(dice.uniform(0.1, 0.6))
                worker.free_disk()
            stage.settle()
            assert worker.stop() == 0, stage.said()
            assert not stage.truth.compare().wrong, stage.said()

    def test_leaves_nobody_in_doubt_about_what_was_under_way(self, scene: Callable[..., Scene]) -> None:
        with scene() as stage:
            worker = _sending_everywhere(stage)
            worker.fill_disk(0)
            time.sleep(0.9)
            worker.free_disk()
            _is_published_everywhere(stage, worker)


# SQLite has no server.
@pytest.mark.parametrize("database", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
class TestServerOfTheDatabase:
    def test_whose_processes_are_ended_at_random_loses_and_doubles_nothing(
        self, scene: Callable[..., Scene], dice: random.Random
    ) -> None:
        with scene() as stage:
            stage.networks.rates(publish=0.1)
            stage.plan(4, within=1.5)
            workers = [stage.worker(), stage.worker()]
            for _ in range(12):
                time.sleep(dice.uniform(0.05, 0.25))
                Storage(stage.url).break_connections(dice, share=0.5)
            # One whose database went away while it began has ended by itself, and said so.
            assert {worker.stop() for worker in workers} <= {0, NO_DATABASE}, stage.said()
            stage.worker()
            stage.settle()
            assert not stage.truth.compare().wrong, stage.said()

    def test_that_takes_no_writes_for_a_while_leaves_nobody_in_doubt(
        self, scene: Callable[..., Scene], dice: random.Random
    ) -> None:
        with scene() as stage:
            worker = _sending_everywhere(stage)
            with Storage(stage.url).read_only(dice):
                time.sleep(0.6)
            _is_published_everywhere(stage, worker)

    def test_that_is_gone_for_a_moment_leaves_nobody_in_doubt(
        self, scene: Callable[..., Scene], dice: random.Random
    ) -> None:
        with scene() as stage:
            worker = _sending_everywhere(stage)
            Storage(stage.url).break_connections(dice)
            _is_published_everywhere(stage, worker)


def _sending_everywhere(stage: Scene) -> Worker:
    """Return when a worker waits for slow answers of all networks."""
    for manner in stage.manners:
        stage.networks.script(manner.name, "publish", "slow")
    stage.plan(1)
    worker = stage.worker(threads=8, patient=True)
    stage.await_accepted(len(stage.manners))
    return worker


def _is_published_everywhere(stage: Scene, worker: Worker) -> None:
    """What the networks answered is known, even of those that could not be asked again."""
    stage.settle()
    assert worker.stop() == 0, stage.said()
    found = stage.truth.compare()
    assert not found.wrong, stage.said()
    assert found.states == {"published": len(stage.manners)}, stage.said()
