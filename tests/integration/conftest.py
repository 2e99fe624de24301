"""Database fixtures: every test that asks for `database` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from delivery_stage import Stage
from sqlalchemy import delete

from app.db import Base, Database
from app.migrate import upgrade_database

POSTGRES_VARIABLE = "FOCUSWEEK_TEST_POSTGRES_URL"
_LOCAL_SERVERS = ("postgresql://root@127.0.0.1:5432/postgres", "postgresql://postgres@127.0.0.1:5432/postgres")


def _find_server() -> tuple[str | None, str]:
    named = os.environ.get(POSTGRES_VARIABLE)
    for url in [named] if named else _LOCAL_SERVERS:
        try:
            with psycopg.connect(url, connect_timeout=2, autocommit=True):
                return url, ""
        except psycopg.OperationalError as error:
            why = str(error).splitlines()[0]
    return None, f"no PostgreSQL server answers ({why}); set {POSTGRES_VARIABLE} to test on one"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A new, empty database on a PostgreSQL server, dropped at the end of the session."""
    server, why = _find_server()
    if server is None:
        if os.environ.get("CI") or os.environ.get(POSTGRES_VARIABLE):
            pytest.fail(why)
        pytest.skip(why)
    name = f"focusweek_test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        connection.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    base, _, _ = server.partition("?")
    yield f"{base.rsplit('/', 1)[0]}/{name}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An empty database at the newest revision, as a file's bytes to start from."""
    path = tmp_path_factory.mktemp("sqlite") / "empty.sqlite3"
    database = Database(f"sqlite:///{path}", durable=False)
    upgrade_database(database)
    # Closing the last connection moves everything from the log into the file.
    database.dispose()
    return path.read_bytes()


@pytest.fixture(scope="session")
def migrated_postgres(postgres_url: str) -> Iterator[Database]:
    database = Database(postgres_url)
    upgrade_database(database)
    yield database
    database.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database at the newest revision, once of each kind."""
    if request.param == "sqlite":
        path = tmp_path / "focusweek.sqlite3"
        path.write_bytes(request.getfixturevalue("migrated_sqlite"))
        database = Database(f"sqlite:///{path}", durable=False)
        yield database
        database.dispose()
        return
    database = request.getfixturevalue("migrated_postgres")
    yield database
    with database.write() as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(delete(table))


@pytest.fixture
def stage(database: Database) -> Iterator[Stage]:
    """The engine on a stage, in virtual time, with everything running in the test's own thread."""
    stage = Stage(database)
    yield stage
    stage.engine.close()
