"""The API as a client meets it: the real application behind a real server on loopback, on a database of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import structlog
from api_client import Json, commit, made, ok, serving

from app.bootstrap import House
from app.clock import Clock, SystemClock, VirtualClock
from app.db import Database
from app.main import create_app
from app.settings import Settings

#: When the tests' clock stands: before the campaign of 2027 begins.
NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _quiet_logs() -> Iterator[None]:
    """What tests provoke need not be printed; structlog's own default would draw every frame of it."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOW)


@pytest.fixture
def house(tmp_path: Path, migrated_sqlite: bytes, clock: VirtualClock) -> Iterator[House]:
    path = tmp_path / "focusweek.sqlite3"
    path.write_bytes(migrated_sqlite)
    yield from _opened(Settings(data_dir=tmp_path), clock)


@pytest.fixture
def house_on_each(tmp_path: Path, database: Database, clock: VirtualClock) -> Iterator[House]:
    """The house once on SQLite and once on PostgreSQL."""
    url = database.engine.url.render_as_string(hide_password=False)
    yield from _opened(Settings(data_dir=tmp_path, database_url=url), clock)


@pytest.fixture
def ticking_house(tmp_path: Path, migrated_sqlite: bytes) -> Iterator[House]:
    """A house on the machine's own clock, as a scheduler needs it."""
    path = tmp_path / "focusweek.sqlite3"
    path.write_bytes(migrated_sqlite)
    yield from _opened(Settings(data_dir=tmp_path), SystemClock())


def _opened(settings: Settings, clock: Clock) -> Iterator[House]:
    house = House(settings, clock=clock)
    with house.write():
        pass
    yield house
    house.close()


@pytest.fixture
def api(house: House) -> Iterator[httpx.Client]:
    """A client of the API, which reads the addresses of the routes only: `/campaigns`, `/deliveries`."""
    yield from _client(house)


@pytest.fixture
def api_on_each(house_on_each: House) -> Iterator[httpx.Client]:
    yield from _client(house_on_each)


@pytest.fixture
def site(api: httpx.Client) -> Iterator[httpx.Client]:
    """A client of everything outside the API."""
    with httpx.Client(base_url=str(api.base_url).removesuffix("/api/v1/")) as client:
        yield client


def _client(house: House) -> Iterator[httpx.Client]:
    with serving(create_app(house, ticking=False)) as base, httpx.Client(base_url=f"{base}/api/v1") as client:
        yield client


@pytest.fixture
def campaign(api: httpx.Client) -> Json:
    """The bundled campaign of 2027."""
    return made(api.post("/campaigns", json={"year": 2027}))


@pytest.fixture
def planned(api: httpx.Client, campaign: Json) -> Json:
    """The campaign planned on one sandbox account, `bluesky`."""
    made(api.post("/accounts", json={"slug": "bluesky", "platform": "bluesky", "via": "sandbox"}))
    commit(api, campaign["id"])
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
