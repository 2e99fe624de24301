"""The agency of the review tests, on each database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from review_agency import START, Agency, open_agency

from app.bootstrap import House
from app.clock import VirtualClock
from app.db import Database
from app.delivery.options import EngineOptions
from app.settings import Settings


@pytest.fixture
def agency(database: Database, tmp_path: Path, quiet_logs: None) -> Iterator[Agency]:
    clock = VirtualClock(START)
    url = database.engine.url.render_as_string(hide_password=False)
    options = EngineOptions(workers=0, read_backs_budget=0)
    house = House(Settings(data_dir=tmp_path, database_url=url), clock=clock, options=options)
    with house.write():
        pass
    yield open_agency(house, clock)
    house.close()
