from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from delivery_stage import Stage
from sqlalchemy import text
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from app.bootstrap import House
from app.clock import SystemClock
from app.db import Database
from app.main import create_app
from app.models import Organization
from app.postgres import Reach
from app.services.deliveries import send_now
from app.services.sandbox_feed import DatabaseFeed
from app.settings import Settings
from app.workers.listener import Listener, PostgresListener, SqliteListener, listener_for
from app.workers.scheduler import Ticker

#: How soon a change is to be heard, in seconds, on a machine that has other things to do, too.
SOON = 3.0
SEND_NOW = """
import sys
from app.bootstrap import open_house
from app.services.deliveries import send_now
from app.settings import Settings
from pathlib import Path
house = open_house(Settings(data_dir=Path(sys.argv[1]), database_url=sys.argv[2]))
with house.write() as scope:
    send_now(scope, int(sys.argv[3]))
house.close()
"""


class Wakes:
    """Counts wakes."""

    def __init__(self) -> None:
        self.count = 0
        self._changed = threading.Condition()

    def __call__(self) -> None:
        with self._changed:
            self.count += 1
            self._changed.notify_all()

    def reach(self, count: int) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self.count >= count, SOON)


def url_of(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False)


@contextmanager
def listening(database: Database, origin: str = "us") -> Iterator[Wakes]:
    """A listener that has begun to hear; its first wake is behind it."""
    wakes = Wakes()
    listener = listener_for(database, origin, wakes)
    assert listener is not None
    listener.start()
    try:
        assert wakes.reach(1)
        wakes.count = 0
        yield wakes
    finally:
        listener.stop()


@pytest.fixture
def others(database: Database) -> Iterator[Callable[[str], None]]:
    """Somebody else who changes the same database; the word given is where the change is told to come from."""
    there = Database(url_of(database), durable=False)

    def change(origin: str = "others") -> None:
        with there.write() as session:
            session.add(Organization(slug=f"o{time.monotonic_ns()}", name="o", created_at=SystemClock().now()))
            there.tell(session, origin)

    yield change
    there.dispose()


class TestListener:
    def test_hears_a_change_by_somebody_else(self, database: Database, others: Callable[..., None]) -> None:
        with listening(database) as wakes:
            others()
            assert wakes.reach(1)
            others()
            assert wakes.reach(2)

    def test_hears_a_storm_as_a_few(self, database: Database, others: Callable[..., None]) -> None:
        with listening(database) as wakes:
            begun = time.monotonic()
            for _ in range(100):
                others()
            assert wakes.reach(1)
            time.sleep(0.7)
            assert wakes.count <= 2 + 20 * (time.monotonic() - begun)
            assert wakes.count < 50

    def test_hears_nothing_where_nothing_is_changed(self, stage: Stage) -> None:
        stage.one()
        with listening(stage.database) as wakes:
            for _ in range(3):
                assert not stage.engine.tick()
                with stage.database.write() as session:
                    session.execute(text("SELECT 1"))
                    stage.database.tell(session, "others")
            time.sleep(0.8)
            assert wakes.count == 0

    def test_hears_nothing_of_what_was_rolled_back(self, database: Database) -> None:
        there = Database(url_of(database), durable=False)
        with listening(database) as wakes:
            with there.engine.connect() as connection, Session(connection) as session:
                session.add(Organization(slug="x", name="o", created_at=SystemClock().now()))
                there.tell(session, "others")
                session.flush()
                session.rollback()
            time.sleep(0.8)
            assert wakes.count == 0
        there.dispose()

    def test_stops_at_once(self, database: Database) -> None:
        with listening(database):
            begun = time.monotonic()
        assert time.monotonic() - begun < 1
        assert not [thread for thread in threading.enumerate() if thread.name == "listener"]

    def test_that_was_never_started_stops_too(self, database: Database) -> None:
        listener = listener_for(database, "us", Wakes())
        assert listener is not None
        listener.stop()


class TestSleepingScheduler:
    def test_acts_at_once_on_what_another_process_changes(
        self, stage: Stage, database: Database, tmp_path: Path
    ) -> None:
        stage.clock = SystemClock()
        delivery = stage.delivery(stage.post(stage.campaign()), stage.account(stage.campaign(slug="b")), in_minutes=60)
        stage = Stage(database, clock=SystemClock(), feed=DatabaseFeed(database))
        ticker = Ticker(stage.engine, SystemClock(), longest_sleep=timedelta(seconds=30))
        ticker.start()
        listener = listener_for(database, "us", ticker.wake)
        assert listener is not None
        listener.start()
        try:
            time.sleep(1)
            subprocess.run(  # noqa: S603  # our own script
                [sys.executable, "-c", SEND_NOW, str(tmp_path), url_of(database), str(delivery)], check=True, timeout=60
            )
            begun = time.monotonic()
            while stage.get(delivery).state != "published" and time.monotonic() - begun < SOON:
                time.sleep(0.02)
            assert stage.get(delivery).state == "published"
        finally:
            listener.stop()
            ticker.stop()


