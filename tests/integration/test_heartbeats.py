"""Heartbeats: true to the ticks that they come from, on both databases."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
import structlog
from delivery_stage import START, Stage
from sqlalchemy import Connection, event, select

from app.clock import SystemClock, VirtualClock
from app.db import Database
from app.delivery.engine import Engine, TickSummary
from app.errors import StorageUnavailable
from app.models import Heartbeat
from app.services.heartbeats import BEAT_FAILED, CLOCK, TICK_FAILED, Pulse, Trouble, freshness
from app.workers.scheduler import Ticker

LONG = timedelta(seconds=30)


@pytest.fixture(autouse=True)
def _quiet_logs() -> Iterator[None]:
    """What tests provoke need not be printed; structlog's own default would draw every frame of it."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


def rows(database: Database) -> list[Heartbeat]:
    with database.read() as session:
        return list(session.scalars(select(Heartbeat).order_by(Heartbeat.id)))


def pulse_of(database: Database, clock: VirtualClock) -> Pulse:
    return Pulse(database, clock, longest_sleep=LONG)


class TestBeat:
    def test_is_one_row_for_each_scheduler(self, stage: Stage) -> None:
        one, other = (pulse_of(stage.database, cast("VirtualClock", stage.clock)) for _ in range(2))
        one.beat(START + timedelta(minutes=3), None)
        other.beat(None, Trouble(CLOCK, "The clock was set."))
        first, second = rows(stage.database)
        assert (first.scheduler, second.scheduler) == (one.scheduler, other.scheduler)
        assert (first.started_at, first.beat_at, first.trouble_code) == (START, START, None)
        assert first.next_due_at == START + timedelta(minutes=3)
        assert (second.trouble_code, second.trouble) == (CLOCK, "The clock was set.")

    def test_is_written_every_few_seconds_at_most_and_wanted_again_in_time(self, stage: Stage) -> None:
        clock = cast("VirtualClock", stage.clock)
        pulse = pulse_of(stage.database, clock)
        assert pulse.beat(None, None) == LONG
        clock.advance(timedelta(seconds=4))
        assert pulse.beat(None, None) == timedelta(seconds=26)
        assert rows(stage.database)[0].beat_at == START
        clock.advance(timedelta(seconds=1))
        assert pulse.beat(None, None) == LONG
        assert rows(stage.database)[0].beat_at == START + timedelta(seconds=5)

    def test_is_written_at_once_when_its_trouble_changes(self, stage: Stage) -> None:
        pulse = pulse_of(stage.database, cast("VirtualClock", stage.clock))
        pulse.beat(None, None)
        pulse.beat(None, Trouble(TICK_FAILED, "It failed."))
        assert rows(stage.database)[0].trouble_code == TICK_FAILED
        pulse.beat(None, None)
        assert rows(stage.database)[0].trouble_code is None

    def test_forgets_schedulers_that_were_silent_for_a_day(self, stage: Stage) -> None:
        clock = cast("VirtualClock", stage.clock)
        former, present = (pulse_of(stage.database, clock) for _ in range(2))
        former.beat(None, None)
        clock.advance(timedelta(hours=23))
        present.beat(None, None)
        assert len(rows(stage.database)) == 2
        clock.advance(timedelta(hours=2))
        present.beat(None, None)
        assert [row.scheduler for row in rows(stage.database)] == [present.scheduler]
        former.beat(None, None)
        assert {row.started_at for row in rows(stage.database)} == {START, START + timedelta(hours=23)}

    def test_ends_with_a_clean_stop(self, stage: Stage) -> None:
        pulse = pulse_of(stage.database, cast("VirtualClock", stage.clock))
        pulse.stop()
        pulse.beat(None, None)
        pulse.stop()
        assert rows(stage.database) == []

    def test_grows_old_after_two_sleeps_and_ten_seconds(self) -> None:
        assert freshness(LONG) == timedelta(seconds=70)

    def test_is_told_by_the_databases_clock_where_that_decides(self, database: Database) -> None:
        class Ahead(SystemClock):
            def now(self):
                return super().now() + timedelta(hours=3)

        Pulse(database, Ahead(), longest_sleep=LONG).beat(None, None)
        off = rows(database)[0].beat_at - SystemClock().now()
        expected = timedelta(hours=3) if database.is_sqlite else timedelta(0)
        assert abs(off - expected) < timedelta(minutes=1)


