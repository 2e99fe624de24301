from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

import app.models  # noqa: F401  # fills the metadata
from app.db import Base, Database
from app.errors import BadConfiguration
from app.migrate import upgrade, upgrade_database


def constraints(connection: Connection) -> dict[str, Any]:
    """Everything that the database holds to, by table and name."""
    inspector = inspect(connection)
    return {
        table: {
            "columns": {c["name"]: (str(c["type"]), c["nullable"]) for c in inspector.get_columns(table)},
            "primary": inspector.get_pk_constraint(table)["name"],
            "foreign": {
                f["name"]: (f["constrained_columns"], f["referred_table"], f["referred_columns"])
                for f in inspector.get_foreign_keys(table)
            },
            "unique": {u["name"]: u["column_names"] for u in inspector.get_unique_constraints(table)},
            "check": {c["name"]: "".join(c["sqltext"].split()) for c in inspector.get_check_constraints(table)},
            "index": {i["name"]: (i["column_names"], bool(i["unique"])) for i in inspector.get_indexes(table)},
        }
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


class TestUpgrade:
    def test_makes_exactly_the_models_tables(self, empty_url: str) -> None:
        upgrade(empty_url)
        database = Database(empty_url)
        with database.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, Base.metadata) == []
        database.dispose()

    def test_gives_every_constraint_the_name_and_meaning_it_has_in_the_models(
        self, empty_url: str, tmp_path: Path
    ) -> None:
        upgrade(empty_url)
        database = Database(empty_url)
        with database.engine.connect() as connection:
            migrated = constraints(connection)
        with database.engine.begin() as connection:
            connection.execute(text("DROP TABLE alembic_version"))
            Base.metadata.drop_all(connection)
            Base.metadata.create_all(connection)
            assert constraints(connection) == migrated
        database.dispose()

    def test_again_changes_nothing(self, empty_url: str) -> None:
        upgrade(empty_url)
        database = Database(empty_url)
        with database.engine.connect() as connection:
            once = constraints(connection)
        upgrade(empty_url)
        with database.engine.connect() as connection:
            assert constraints(connection) == once
        database.dispose()

    def test_by_several_at_once_is_done_once(self, empty_url: str) -> None:
        with ThreadPoolExecutor(4) as pool:
            for future in [pool.submit(upgrade, empty_url) for _ in range(4)]:
                future.result()
        database = Database(empty_url)
        with database.read() as session:
            assert len(session.execute(text("SELECT version_num FROM alembic_version")).all()) == 1
        database.dispose()

    def test_of_a_newer_database_is_refused_and_leaves_it_alone(self, empty_url: str) -> None:
        upgrade(empty_url)
        database = Database(empty_url)
        with database.write() as session:
            session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        with pytest.raises(BadConfiguration, match="9999"):
            upgrade_database(database)
        with database.read() as session:
            assert session.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "9999"
        database.dispose()
