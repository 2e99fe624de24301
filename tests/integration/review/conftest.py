"""The agency of the review tests, on each database; its letters go to a real mail server on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alert_servers import Mailbox, free_port, mail_server
from review_agency import START, Agency, open_agency

from app.bootstrap import House
from app.clock import VirtualClock
from app.db import Database
from app.delivery.options import EngineOptions
from app.settings import Settings


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def agency(database: Database, tmp_path: Path, quiet_logs: None) -> Iterator[Agency]:
    """An agency without a mail server."""
    yield from _opened(database, tmp_path)


@pytest.fixture
def mailing(database: Database, tmp_path: Path, mailbox: Mailbox, quiet_logs: None) -> Iterator[Agency]:
    """An agency whose letters go to `mailbox`."""
    port = free_port()
    mail = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none", "smtp_from": "f@agency.example"}
    with mail_server(mailbox, port):
        yield from _opened(database, tmp_path, **mail)


def _opened(database: Database, directory: Path, **more: Any) -> Iterator[Agency]:
    clock = VirtualClock(START)
    url = database.engine.url.render_as_string(hide_password=False)
    options = EngineOptions(workers=0, read_backs_budget=0)
    house = House(Settings(data_dir=directory, database_url=url, **more), clock=clock, options=options)
    with house.write():
        pass
    yield open_agency(house, clock)
    house.close()