class TestService:
    def test_that_sleeps_publishes_at_once_what_another_process_makes_due(
        self, database: Database, tmp_path: Path
    ) -> None:
        stage = Stage(database, clock=SystemClock())
        campaign = stage.campaign()
        delivery = stage.delivery(stage.post(campaign), stage.account(campaign, state="disconnected"), in_minutes=60)
        house = House(Settings(data_dir=tmp_path, database_url=url_of(database)))
        other = House(Settings(data_dir=tmp_path, database_url=url_of(database)))

        def make_due() -> str:
            time.sleep(1)
            with other.write() as scope:
                send_now(scope, delivery)
            begun = time.monotonic()
            while stage.get(delivery).state == "scheduled" and time.monotonic() - begun < SOON:
                time.sleep(0.02)
            return stage.get(delivery).state

        async def serve() -> str:
            app = create_app(house)
            async with app.router.lifespan_context(app):
                return await asyncio.to_thread(make_due)

        try:
            # Its account is not connected, so what the service does with it at once is to hold it.
            assert asyncio.run(serve()) == "held"
        finally:
            other.close()
            house.close()


class TestSqliteListener:
    def test_waits_for_a_file_that_is_not_there_yet_and_makes_none(
        self, tmp_path: Path, migrated_sqlite: bytes
    ) -> None:
        path = tmp_path / "later.sqlite3"
        database = Database(f"sqlite:///{path}")
        wakes = Wakes()
        listener = SqliteListener(database, wakes)
        listener.start()
        try:
            time.sleep(0.5)
            assert not path.exists()
            path.write_bytes(migrated_sqlite)
            assert wakes.reach(1)
        finally:
            listener.stop()
            database.dispose()


@pytest.mark.postgres
class TestPostgresListener:
    @pytest.fixture
    def database(self, migrated_postgres: Database) -> Iterator[Database]:
        yield migrated_postgres
        with migrated_postgres.write() as session:
            session.execute(text("DELETE FROM organization"))

    def test_passes_over_what_its_own_process_tells(self, database: Database, others: Callable[..., None]) -> None:
        with listening(database, "us") as wakes:
            others("us")
            time.sleep(0.5)
            assert wakes.count == 0
            others("somebody")
            assert wakes.reach(1)

    def test_whose_connection_is_ended_wakes_once_for_what_it_missed_and_goes_on(
        self, database: Database, others: Callable[..., None]
    ) -> None:
        with listening(database) as wakes:
            with database.write() as session:
                ended = session.execute(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE application_name = 'focusweek-listener' AND datname = current_database()"
                    )
                )
                assert len(ended.all()) == 1
            assert wakes.reach(1)
            others()
            assert wakes.reach(2)

    def test_without_a_server_neither_raises_nor_says_the_password(self) -> None:
        database = Database("postgresql://focusweek:hush-hush@127.0.0.1:9/name")
        wakes = Wakes()
        with capture_logs() as logs:
            listener: Listener = PostgresListener(database, "us", wakes)
            listener.start()
            time.sleep(0.7)
            begun = time.monotonic()
            listener.stop()
        assert time.monotonic() - begun < 1
        assert [entry["event"] for entry in logs] == ["listener_deaf"]
        assert "hush-hush" not in str(logs)
        assert wakes.count == 0

    def test_behind_a_pooler_there_is_none(self, database: Database) -> None:
        pooled = Database(url_of(database), reach=Reach(behind_pooler=True))
        with capture_logs() as logs:
            assert listener_for(pooled, "us", Wakes()) is None
        assert [entry["event"] for entry in logs] == ["listener_off"]
        pooled.dispose()


class TestHouse:
    def test_tells_of_its_changes_only_whoever_is_somebody_else(self, database: Database, tmp_path: Path) -> None:
        settings = Settings(data_dir=tmp_path, database_url=url_of(database))
        mine, other = House(settings), House(settings)
        try:
            with mine.write():
                pass
            with listening(database, other.origin) as wakes:
                with mine.write() as scope:
                    scope.session.add(Organization(slug="new", name="new", created_at=scope.now))
                assert wakes.reach(1)
        finally:
            mine.close()
            other.close()
