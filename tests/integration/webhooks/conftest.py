from __future__ import annotations

from collections.abc import Iterator

import pytest
from alert_servers import Receiver, webhook_server
from delivery_stage import Stage
from webhook_stage import WebhookStage


@pytest.fixture(autouse=True)
def _quiet(quiet_logs: None) -> None:
    """Every test here provokes failures that are logged."""


@pytest.fixture
def on(stage: Stage) -> WebhookStage:
    return WebhookStage(stage)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    with webhook_server(receiver):
        yield receiver
