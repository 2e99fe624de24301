"""Databases to measure on: a SQLite file on a real disk, and a database of its own on a PostgreSQL server.

Both are as they are in service: SQLite with `synchronous=FULL`, PostgreSQL with the server's own settings. One that was
set up once is copied for every round, so that each begins alike.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg

POSTGRES_VARIABLE = "FOCUSWEEK_TEST_POSTGRES_URL"
_LOCAL = ("postgresql://root@127.0.0.1:5432/postgres", "postgresql://postgres@127.0.0.1:5432/postgres")
KINDS = ("sqlite", "postgresql")


@functools.cache
def postgres() -> str | None:
    """Return the URL of a PostgreSQL server that answers, or None."""
    named = os.environ.get(POSTGRES_VARIABLE)
    for url in [named] if named else _LOCAL:
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url, connect_timeout=2):
            return url
    return None


def why_not(kind: str) -> str | None:
    """Return why there is no database of that kind to measure on, or None where there is one."""
    if kind == "postgresql" and postgres() is None:
        return f"no PostgreSQL server answers here (name one: {POSTGRES_VARIABLE})"
    return None


def postgres_version() -> str | None:
    """Return the server's version."""
    url = postgres()
    if url is None:
        return None
    with psycopg.connect(url) as connection:
        return connection.info.parameter_status("server_version")


@contextlib.contextmanager
def work_directory() -> Iterator[Path]:
    """Give a directory on a real disk; TMPDIR says where, for a memory file system would make commits too cheap."""
    with tempfile.TemporaryDirectory(prefix="focusweek-bench-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@contextlib.contextmanager
def empty(kind: str, directory: Path) -> Iterator[str]:
    """Give the URL of a new, empty database, gone at the end."""
    if kind == "sqlite":
        path = directory / f"{uuid.uuid4().hex}.sqlite3"
        yield f"sqlite:///{path}"
        for suffix in ("", "-wal", "-shm", "-journal"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
    else:
        with _postgres_database() as url:
            yield url


@contextlib.contextmanager
def copy_of(url: str, directory: Path) -> Iterator[str]:
    """Give the URL of a copy of a database that nobody has open, gone at the end."""
    if url.startswith("sqlite"):
        with empty("sqlite", directory) as copy:
            shutil.copyfile(url.removeprefix("sqlite:///"), copy.removeprefix("sqlite:///"))
            yield copy
    else:
        with _postgres_database(template=url.rsplit("/", 1)[1]) as copy:
            yield copy


@contextlib.contextmanager
def _postgres_database(template: str = "template1") -> Iterator[str]:
    server = postgres()
    if server is None:
        raise RuntimeError(why_not("postgresql"))
    name = f"focusweek_bench_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield f"{server.partition('?')[0].rsplit('/', 1)[0]}/{name}"
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
