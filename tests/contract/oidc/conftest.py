from __future__ import annotations

import logging
import os
import socket
import ssl
import threading

import httpx
import pytest
import structlog
import uvicorn
from real_provider import FOLDER, SECRET, RealProvider, set_up
from signed_in import Visit

from app.bootstrap import House, open_house
from app.clock import SystemClock, VirtualClock
from app.main import create_app
from app.settings import Settings


@pytest.fixture(autouse=True)
def _quiet():
    """What tests provoke need not be printed."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def listener():
    """Where our own service listens, for the provider knows the address that it sends people back to."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        yield listener


@pytest.fixture(scope="session")
def public_url(listener) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture(scope="session")
def provider(tmp_path_factory, public_url):
    """The real provider, once for the whole run; skipped with the reason where it cannot run, but never in CI."""
    setup = set_up()
    lacking = setup.missing(FOLDER)
    if lacking is not None:
        (pytest.fail if os.environ.get("CI", "").lower() == "true" else pytest.skip)(lacking)
    callback = f"{public_url}/sign-in/openid/callback"
    provider = RealProvider(setup.find_node(), tmp_path_factory.mktemp("oidc"), callback)
    yield provider
    provider.close()


@pytest.fixture(scope="session")
def empty(tmp_path_factory) -> bytes:
    """An empty database at the newest revision."""
    directory = tmp_path_factory.mktemp("empty")
    open_house(Settings(data_dir=directory)).close()
    return (directory / "focusweek.sqlite3").read_bytes()


@pytest.fixture(scope="session")
def served(tmp_path_factory, empty, listener):
    """One application behind one server, which serves the house of the test that runs."""
    directory = tmp_path_factory.mktemp("served")
    (directory / "focusweek.sqlite3").write_bytes(empty)
    house = House(Settings(data_dir=directory))
    app = create_app(house, ticking=False)
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", access_log=False))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        threading.Event().wait(0.005)
    yield app
    server.should_exit = True
    thread.join(20)
    house.close()


@pytest.fixture
def clock() -> VirtualClock:
    """Now, as the provider has it, too; tests move ours."""
    return VirtualClock(SystemClock().now())


@pytest.fixture
def settings_change() -> dict[str, object]:
    return {}


@pytest.fixture
def house(tmp_path, empty, provider, public_url, served, clock, settings_change):
    (tmp_path / "focusweek.sqlite3").write_bytes(empty)
    given = {
        "public_url": public_url,
        "oidc_issuer": provider.issuer,
        "oidc_client_id": "focusweek",
        "oidc_client_secret": SECRET,
        "oidc_name": "the agency",
        "allow_private_targets": True,
        "rate_limit_by_address_per_minute": 0,
    }
    house = House(Settings(data_dir=tmp_path, **(given | settings_change)), clock=clock)
    served.state.house = house
    yield house
    house.close()


@pytest.fixture
def browser(house, public_url):
    """A browser with our service open."""
    with httpx.Client(base_url=public_url, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)) as client:
        yield client


@pytest.fixture
def visit(house, browser) -> Visit:
    return Visit(house, browser)
