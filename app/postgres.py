"""What only PostgreSQL has: bounded connections, word of a change to other processes, and refusals by SQLSTATE."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import Engine, String, bindparam, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from app.errors import BadConfiguration, StorageUnavailable
from app.settings import Settings

#: The channel on which processes tell one another that something was changed. Channels are a database's own.
CHANGES = "focusweek_changes"

#: The oldest major version that is tested on and that still gets corrections.
OLDEST = 15

#: Connections beside those of the delivery threads: one for the ticks, one for the chores.
_BESIDE_WORKERS = 2
#: A connection that was idle for so long is asked whether it lives before it is used.
_ASKED_AFTER = timedelta(seconds=5)
#: Connections that requests may open beyond these; they are closed again when they are given back.
_FOR_REQUESTS = 20


@dataclass(frozen=True, slots=True)
class Reach:
    """How the database is reached. None leaves a limit to the server, as migrations and tests want it.

    `behind_pooler` says that a pooler in transaction mode (PgBouncer) stands between: then nothing may be tied to a
    connection, so there are no prepared statements, no limits set from here and no listening.
    """

    statement: timedelta | None = None
    lock: timedelta | None = None
    idle_transaction: timedelta | None = None
    workers: int = 4
    behind_pooler: bool = False

    @classmethod
    def from_settings(cls, settings: Settings) -> Reach:
        """Take the operator's settings."""
        return cls(
            statement=timedelta(seconds=settings.database_statement_seconds),
            lock=timedelta(seconds=settings.database_lock_seconds),
            # The lock on an account's secrets is held, in an idle transaction, while a network renews them.
            idle_transaction=timedelta(
                seconds=max(settings.database_idle_transaction_seconds, 2 * settings.publish_deadline_seconds)
            ),
            workers=settings.worker_threads,
            behind_pooler=settings.database_behind_pooler,
        )

    @property
    def pool(self) -> Mapping[str, int]:
        """The sizes of the pool of connections."""
        return {"pool_size": self.workers + _BESIDE_WORKERS, "max_overflow": _FOR_REQUESTS}

    def connect_args(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the driver's arguments beside those `given` in the URL, which win."""
        args: dict[str, Any] = {"connect_timeout": 10, "application_name": "focusweek"}
        args = {name: value for name, value in args.items() if name not in given}
        if self.behind_pooler:
            return args | {"prepare_threshold": None}
        limits = {
            "statement_timeout": self.statement,
            "lock_timeout": self.lock,
            "idle_in_transaction_session_timeout": self.idle_transaction,
        }
        options = [f"-c {name}={_milliseconds(limit)}" for name, limit in limits.items() if limit is not None]
        if options:
            args["options"] = " ".join([*options, *([given["options"]] if "options" in given else [])])
        return args


def ask_idle_connections(engine: Engine) -> None:
    """Let a pooled connection be asked whether it lives before it is used again, where it has been idle for long.

    Asking each time would cost every transaction a round trip; a connection that was used a moment ago is alive.
    """

    @event.listens_for(engine, "checkin")
    def note(_connection: object, entry: ConnectionPoolEntry) -> None:
        entry.info["used_at"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def ask(connection: DBAPIConnection, entry: ConnectionPoolEntry, _proxy: object) -> None:
        if time.monotonic() - entry.info.get("used_at", math.inf) < _ASKED_AFTER.total_seconds():
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error:
            # The others of the pool are of the same age: it opens new ones in their place.
            raise InvalidatePoolError from None


def refuse_unknown(options: Mapping[str, Any]) -> None:
    """Refuse options of a URL that PostgreSQL's client knows nothing of.

    Raises:
        BadConfiguration: There are such.
    """
    from psycopg.pq import Conninfo  # noqa: PLC0415  # not loaded where the database is SQLite

    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    if unknown := sorted(options.keys() - known):
        raise BadConfiguration(
            f"The database URL has an option that PostgreSQL does not know: {', '.join(unknown)}.",
            hint="Correct it; sslmode, sslrootcert and connect_timeout are some that there are.",
        )


def _milliseconds(limit: timedelta) -> int:
    return max(1, round(limit / timedelta(milliseconds=1)))


# Only a transaction that has written something has an id of its own; what it tells is delivered when it commits.
_TELL = text("SELECT pg_notify(:channel, :origin) WHERE pg_current_xact_id_if_assigned() IS NOT NULL").bindparams(
    bindparam("channel", CHANGES, type_=String()), bindparam("origin", type_=String())
)


def tell(session: Session, origin: str) -> None:
    """Tell every listening process, once this transaction is committed, that something was changed by `origin`.

    A transaction that wrote nothing tells nothing.
    """
    session.flush()
    session.execute(_TELL, {"origin": origin})


def check_version(version: tuple[int | str, ...]) -> None:
    """Refuse a server that is too old.

    Raises:
        BadConfiguration: It is.
    """
    if int(version[0]) < OLDEST:
        raise BadConfiguration(
            f"The database is PostgreSQL {version[0]}; Focusweek needs {OLDEST} or newer.",
            hint="Update the server (pg_upgrade keeps the data), or set FOCUSWEEK_DATABASE_URL to another.",
        )


_AGAIN = "Nothing of it was kept: try again."
#: What is said, and what to do, by SQLSTATE or by its class (the first two characters).
_WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "40": ("Two changes met in the database and this one gave way.", _AGAIN),
        "55P03": ("Another change kept the same rows for too long.", _AGAIN),
        "57014": (
            "The database took too long over the request, so it was stopped.",
            f"{_AGAIN} If it happens often, look for what burdens the database.",
        ),
        "25P03": ("A change was left standing for too long, so the database ended it.", _AGAIN),
        "25006": (
            "The database takes no changes: it is read-only, as a standby is.",
            "Set FOCUSWEEK_DATABASE_URL to the primary server.",
        ),
        "42501": (
            "The database does not let its user do this.",
            "Make the user the owner of Focusweek's tables, or grant it what is missing.",
        ),
        "53100": ("The database's disk is full.", "Make room on the database's disk, then try again."),
        "53": ("The database has no room for another connection or request.", "Try again in a moment."),
        "57": ("The database is being stopped or started.", "Try again in a moment."),
    }
)


def refusal(error: BaseException | None) -> StorageUnavailable | None:
    """Return in plain words what the server's SQLSTATE says, None where it is none of ours to say."""
    sqlstate = getattr(error, "sqlstate", None)
    if not isinstance(sqlstate, str):
        return None
    words = _WORDS.get(sqlstate) or _WORDS.get(sqlstate[:2])
    return None if words is None else StorageUnavailable(words[0], hint=words[1], sqlstate=sqlstate)