class Ticked:
    """An engine that does in each tick what a test says."""

    def __init__(self) -> None:
        self.ticks = 0
        self.in_tick: Callable[[], None] = lambda: None
        self.refused: str | None = None

    def tick(self) -> TickSummary:
        self.ticks += 1
        self.in_tick()
        return TickSummary(refused=self.refused)

    def next_due(self) -> None:
        return None


def wait_until(done: Callable[[], bool], within: float = 5.0) -> None:
    deadline = time.monotonic() + within
    while not done():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.01)


class TestTicker:
    @pytest.fixture
    def engine(self) -> Ticked:
        return Ticked()

    @pytest.fixture
    def ticker(self, database: Database, engine: Ticked) -> Iterator[Ticker]:
        longest = timedelta(seconds=0.2)
        pulse = Pulse(database, SystemClock(), longest_sleep=longest)
        ticker = Ticker(cast("Engine", engine), SystemClock(), longest_sleep=longest, pulse=pulse)
        yield ticker
        engine.in_tick = lambda: None
        ticker.stop()

    def test_beats_as_it_ticks_and_takes_its_row_away(self, database: Database, ticker: Ticker, engine: Ticked) -> None:
        ticker.start()
        wait_until(lambda: len(rows(database)) == 1)
        first = rows(database)[0].beat_at
        wait_until(lambda: rows(database)[0].beat_at > first)
        assert ticker.trouble() is None
        ticker.stop()
        assert rows(database) == []

    def test_that_hangs_in_a_tick_does_not_beat(self, database: Database, ticker: Ticker, engine: Ticked) -> None:
        go_on, hanging = threading.Event(), threading.Event()

        def hang() -> None:
            hanging.set()
            go_on.wait(10)

        ticker.start()
        wait_until(lambda: len(rows(database)) == 1)
        engine.in_tick = hang
        assert hanging.wait(5)
        last = rows(database)[0].beat_at
        time.sleep(0.6)
        assert rows(database)[0].beat_at == last
        go_on.set()
        wait_until(lambda: rows(database)[0].beat_at > last)

    def test_says_in_its_row_why_it_claims_nothing(self, database: Database, ticker: Ticker, engine: Ticked) -> None:
        engine.refused = "The clock was set back by 2 hours."
        ticker.start()
        wait_until(lambda: bool(rows(database)))
        assert (rows(database)[0].trouble_code, rows(database)[0].trouble) == (CLOCK, engine.refused)
        assert ticker.trouble() == Trouble(CLOCK, engine.refused)

    def test_says_in_its_row_that_ticks_fail(self, database: Database, ticker: Ticker, engine: Ticked) -> None:
        def fail() -> None:
            raise RuntimeError("the tables are gone")

        engine.in_tick = fail
        ticker.start()
        wait_until(lambda: bool(rows(database)))
        assert rows(database)[0].trouble_code == TICK_FAILED
        engine.in_tick = lambda: None
        wait_until(lambda: rows(database)[0].trouble_code is None)


class TestDatabaseThatCannotBeWritten:
    def test_is_a_trouble_although_ticks_only_read(self, tmp_path: Path, migrated_sqlite: bytes) -> None:
        path = tmp_path / "focusweek.sqlite3"
        path.write_bytes(migrated_sqlite)
        database = Database(f"sqlite:///{path}", durable=False)
        engine, longest = Ticked(), timedelta(seconds=0.1)
        pulse = Pulse(database, SystemClock(), longest_sleep=longest)
        ticker = Ticker(cast("Engine", engine), SystemClock(), longest_sleep=longest, pulse=pulse)

        @event.listens_for(database.engine, "begin")
        def read_only(connection: Connection) -> None:
            connection.exec_driver_sql("PRAGMA query_only = ON")

        ticker.start()
        try:
            wait_until(lambda: ticker.trouble() is not None and engine.ticks > 2)
            trouble = ticker.trouble()
            assert trouble is not None
            assert trouble.code == BEAT_FAILED
            assert "readonly" in trouble.message
        finally:
            ticker.stop()
            with pytest.raises(StorageUnavailable):
                pulse.beat(None, None)
            database.dispose()
