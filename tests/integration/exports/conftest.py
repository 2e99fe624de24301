from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from export_scene import NOW, Exporting

from app.bootstrap import House
from app.clock import VirtualClock
from app.db import Database
from app.models import Organization
from app.packs.bundled import default_pack
from app.platforms.base import Via
from app.services.accounts import NewAccount, add_account
from app.services.campaigns import create_campaign
from app.settings import Settings


@pytest.fixture
def exporting(database: Database, tmp_path: Path) -> Iterator[Exporting]:
    """The bundled campaign of 2027 with two sandbox accounts, nothing planned yet."""
    url = database.engine.url.render_as_string(hide_password=False)
    house = House(Settings(data_dir=tmp_path, database_url=url), clock=VirtualClock(NOW))
    with house.write() as scope:
        organization = scope.session.get_one(Organization, scope.organization_id)
        organization.issuer_clearance_suffices = organization.allows_own_approval = True
        campaign = create_campaign(scope, default_pack(), year=2027)
        add_account(scope, house.vault, NewAccount("our-mastodon", "mastodon", Via.SANDBOX))
    yield Exporting(house, campaign.id)
    house.close()
