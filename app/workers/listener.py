"""Hearing of changes that other processes make to the same database, so that a sleeping scheduler acts on them at once.

A listener only shortens a sleep: the ticker looks by itself at the latest after its longest one, so what a listener
misses, or its own death, makes nothing wrong. It never raises, tries again for ever, and after every gap in its
hearing it wakes once, for something may have been said meanwhile.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import sqlite3
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog

from app.db import Database
from app.postgres import CHANGES

log = structlog.get_logger(__name__)

#: How often SQLite's file is looked at, in seconds.
_LOOK_SECONDS = 0.5
#: The pause before a lost connection is made again: at first, and at most; it doubles in between. In seconds.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 15.0
#: How long a stop waits for the thread, in seconds.
_STOP_SECONDS = 5.0
#: Wakes closer together than this are one, in seconds.
_ONE_WAKE_SECONDS = 0.05
#: A peer that is silently gone is noticed after idle + count * interval seconds.
_KEEPALIVES = {"keepalives": 1, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}


class Listener(ABC):
    """A thread that calls `wake` after changes by others. `wake` must return at once."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._stopping = threading.Event()
        # Written to by `stop`, so that a wait for the connection ends at once.
        self._ear, self._poke = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)

    def start(self) -> None:
        """Begin to listen; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Stop listening; waits for the thread, a few seconds at most."""
        self._stopping.set()
        with contextlib.suppress(OSError):
            self._poke.send(b"x")
        if self._thread.ident is not None:
            self._thread.join(_STOP_SECONDS)
        if not self._thread.is_alive():
            self._ear.close()
            self._poke.close()

    @abstractmethod
    def _listen(self, heard: Callable[[], None]) -> None:
        """Call `heard` when listening has begun and after changes, until `_stopping` is set; raise what goes wrong."""

    def _run(self) -> None:
        pause, deaf = _FIRST_PAUSE, False

        def heard() -> None:
            nonlocal pause, deaf
            if deaf:
                log.info("listener_hears_again")
            pause, deaf = _FIRST_PAUSE, False
            self._wake()

        while not self._stopping.is_set():
            try:
                self._listen(heard)
            except Exception as error:  # noqa: BLE001  # whatever it is, the sleep is only longer than it need be
                if not deaf and not self._stopping.is_set():
                    # The driver's own words may hold parts of the connection's URL.
                    log.warning("listener_deaf", error=type(error).__name__)
                deaf = True
                self._stopping.wait(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)


class PostgresListener(Listener):
    """Listens on the channel of changes with a connection of its own; what `origin` itself tells is passed over."""

    def __init__(self, database: Database, origin: str, wake: Callable[[], None]) -> None:
        super().__init__(wake)
        engine = database.engine
        _, args = engine.dialect.create_connect_args(engine.url)
        self._args: dict[str, Any] = {**_KEEPALIVES, "connect_timeout": 10, **args}
        self._args["application_name"] = "focusweek-listener"
        self._origin = origin

    def _listen(self, heard: Callable[[], None]) -> None:
        import psycopg  # noqa: PLC0415  # not loaded where the database is SQLite

        with (
            psycopg.connect(**self._args, autocommit=True) as connection,
            selectors.DefaultSelector() as selector,
        ):
            connection.execute(f"LISTEN {CHANGES}")
            selector.register(connection, selectors.EVENT_READ)
            selector.register(self._ear, selectors.EVENT_READ)
            heard()
            while not self._stopping.is_set():
                selector.select()
                # What comes in one rush is heard as one.
                self._stopping.wait(_ONE_WAKE_SECONDS)
                told = [note.payload for note in connection.notifies(timeout=0)]
                if any(origin != self._origin for origin in told):
                    heard()


class SqliteListener(Listener):
    """Looks twice a second at the number by which SQLite tells that its file was changed over another connection.

    This process's own connections count among those, so that its own changes wake it once more than they need to.
    """

    def __init__(self, database: Database, wake: Callable[[], None]) -> None:
        super().__init__(wake)
        # Not made where it is missing: only whoever migrates makes it.
        self._file = Path(database.engine.url.database or "").absolute().as_uri() + "?mode=rw"

    def _listen(self, heard: Callable[[], None]) -> None:
        with contextlib.closing(sqlite3.connect(self._file, uri=True, timeout=1, isolation_level=None)) as connection:
            seen = _version(connection)
            heard()
            while not self._stopping.wait(_LOOK_SECONDS):
                version = _version(connection)
                if version != seen:
                    seen = version
                    heard()


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA data_version").fetchone()[0])


def listener_for(database: Database, origin: str, wake: Callable[[], None]) -> Listener | None:
    """Return what calls `wake` after changes by other processes, or None behind a pooler, where nothing can be heard.

    `origin` is what this process tells its own changes by: those it wakes for by itself.
    """
    if database.is_sqlite:
        return SqliteListener(database, wake)
    if database.reach.behind_pooler:
        log.info("listener_off", reason="behind a pooler; changes by other processes wait for the next tick")
        return None
    return PostgresListener(database, origin, wake)
