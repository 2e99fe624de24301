"""Database fixtures: every test that asks for `database` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import structlog
from delivery_stage import Stage
from emptying import empty
from postgres_server import URL_VARIABLE, WHICH_VARIABLE, NoServer, server_url
from sqlalchemy import make_url, text

from app.db import Database
from app.migrate import upgrade_database


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A new, empty database on a PostgreSQL server, dropped at the end of the session."""
    try:
        server = server_url()
    except NoServer as why:
        if os.environ.get("CI") or os.environ.get(URL_VARIABLE) or os.environ.get(WHICH_VARIABLE):
            pytest.fail(str(why))
        pytest.skip(str(why))
    name = f"focusweek_test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        connection.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
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
        empty(session)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database in which nothing is yet: a file, or a schema of its own."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    url = request.getfixturevalue("postgres_url")
    schema = f"s{uuid.uuid4().hex[:12]}"
    database = Database(url)
    with database.write() as session:
        session.execute(text(f"CREATE SCHEMA {schema}"))
    database.dispose()
    return make_url(url).update_query_dict({"options": f"-csearch_path={schema}"}).render_as_string(hide_password=False)


@pytest.fixture
def quiet_logs() -> Iterator[None]:
    """What tests provoke need not be printed; structlog's own default would draw every frame of it."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


@pytest.fixture
def stage(database: Database) -> Iterator[Stage]:
    """The engine on a stage, in virtual time, with everything running in the test's own thread."""
    stage = Stage(database)
    yield stage
    stage.engine.close()
