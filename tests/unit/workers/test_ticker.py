from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import cast

import pytest
import structlog

from app.clock import SystemClock
from app.delivery.engine import Engine, TickSummary
from app.services.chores import Chore
from app.workers.scheduler import Ticker

LONG = timedelta(seconds=30)


class Ticked:
    """An engine that counts its ticks, and does in each what a test says."""

    def __init__(self) -> None:
        self.ticks: list[float] = []
        self.due: datetime | None = None
        self.in_tick: Callable[[], None] = lambda: None
        self.in_next_due: Callable[[], None] = lambda: None
        self._changed = threading.Condition()

    def tick(self) -> TickSummary:
        with self._changed:
            self.ticks.append(time.monotonic())
            self._changed.notify_all()
        self.in_tick()
        return TickSummary()

    def next_due(self) -> datetime | None:
        self.in_next_due()
        return self.due

    def wait_for(self, ticks: int, within: float = 5.0) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.ticks) >= ticks, within), self.ticks


class WakingClock(SystemClock):
    """A clock during whose reading something changes, once it is armed."""

    def __init__(self) -> None:
        self.armed = False
        self.wake: Callable[[], None] = lambda: None

    def now(self) -> datetime:
        if self.armed:
            self.armed = False
            self.wake()
        return super().now()


class SetClock(SystemClock):
    """A wall clock that is ahead of the machine's, as the machine's is behind after it was set back."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.ahead


class FullDisk(io.StringIO):
    def write(self, _line: str) -> int:
        raise OSError(28, "No space left on device")


@pytest.fixture
def engine() -> Ticked:
    return Ticked()


@pytest.fixture
def ticker(engine: Ticked) -> Iterator[Ticker]:
    ticker = Ticker(cast("Engine", engine), SystemClock(), longest_sleep=LONG)
    yield ticker
    ticker.stop()


class TestTicker:
    def test_ticks_at_once_and_then_when_something_is_due(self, ticker: Ticker, engine: Ticked) -> None:
        engine.due = SystemClock().now() + timedelta(seconds=0.3)
        ticker.start()
        engine.wait_for(2)
        assert 0.1 < engine.ticks[1] - engine.ticks[0] < 1

    def test_sleeps_when_nothing_is_due(self, ticker: Ticker, engine: Ticked) -> None:
        ticker.start()
        engine.wait_for(1)
        time.sleep(0.3)
        assert len(engine.ticks) == 1

    def test_is_woken_out_of_its_sleep(self, ticker: Ticker, engine: Ticked) -> None:
        ticker.start()
        engine.wait_for(1)
        time.sleep(0.1)
        ticker.wake()
        engine.wait_for(2, within=2)

    @pytest.mark.parametrize("moment", ["in_tick", "in_next_due"])
    def test_woken_while_it_ticks_ticks_again(self, ticker: Ticker, engine: Ticked, moment: str) -> None:
        def wake_once() -> None:
            setattr(engine, moment, lambda: None)
            ticker.wake()

        setattr(engine, moment, wake_once)
        ticker.start()
        engine.wait_for(2, within=2)

    def test_woken_while_it_reckons_how_long_to_sleep_is_not_put_to_sleep(self, engine: Ticked) -> None:
        clock = WakingClock()
        ticker = Ticker(cast("Engine", engine), clock, longest_sleep=LONG)
        clock.armed = False
        clock.wake = ticker.wake
        engine.in_next_due = lambda: setattr(clock, "armed", len(engine.ticks) == 1)
        ticker.start()
        try:
            engine.wait_for(2, within=2)
        finally:
            ticker.stop()

    def test_goes_on_ticking_after_the_wall_clock_was_set_back(self, engine: Ticked) -> None:
        clock = SetClock()
        rounds: list[float] = []
        chore = Chore("count", timedelta(seconds=0.1), lambda: rounds.append(time.monotonic()))
        ticker = Ticker(cast("Engine", engine), clock, longest_sleep=timedelta(seconds=0.2), chores=(chore,))
        # What is planned now lies an hour ahead by the clock that the scheduler sleeps by.
        clock.ahead = timedelta(hours=1)
        ticker.start()
        try:
            engine.wait_for(4)
            assert rounds
        finally:
            ticker.stop()

    def test_does_not_run_in_circles_over_what_stays_due(self, ticker: Ticker, engine: Ticked) -> None:
        engine.due = SystemClock().now() - timedelta(minutes=1)
        ticker.start()
        time.sleep(1.0)
        assert 4 <= len(engine.ticks) <= 9

    def test_tries_again_soon_after_a_tick_that_failed(self, ticker: Ticker, engine: Ticked) -> None:
        def fail_once() -> None:
            engine.in_tick = lambda: None
            raise RuntimeError("the database is locked")

        engine.in_tick = fail_once
        ticker.start()
        engine.wait_for(1)
        engine.wait_for(2, within=3)
        time.sleep(0.1)
        assert ticker.trouble() is None

    def test_goes_on_when_not_even_the_log_takes_what_failed(self, ticker: Ticker, engine: Ticked) -> None:
        def fail_once() -> None:
            engine.in_tick = lambda: None
            raise RuntimeError("the disk is full")

        before = structlog.get_config()
        structlog.configure(logger_factory=structlog.WriteLoggerFactory(file=FullDisk()))
        try:
            engine.in_tick = fail_once
            ticker.start()
            engine.wait_for(2, within=3)
        finally:
            structlog.configure(**before)

    def test_says_that_ticks_fail(self, ticker: Ticker, engine: Ticked) -> None:
        def fail() -> None:
            raise RuntimeError("the database is locked")

        engine.in_tick = fail
        ticker.start()
        engine.wait_for(2)
        assert ticker.trouble() is not None
