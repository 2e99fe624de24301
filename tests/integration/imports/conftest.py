from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from import_scene import NOW, Importing

from app.bootstrap import House
from app.clock import VirtualClock
from app.db import Database
from app.packs.bundled import default_pack
from app.platforms.base import Via
from app.services.accounts import NewAccount, add_account
from app.services.campaigns import create_campaign
from app.settings import Settings


@pytest.fixture
def importing(database: Database, tmp_path: Path) -> Iterator[Importing]:
    """The bundled campaign of 2027 with one sandbox account on Bluesky, on each database."""
    url = database.engine.url.render_as_string(hide_password=False)
    house = House(Settings(data_dir=tmp_path, database_url=url), clock=VirtualClock(NOW))
    with house.write() as scope:
        campaign = create_campaign(scope, default_pack(), year=2027)
        add_account(scope, house.vault, NewAccount("bluesky", "bluesky", Via.SANDBOX))
    yield Importing(house, campaign.id)
    house.close()
