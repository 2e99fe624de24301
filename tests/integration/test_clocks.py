"""What outlives a process: a clock that was set is not trusted by the next one either, until a person says so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from delivery_stage import Stage
from people import person
from set_clock import SetClock

from app.clock import SystemClock
from app.db import Database
from app.errors import Conflict
from app.services.clocks import ClockState, clock_state, confirm_clock
from app.services.heartbeats import CLOCK, Pulse, Trouble
from app.services.scope import Scope

LONG = timedelta(seconds=30)


class Process:
    """A scheduler's process on the stage's database: an engine with a watch and a pulse of its own."""

    def __init__(self, database: Database, clock: SetClock) -> None:
        self.stage = Stage(database, clock=clock)
        self.clock = clock
        self.pulse = Pulse(database, clock, longest_sleep=LONG)

    def tick(self, after: float = 10) -> str | None:
        self.clock.advance(timedelta(seconds=after))
        refused = self.stage.engine.tick().refused
        self.pulse.beat(None, None if refused is None else Trouble(CLOCK, refused))
        return refused

    def state(self) -> ClockState:
        with self.stage.database.read() as session:
            return clock_state(session, self.stage.deps, LONG)

    def confirm(self) -> ClockState:
        with self.stage.database.write() as session:
            return confirm_clock(Scope(session, 1, self.clock.now(), person("staff")), self.stage.deps, LONG)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def process(database: Database, clock: SetClock) -> Iterator[Process]:
    process = Process(database, clock)
    yield process
    process.stage.engine.close()


class TestClockThatWasSet:
    @pytest.mark.parametrize("by", [timedelta(days=27), timedelta(hours=-2)])
    def test_is_said_with_what_to_do_and_confirmed_through_the_database(self, process: Process, by: timedelta) -> None:
        assert process.tick() is None
        assert process.state().refusal is None
        process.clock.set_by = by
        refused = process.tick()
        assert refused is not None
        state = process.state()
        assert (state.refusal, state.by_person, state.refused_at) == (refused, True, process.clock.now())
        assert "focusweek clock confirm" in (state.hint or "")

        assert process.tick() == refused
        assert process.confirm().refusal == refused
        assert process.tick() is None
        after = process.state()
        assert (after.refusal, after.confirmed_by) == (None, "staff")

    def test_is_not_trusted_by_a_restart(self, process: Process, clock: SetClock) -> None:
        process.tick()
        clock.set_by = timedelta(days=27)
        refused = process.tick()
        process.pulse.stop()
        following = Process(process.stage.database, clock)
        assert following.tick() == refused
        following.confirm()
        assert following.tick() is None
        assert Process(process.stage.database, clock).tick() is None

    def test_back_while_no_process_ran_is_noticed_by_the_next(self, process: Process, clock: SetClock) -> None:
        process.tick()
        process.pulse.stop()
        clock.set_by = timedelta(hours=-1)
        following = Process(process.stage.database, clock)
        refused = following.tick()
        assert refused == "The clock stands 59 minutes before the last tick."
        # Its beats do not wipe out what they are measured by.
        assert Process(process.stage.database, clock).tick() is not None
        following.confirm()
        assert following.tick() is None

    def test_back_can_be_confirmed_before_anything_is_started(self, process: Process, clock: SetClock) -> None:
        process.tick()
        clock.set_by = timedelta(hours=-1)
        process.confirm()
        assert Process(process.stage.database, clock).tick() is None

    @pytest.mark.parametrize("by", [timedelta(seconds=-40), timedelta(0), timedelta(days=3)])
    def test_a_little_back_or_a_downtime_is_no_reason(self, process: Process, clock: SetClock, by: timedelta) -> None:
        process.tick()
        clock.set_by = by
        assert Process(process.stage.database, clock).tick() is None


class TestConfirmation:
    def test_is_refused_where_nothing_waits_for_it(self, process: Process) -> None:
        with pytest.raises(Conflict, match="nothing to confirm"):
            process.confirm()
        process.tick()
        with pytest.raises(Conflict, match="nothing to confirm"):
            process.confirm()

    def test_does_not_stand_for_a_second_jump_that_came_after_it(self, process: Process, clock: SetClock) -> None:
        process.tick()
        clock.set_by = timedelta(hours=-2)
        process.tick()
        process.confirm()
        clock.set_by = timedelta(days=20)
        assert process.tick() == "The clock was set forward by 20 days."
        process.confirm()
        assert process.tick() is None

    def test_between_a_tick_and_its_beat_is_not_undone_by_the_beat(self, process: Process, clock: SetClock) -> None:
        process.tick()
        clock.set_by = timedelta(hours=2)
        refused = process.tick()
        assert refused is not None
        process.confirm()
        clock.advance(timedelta(seconds=10))
        process.pulse.beat(None, Trouble(CLOCK, refused))
        assert process.state().refusal == refused
        assert process.tick() is None
        assert process.state().refusal is None

    def test_reaches_every_scheduler_of_the_machine(self, process: Process, clock: SetClock) -> None:
        other = Process(process.stage.database, clock)
        process.tick()
        other.tick()
        clock.set_by = timedelta(hours=2)
        assert process.tick() is not None
        assert other.tick() is not None
        process.confirm()
        assert (process.tick(), other.tick()) == (None, None)


class TestDatabasesClock:
    @pytest.mark.postgres
    def test_decides_by_itself_and_needs_no_confirmation(self, migrated_postgres: Database) -> None:
        class Late(SystemClock):
            def now(self) -> datetime:
                return super().now() - timedelta(seconds=30)

        stage = Stage(migrated_postgres, clock=Late())
        with migrated_postgres.read() as session:
            state = clock_state(session, stage.deps, LONG)
        assert state.refusal == "This machine's clock is 30 seconds off the database's."
        assert not state.by_person
        with migrated_postgres.read() as session, pytest.raises(Conflict, match="does not help"):
            confirm_clock(Scope(session, 1, state.now, person("staff")), stage.deps, LONG)
        stage.engine.close()
