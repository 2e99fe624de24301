"""The database: engine, sessions and units of work, for SQLite and PostgreSQL.

SQLite runs in WAL mode with `synchronous=FULL`, so that what was committed before an attempt is sent is on the disk
(a rehearsal's database, which is thrown away, may be opened with `durable=False`);
its writing transactions begin as IMMEDIATE, so that two writers queue up instead of failing half way.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    Engine,
    ForeignKey,
    Integer,
    MetaData,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import JSON, TypeDecorator

from app import postgres
from app.errors import BadConfiguration, StorageUnavailable
from app.postgres import Reach

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

#: Row ids: 64 bits, and on SQLite the integer that it can count up by itself.
RowId = BigInteger().with_variant(Integer, "sqlite")

#: How long one writer waits for another on SQLite, in seconds.
SQLITE_BUSY_SECONDS = 15

#: What SQLite says of a file that it cannot read as a database.
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})

#: What SQLAlchemy calls the use of a session whose connection was lost before; other misuse has other codes.
_LOST_MEANWHILE = "8s2b"

BEGIN_IMMEDIATE = "focusweek_begin_immediate"


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept in UTC. A naive one is refused on its way in."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware instant into UTC; SQLite keeps it without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant must carry its time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's own signature
        """Give every instant back aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: Instant(), dict[str, Any]: JSON(), list[Any]: JSON()}  # noqa: RUF012 - read by SQLAlchemy, changed by nobody


class Row:
    """Every table's row id."""

    id: Mapped[int] = mapped_column(RowId, primary_key=True)


class Tenant(Row):
    """A row that belongs to an organization; its table also has UNIQUE (organization_id, id) to be referred to."""

    organization_id: Mapped[int] = mapped_column(RowId, ForeignKey("organization.id"), index=True)


class PartlyTenant:
    """Marks tables some of whose rows belong to an organization, and others to none: a pause of the whole instance."""

    organization_id: Mapped[int | None] = mapped_column(RowId)


_AS_IT_IS = Reach()


class Database:
    """An engine with its two kinds of unit of work.

    `durable=False` is for databases that are thrown away: SQLite then leaves it to the system when to write to disk.
    """

    def __init__(self, url: str, *, durable: bool = True, reach: Reach = _AS_IT_IS) -> None:
        self.engine = _make_engine(url, durable=durable, reach=reach)
        self.reach = reach
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is SQLite."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session that is rolled back at the end."""
        with storage_errors(), self._sessions() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Give a session that is committed at the end, or rolled back whole where anything fails."""
        with storage_errors(), self._sessions() as session:
            session.connection(execution_options={BEGIN_IMMEDIATE: True})
            try:
                yield session
            except BaseException:
                session.rollback()
                raise
            session.commit()

    def tell(self, session: Session, origin: str) -> None:
        """Tell other processes, at `session`'s commit, that `origin` changed something; see `workers.listener`."""
        # SQLite needs no telling: whoever has the same file open sees that it changed.
        if not self.is_sqlite:
            postgres.tell(session, origin)

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()


@contextmanager
def storage_errors() -> Iterator[None]:
    """Turn what the driver raises for a lost, full or refusing database into `StorageUnavailable`."""
    try:
        yield
    except OperationalError as error:
        raise postgres.refusal(error.orig) or StorageUnavailable(
            f"The database did not take the request ({error.orig}).",
            hint="Check that the database runs, that its disk has room and that its files may be written.",
        ) from error
    except PoolTimeoutError as error:
        raise StorageUnavailable(
            "All connections to the database are in use.", hint="Try again in a moment."
        ) from error
    except PendingRollbackError as error:
        if error.code != _LOST_MEANWHILE:
            raise
        raise _connection_lost() from error
    except DBAPIError as error:
        if (refusal := postgres.refusal(error.orig)) is not None:
            raise refusal from error
        if error.connection_invalidated:
            raise _connection_lost() from error
        if getattr(error.orig, "sqlite_errorcode", None) in _DAMAGED:
            raise StorageUnavailable(
                f"The database is damaged, or its file is none of ours ({error.orig}).",
                hint="Put a backup in its place, or keep the file aside and start with an empty data folder.",
            ) from error
        raise


def _connection_lost() -> StorageUnavailable:
    return StorageUnavailable(
        "The connection to the database was lost.", hint="Check that the database runs, then try again."
    )


def _make_engine(url: str, *, durable: bool, reach: Reach) -> Engine:
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise BadConfiguration(
            "The database URL must begin with sqlite:/// or postgresql://.", hint="Set FOCUSWEEK_DATABASE_URL."
        )
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # The parser's words hold pieces of the URL, and so perhaps of its password.
        raise BadConfiguration(
            "The database URL cannot be read.",
            hint="Write it as postgresql://user:password@host:5432/name; signs such as @ in a password as %40.",
        ) from None
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(
            parsed, connect_args={"timeout": SQLITE_BUSY_SECONDS, "check_same_thread": False}, hide_parameters=True
        )
        event.listen(engine, "connect", _prepare_sqlite if durable else _prepare_scratch_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    postgres.refuse_unknown(parsed.query)
    # Parameters are hidden from error messages, for these reach the log and texts and secrets must not.
    engine = create_engine(
        parsed,
        connect_args=reach.connect_args(parsed.query),
        # Whatever the server's default is: the engine's conditional changes are made for this level.
        isolation_level="READ COMMITTED",
        pool_recycle=1800,
        hide_parameters=True,
        **reach.pool,
    )
    postgres.ask_idle_connections(engine)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    _set_pragmas(connection, synchronous="FULL")


def _prepare_scratch_sqlite(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    _set_pragmas(connection, synchronous="OFF")


def _set_pragmas(connection: sqlite3.Connection, *, synchronous: str) -> None:
    # The driver must not begin transactions on its own: _begin_sqlite does.
    connection.isolation_level = None
    cursor = connection.cursor()
    _use_wal(cursor)
    for pragma in (f"synchronous={synchronous}", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _use_wal(cursor: sqlite3.Cursor) -> None:
    # The change to WAL may be refused at once, without the driver's wait, while another process makes it, too.
    deadline = time.monotonic() + SQLITE_BUSY_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get(BEGIN_IMMEDIATE)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
