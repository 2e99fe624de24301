from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from updated_campaign import Campaigned, version

from app.bootstrap import House
from app.clock import VirtualClock
from app.db import Database
from app.services.campaigns import create_campaign
from app.settings import Settings


@pytest.fixture
def made(database: Database, tmp_path: Path) -> Iterator[Campaigned]:
    url = database.engine.url.render_as_string(hide_password=False)
    clock = VirtualClock(datetime(2027, 3, 1, 12, 0, tzinfo=UTC))
    house = House(Settings(data_dir=tmp_path, database_url=url), clock=clock)
    with house.write() as scope:
        campaign = create_campaign(scope, version("1"), year=2027)
    yield Campaigned(house, campaign.id)
    house.close()
