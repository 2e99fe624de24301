"""Clocks that somebody sets while posts go out: a clock set forward must not publish the month."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.faults.house_process import shift
from tests.faults.house_scene import Scene
from tests.faults.platform_accounts import Manner

_MANNERS = (Manner("keyed"), Manner("keyless", honours_keys=False), Manner("sky", network="bluesky"))
_HOURS = 3600.0


@pytest.mark.parametrize("hours", [3, -3])
class TestClock:
    def test_set_while_posts_go_out_sends_nothing_early_late_or_twice(
        self, scene: Callable[..., Scene], hours: int
    ) -> None:
        with scene(manners=_MANNERS) as stage:
            clock = stage.directory / "clock"
            shift(clock, 0.0)
            stage.plan(4, within=1.5)
            ahead = stage.plan(2, after=1.5 * _HOURS)
            worker = stage.worker(clock=clock)
            time.sleep(0.7)
            shift(clock, hours * _HOURS)
            time.sleep(1.0)
            assert worker.stop() == 0, stage.said()
            assert not stage.accepted_of(ahead), "what lies ahead went out because a clock was set"
            # Somebody sets it right and starts the service anew.
            shift(clock, 0.0)
            worker = stage.worker(clock=clock)
            stage.settle(but=ahead)
            assert worker.stop() == 0, stage.said()
            assert not stage.accepted_of(ahead)
            assert not stage.truth.compare(ahead=ahead, threads_may_stop=True).wrong, stage.said()
