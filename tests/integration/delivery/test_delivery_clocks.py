from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from delivery_stage import START, Stage
from set_clock import SetClock
from sqlalchemy import select

from app.clock import SystemClock, VirtualClock
from app.db import Database
from app.delivery.instant import instant
from app.models import Delivery


class TestWallClockThatWasSet:
    @pytest.mark.parametrize("by", [timedelta(days=27), timedelta(minutes=-30), timedelta(seconds=61)])
    def test_stops_claiming_until_a_person_confirms(self, database: Database, by: timedelta) -> None:
        clock = SetClock()
        stage = Stage(database, clock=clock)
        campaign = stage.campaign(lateness_minutes=100_000)
        delivery = stage.delivery(stage.post(campaign), stage.account(campaign))
        stage.tick_after(5)
        clock.set_by = by
        clock.advance(timedelta(minutes=5))
        summary = stage.engine.tick()
        assert summary.refused is not None
        assert (summary.claimed, stage.texts()) == (0, [])
        clock.advance(timedelta(minutes=40))
        assert stage.engine.tick().refused is not None
        stage.engine.confirm_clock()
        stage.engine.tick()
        assert stage.get(delivery).state == "published"

    def test_by_slow_corrections_goes_on(self, database: Database) -> None:
        clock = SetClock()
        stage = Stage(database, clock=clock)
        for _ in range(10):
            clock.set_by += timedelta(seconds=30)
            clock.advance(timedelta(seconds=30))
            assert stage.engine.tick().refused is None


class TestInstant:
    def test_is_the_databases_on_postgresql_and_the_given_one_elsewhere(self, database: Database) -> None:
        class Late(SystemClock):
            def now(self) -> datetime:
                return datetime(2001, 1, 1, tzinfo=UTC)

        with database.read() as session:
            if database.is_sqlite:
                assert instant(session, Late()) == datetime(2001, 1, 1, tzinfo=UTC)
            else:
                assert instant(session, Late()).year > 2001

    def test_is_virtual_wherever_time_is(self, database: Database) -> None:
        with database.read() as session:
            assert instant(session, VirtualClock(START)) == START

    def test_of_the_next_tick_is_told_by_the_clock_of_the_machine_that_sleeps_until_it(
        self, database: Database
    ) -> None:
        class Behind(SystemClock):
            def now(self) -> datetime:
                return super().now() - timedelta(seconds=3)

        stage = Stage(database, clock=Behind())
        stage.one()
        due = stage.engine.next_due()
        assert due is not None
        with database.read() as session:
            ready = session.scalars(select(Delivery.ready_at)).one()
            ahead = instant(session, stage.clock) - stage.clock.now()
        assert abs((ready - ahead) - due) < timedelta(seconds=0.5)

    def test_of_a_machine_far_off_the_databases_claims_nothing(self, database: Database) -> None:
        class Late(SystemClock):
            def now(self) -> datetime:
                return super().now() - timedelta(seconds=30)

        stage = Stage(database, clock=Late())
        refused = stage.engine.tick().refused
        assert (refused is None) is database.is_sqlite
