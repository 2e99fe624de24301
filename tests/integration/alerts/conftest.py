from __future__ import annotations

from collections.abc import Iterator

import pytest
from alert_servers import Mailbox, Receiver, free_port, mail_server, webhook_server
from alert_stage import AlertStage, smtp_settings
from delivery_stage import Stage


@pytest.fixture(autouse=True)
def _quiet(quiet_logs: None) -> None:
    """Every test here provokes failures that are logged."""


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def on(stage: Stage) -> AlertStage:
    """The alerts on the stage, with a mail server that nobody runs."""
    return AlertStage(stage, smtp_settings(9))


@pytest.fixture
def mailed(stage: Stage, mailbox: Mailbox) -> Iterator[AlertStage]:
    """The alerts on the stage, with a mail server that takes everything."""
    port = free_port()
    with mail_server(mailbox, port):
        yield AlertStage(stage, smtp_settings(port))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    with webhook_server(receiver):
        yield receiver
