"""PostgreSQL's server processes are ended, all at once, and its doors are closed for a while, as posts go out."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from emptying import empty
from sqlalchemy import make_url

from app.db import Database
from tests.faults.house_scene import Scene

pytestmark = pytest.mark.postgres

BLOWS = 8
POSTS = 8  # on each of the scene's seven accounts


@pytest.fixture
def database(migrated_postgres: Database) -> Iterator[Database]:
    """PostgreSQL alone: SQLite has no server."""
    yield migrated_postgres
    with migrated_postgres.write() as session:
        empty(session)


class Server:
    """The server of a database, reached through another database, so that nothing done here strikes itself."""

    def __init__(self, connection: psycopg.Connection, name: str) -> None:
        self._connection, self._name = connection, name

    def end_all(self) -> int:
        """End every connection to the database; return how many there were."""
        query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        return len(self._connection.execute(query, [self._name]).fetchall())

    def open_doors(self, *, wide: bool) -> None:
        """Let connections to the database in, or none any more."""
        self._connection.execute(f'ALTER DATABASE "{self._name}" ALLOW_CONNECTIONS {wide}')


@contextmanager
def server_of(url: str) -> Iterator[Server]:
    parsed = make_url(url).set(drivername="postgresql")
    elsewhere = parsed.set(database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(elsewhere, autocommit=True) as connection:
        server = Server(connection, str(parsed.database))
        try:
            yield server
        finally:
            server.open_doors(wide=True)


def begun(stage: Scene) -> None:
    """Wait until the workers are at it: one that does not get as far as its start ends, as a service's does."""
    until = time.monotonic() + 20
    while not stage.truth.entries("accepted"):
        assert time.monotonic() < until, stage.said()
        time.sleep(0.02)
    time.sleep(0.3)


class TestConnectionsThatAreEnded:
    def test_all_at_once_again_and_again_lose_nothing_and_double_nothing(self, scene: Callable[..., Scene]) -> None:
        with scene() as stage, server_of(stage.url) as server:
            dice = random.Random(stage.seed)  # noqa: S311  # when to strike, no secret
            stage.plan(POSTS, within=3.0)
            workers, struck = [stage.worker(), stage.worker()], 0
            begun(stage)
            for _ in range(BLOWS):
                time.sleep(dice.uniform(0.05, 0.4))
                struck += server.end_all()
            stage.settle()
            assert struck > BLOWS, stage.said()
            assert [worker.stop() for worker in workers] == [0, 0], stage.said()
            assert not stage.truth.compare().wrong, stage.said()


class TestServerThatIsAway:
    def test_for_a_while_is_waited_for_and_nothing_is_lost_or_doubled(self, scene: Callable[..., Scene]) -> None:
        with scene() as stage, server_of(stage.url) as server:
            stage.plan(4, within=3.0)
            worker = stage.worker()
            begun(stage)
            for _ in range(2):
                time.sleep(0.3)
                server.open_doors(wide=False)
                server.end_all()
                time.sleep(0.6)
                server.open_doors(wide=True)
            stage.settle()
            assert worker.stop() == 0, stage.said()
            assert not stage.truth.compare().wrong, stage.said()
