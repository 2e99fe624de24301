"""The API as a client meets it: the real application behind a real server on loopback, on a database of its own.

What takes long is done once a session: the server, and three databases to copy for each test: an empty one, one with
the bundled campaign of 2027, and one with that campaign planned on a sandbox account.
"""

from __future__ import annotations

import contextlib
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from api_client import Json, ok, serving
from api_token import BEARER, give_token
from fastapi import FastAPI

from app.bootstrap import House
from app.clock import Clock, SystemClock, VirtualClock
from app.db import Database
from app.main import create_app
from app.models import Campaign, Organization
from app.packs.bundled import default_pack
from app.platforms.base import Via
from app.services.accounts import NewAccount, add_account
from app.services.approvals import approve_everything
from app.services.campaigns import create_campaign
from app.services.plans import commit_plan, preview_plan
from app.settings import Settings

#: When the tests' clock stands: before the campaign of 2027 begins.
NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)

#: Tests ask faster than people may.
_UNLIMITED: Json = {"rate_limit_per_minute": 0, "rate_limit_by_address_per_minute": 0}

#: A client that is given none would read all certificates of the machine, for each test anew.
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@pytest.fixture(autouse=True)
def _quiet(quiet_logs: None) -> None:
    """Every test here provokes failures that are logged."""


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOW)


@pytest.fixture(scope="session")
def campaign_sqlite(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: bytes) -> bytes:
    """A database with the bundled campaign of 2027, whose id is 1."""
    with _scratch(tmp_path_factory, migrated_sqlite) as house, house.write() as scope:
        create_campaign(scope, default_pack(), year=2027)
    return _file(house)


@pytest.fixture(scope="session")
def planned_sqlite(tmp_path_factory: pytest.TempPathFactory, campaign_sqlite: bytes) -> bytes:
    """A database with that campaign planned on one sandbox account, `bluesky`, and approved as far as it can be."""
    with _scratch(tmp_path_factory, campaign_sqlite) as house, house.write() as scope:
        add_account(scope, house.vault, NewAccount("bluesky", "bluesky", Via.SANDBOX))
        campaign = scope.get(Campaign, 1)
        commit_plan(scope, campaign, preview_plan(scope, campaign).digest)
        approve_everything(scope, campaign, by="a reviewer")
    return _file(house)


@pytest.fixture
def start_sqlite(request: pytest.FixtureRequest) -> bytes:
    """The database that a test's own fixtures ask for."""
    asked = set(request.fixturenames)
    name = "planned_sqlite" if "planned" in asked else "campaign_sqlite" if "campaign" in asked else "migrated_sqlite"
    chosen: bytes = request.getfixturevalue(name)
    return chosen


@pytest.fixture
def settings_change() -> Json:
    """What a group of tests sets otherwise than an operator who sets nothing."""
    return {}


@pytest.fixture
def house(tmp_path: Path, start_sqlite: bytes, clock: VirtualClock, settings_change: Json) -> Iterator[House]:
    (tmp_path / "focusweek.sqlite3").write_bytes(start_sqlite)
    yield from _opened(Settings(data_dir=tmp_path, **(_UNLIMITED | settings_change)), clock)


@pytest.fixture
def house_on_each(tmp_path: Path, database: Database, clock: VirtualClock) -> Iterator[House]:
    """The house once on SQLite and once on PostgreSQL."""
    url = database.engine.url.render_as_string(hide_password=False)
    yield from _opened(Settings(data_dir=tmp_path, database_url=url, **_UNLIMITED), clock)


@pytest.fixture
def ticking_house(tmp_path: Path, migrated_sqlite: bytes) -> Iterator[House]:
    """A house on the machine's own clock, as a scheduler needs it."""
    (tmp_path / "focusweek.sqlite3").write_bytes(migrated_sqlite)
    yield from _opened(Settings(data_dir=tmp_path), SystemClock())


def _opened(settings: Settings, clock: Clock) -> Iterator[House]:
    house = House(settings, clock=clock)
    with house.write():
        pass
    yield house
    house.close()


@contextlib.contextmanager
def _scratch(paths: pytest.TempPathFactory, database: bytes) -> Iterator[House]:
    directory = paths.mktemp("start")
    (directory / "focusweek.sqlite3").write_bytes(database)
    # Closing the house moves everything from the log into the file.
    yield from _opened(Settings(data_dir=directory), VirtualClock(NOW))


def _file(house: House) -> bytes:
    return (house.settings.data_dir / "focusweek.sqlite3").read_bytes()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: bytes) -> Iterator[tuple[FastAPI, str]]:
    """One application behind one server, which serves the house of the test that runs; and its address."""
    with _scratch(tmp_path_factory, migrated_sqlite) as house:
        app = create_app(house, ticking=False)
        with serving(app) as base:
            yield app, base


@pytest.fixture
def api(house: House, served: tuple[FastAPI, str]) -> Iterator[httpx.Client]:
    """A client of the API, which reads the addresses of the routes only: `/campaigns`, `/deliveries`."""
    yield from _client(house, *served)


@pytest.fixture
def api_on_each(house_on_each: House, served: tuple[FastAPI, str]) -> Iterator[httpx.Client]:
    yield from _client(house_on_each, *served)


@pytest.fixture
def site(api: httpx.Client) -> Iterator[httpx.Client]:
    """A client of everything outside the API."""
    base = str(api.base_url).removesuffix("/api/v1/")
    with httpx.Client(base_url=base, verify=_NO_TLS, headers=BEARER) as client:
        yield client


def _client(house: House, app: FastAPI, base: str) -> Iterator[httpx.Client]:
    app.state.house = house
    give_token(house.database)
    with httpx.Client(base_url=f"{base}/api/v1", verify=_NO_TLS, headers=BEARER) as client:
        yield client


@pytest.fixture
def campaign(api: httpx.Client) -> Json:
    """The bundled campaign of 2027."""
    return ok(api.get("/campaigns/1"))


@pytest.fixture
def approve_all(house: House) -> Callable[[], None]:
    """Approve what stands in campaign 1 now, as one person may who works alone."""

    def run() -> None:
        with house.write() as scope:
            scope.session.get_one(Organization, scope.organization_id).allows_own_approval = True
            approve_everything(scope, scope.get(Campaign, 1), by="a reviewer")

    return run


@pytest.fixture
def planned(campaign: Json) -> Json:
    """The campaign planned on one sandbox account, `bluesky`."""
    return campaign


@pytest.fixture
def deliveries(api: httpx.Client, planned: Json) -> list[Json]:
    """The planned campaign's first deliveries, in the order of their times."""
    page = ok(api.get("/deliveries", params={"campaign_id": planned["id"]}))
    items: list[Json] = page["items"]
    return items


@pytest.fixture
def tick(house: House, clock: VirtualClock) -> Callable[[str], None]:
    """Move the clock to an instant (ISO 8601) and let the engine do what is due."""

    def run(instant: str) -> None:
        clock.move_to(datetime.fromisoformat(instant))
        house.engine.confirm_clock()
        house.engine.tick()
        while not house.engine.idle():
            threading.Event().wait(0.002)

    return run


@pytest.fixture
def later(tick: Callable[[str], None]) -> Callable[[Json, float], None]:
    """Let the engine look, so many minutes after a delivery was due."""

    def run(delivery: Json, minutes: float) -> None:
        tick((datetime.fromisoformat(delivery["due"]["utc"]) + timedelta(minutes=minutes)).isoformat())

    return run
