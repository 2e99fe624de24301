from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fact_scene import BEFORE, Scene
from sqlalchemy import select

from app.bootstrap import House
from app.clock import VirtualClock
from app.db import Database
from app.delivery.options import EngineOptions
from app.identity.permissions import EVERYTHING
from app.identity.principal import Principal
from app.models import Organization
from app.packs.bundled import default_pack
from app.platforms.base import Via
from app.services.accounts import NewAccount, add_account
from app.services.campaigns import create_campaign
from app.services.plans import commit_plan, preview_plan
from app.settings import Settings


@pytest.fixture
def scene(database: Database, tmp_path: Path, quiet_logs: None) -> Iterator[Scene]:
    clock = VirtualClock(BEFORE)
    url = database.engine.url.render_as_string(hide_password=False)
    options = EngineOptions(workers=0, read_backs_budget=0)
    house = House(Settings(data_dir=tmp_path, database_url=url), clock=clock, options=options)
    with house.write_instance() as scope:
        for slug in ("north", "south"):
            scope.session.add(
                Organization(
                    slug=slug,
                    name=slug.title(),
                    issuer_clearance_suffices=True,
                    allows_own_approval=True,
                    created_at=scope.now,
                )
            )
        scope.session.flush()
        rows = scope.session.execute(select(Organization.slug, Organization.id)).all()
    people = {slug: Principal(f"{slug}@example.org", EVERYTHING, row_id) for slug, row_id in rows}
    for slug in ("north", "south"):
        with house.write(people[slug]) as scope:
            campaign = create_campaign(scope, default_pack(), year=2027)
            add_account(scope, house.vault, NewAccount("mastodon", "mastodon", Via.SANDBOX))
            scope.session.flush()
            commit_plan(scope, campaign, preview_plan(scope, campaign).digest)
    yield Scene(house, clock, people)
    house.close()
