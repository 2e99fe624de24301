"""What can happen to a database from outside: another holds its locks, its connections break, it takes no writes."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
from psycopg import sql

#: The table that all work goes through.
_TABLE = "delivery"


class Storage:
    """A database as its operator could reach it: `url` begins with sqlite:/// or postgresql://."""

    def __init__(self, url: str) -> None:
        self.is_sqlite = url.startswith("sqlite:///")
        self._path = url.removeprefix("sqlite:///")
        self._url = url

    def hold_lock(self, seconds: float) -> None:
        """Keep everybody else from writing for so long."""
        if self.is_sqlite:
            with sqlite3.connect(self._path, timeout=5, isolation_level=None) as connection:
                connection.execute("BEGIN IMMEDIATE")
                time.sleep(seconds)
                connection.execute("ROLLBACK")
            connection.close()
            return
        with psycopg.connect(self._url) as connection:
            connection.execute(sql.SQL("LOCK TABLE {} IN EXCLUSIVE MODE").format(sql.Identifier(_TABLE)))
            time.sleep(seconds)

    def break_connections(self, dice: random.Random, share: float = 1.0) -> int:
        """End this share of the server's processes that serve this database; return how many."""
        ended = 0
        with psycopg.connect(self._url, autocommit=True) as connection:
            rows = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchall()
            for (pid,) in rows:
                if dice.random() < share:
                    # Some that were there a moment ago may be gone.
                    with suppress(psycopg.Error):
                        connection.execute("SELECT pg_terminate_backend(%s)", (pid,))
                        ended += 1
        return ended

    @contextmanager
    def read_only(self, dice: random.Random) -> Iterator[None]:
        """Let new connections only read, as after a failover to a standby; those that there are break."""
        self._set_read_only("on")
        self.break_connections(dice)
        try:
            yield
        finally:
            self._set_read_only("off")
            self.break_connections(dice)

    def _set_read_only(self, value: str) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute("SET default_transaction_read_only = off")
            connection.execute(
                sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = {}").format(
                    sql.Identifier(connection.info.dbname), sql.Literal(value)
                )
            )
