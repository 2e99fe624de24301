"""Bringing a database up to date. Any number of processes may start at once: one migrates, the others wait."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from app.db import BEGIN_IMMEDIATE, Database, storage_errors
from app.errors import BadConfiguration
from app.postgres import Reach, check_version

#: The key of PostgreSQL's advisory lock under which migrations run ("focusweek", cut to 63 bits).
_ADVISORY_LOCK = 0x666F637573776565 >> 1


def upgrade(database_url: str, *, behind_pooler: bool = False) -> None:
    """Bring the database at `database_url` to the newest revision; nothing happens where it is there already.

    Raises:
        BadConfiguration: The database was made by a newer Focusweek, or the URL cannot be used.
        StorageUnavailable: The database cannot be reached or written.
    """
    database = Database(database_url, reach=Reach(behind_pooler=behind_pooler))
    try:
        upgrade_database(database)
    finally:
        database.dispose()


def upgrade_database(database: Database) -> None:
    """Bring an open database to the newest revision. Raises as `upgrade` does."""
    config = alembic_config()
    script = ScriptDirectory.from_config(config)
    with storage_errors():
        with database.engine.connect() as connection:
            if _current(connection, script) == script.get_current_head():
                return
        with database.engine.connect().execution_options(**{BEGIN_IMMEDIATE: True}) as connection, connection.begin():
            if connection.dialect.name == "postgresql":
                check_version(connection.dialect.server_version_info or (0,))
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
            # Asked again under the lock: another process may have been faster.
            if _current(connection, script) != script.get_current_head():
                config.attributes["connection"] = connection
                command.upgrade(config, "head")


def alembic_config() -> Config:
    """Return Alembic's configuration, with the revisions of the source tree or of the installed package."""
    config = Config()
    config.set_main_option("script_location", str(_migrations()).replace("%", "%%"))
    return config


def _migrations() -> Path:
    here = Path(__file__).resolve().parent
    for folder in (here / "_bundled" / "migrations", here.parent / "migrations"):
        if (folder / "env.py").is_file():
            return folder
    raise BadConfiguration(
        "The database's migrations are not part of this installation.", hint="Install Focusweek again."
    )


def _current(connection: Connection, script: ScriptDirectory) -> str | None:
    """Return the database's revision, None where it is empty.

    Raises:
        BadConfiguration: The code does not know it.
    """
    revision = MigrationContext.configure(connection).get_current_revision()
    known = {entry.revision for entry in script.walk_revisions()}
    if revision is not None and revision not in known:
        raise BadConfiguration(
            f"The database is at revision {revision}, which this version of Focusweek does not know.",
            hint="Run the newer version that made it, or restore a backup made by this one.",
        )
    return revision
