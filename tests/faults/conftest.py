"""The fault tests: real processes on SQLite and PostgreSQL. One process, which has imported everything, forks them."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
INTEGRATION = ROOT / "tests" / "integration"
sys.path[:0] = [str(ROOT), str(INTEGRATION)]

from app.db import Database  # noqa: E402
from tests.faults.house_scene import Scene, new_seed  # noqa: E402
from tests.faults.processes import Zygote  # noqa: E402

_spec = importlib.util.spec_from_file_location("integration_fixtures", INTEGRATION / "conftest.py")
assert _spec is not None
assert _spec.loader is not None
_fixtures = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_fixtures)
postgres_url = _fixtures.postgres_url
migrated_sqlite = _fixtures.migrated_sqlite
migrated_postgres = _fixtures.migrated_postgres
database = _fixtures.database


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    process = Zygote()
    yield process
    process.end()


@pytest.fixture
def scene(database: Database, tmp_path: Path, zygote: Zygote) -> Iterator[Callable[..., Scene]]:
    """What makes a scene on an empty database, once of each kind; the scene ends with the test."""
    scenes: list[Scene] = []

    def make(**values: object) -> Scene:
        # The whole address, password included, which is a test server's.
        url = database.engine.url.render_as_string(hide_password=False).replace("postgresql+psycopg", "postgresql")
        values = {"seed": new_seed(), **values}
        scenes.append(Scene(url, tmp_path, zygote=zygote, **values))  # type: ignore[arg-type]
        return scenes[-1]

    yield make
    for each in scenes:
        each.__exit__()
    # Its connections may have been ended with the workers'.
    database.dispose()
