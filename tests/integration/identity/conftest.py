"""A house on each database, in virtual time, with a real mail server on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alert_servers import Mailbox, free_port, mail_server

from app.bootstrap import House
from app.clock import VirtualClock
from app.db import Database
from app.identity.authentication import Asking
from app.settings import Settings

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOW)


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def house(tmp_path: Path, database: Database, clock: VirtualClock) -> Iterator[House]:
    """A house without a mail server."""
    yield from _opened(_settings(tmp_path, database), clock)


@pytest.fixture
def mailing_house(tmp_path: Path, database: Database, clock: VirtualClock, mailbox: Mailbox) -> Iterator[House]:
    """A house that sends its letters to `mailbox`."""
    port = free_port()
    mail = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none", "smtp_from": "f@agency.example"}
    with mail_server(mailbox, port):
        yield from _opened(_settings(tmp_path, database, public_url="https://focusweek.example", **mail), clock)


@pytest.fixture
def asking() -> Asking:
    return Asking(origin="192.0.2.7", request_id="r1", agent="tests")


def _settings(directory: Path, database: Database, **more: object) -> Settings:
    url = database.engine.url.render_as_string(hide_password=False)
    return Settings(data_dir=directory, database_url=url, **more)  # type: ignore[arg-type]  # pydantic checks them


def _opened(settings: Settings, clock: VirtualClock) -> Iterator[House]:
    house = House(settings, clock=clock)
    with house.write():
        pass
    yield house
    house.close()
