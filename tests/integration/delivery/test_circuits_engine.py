"""The engine and a host that does not answer: who waits, who does not, and what becomes of them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from circuit_hosts import DEAD, HOST, Hosts
from delivery_stage import START, Stage

from app.platforms.base import Connection, Sending
from app.platforms.results import PublishResult
from app.platforms.sandbox.adapter import SandboxAdapter


class Unanswering(SandboxAdapter):
    """One of its hosts does not answer until a certain moment."""

    back_at: datetime
    tried: list[datetime]

    def publish_part(self, sending: Sending, connection: Connection, *, deadline: float) -> PublishResult:
        if connection.server == HOST and self._clock.now() < self.back_at:
            self.tried.append(self._clock.now())
            return DEAD
        return super().publish_part(sending, connection, deadline=deadline)


@pytest.fixture
def network(stage: Stage) -> Unanswering:
    sandbox = stage.adapters.sandbox
    assert isinstance(sandbox, SandboxAdapter)
    network = Unanswering(sandbox._profile, stage.feed, stage.clock)
    network.tried, network.back_at = [], START + timedelta(days=1)
    stage.adapters.network = network
    return network


@pytest.fixture
def hosts(stage: Stage) -> Hosts:
    return Hosts(stage)


def due_in_ten_minutes(hosts: Hosts, count: int, server: str) -> list[int]:
    post = hosts.stage.post(hosts.campaign, f"Help is there, on {server}.")
    accounts = [hosts.add(f"{len(server)}-{number}", server) for number in range(count)]
    return [hosts.stage.delivery(post, account, in_minutes=10) for account in accounts]


class TestADeadHost:
    def test_is_tried_now_and_then_and_its_posts_are_missed_in_so_many_words(
        self, hosts: Hosts, network: Unanswering
    ) -> None:
        silent = due_in_ten_minutes(hosts, 6, HOST)
        hosts.stage.run(hours=3)
        rows = [hosts.stage.get(delivery) for delivery in silent]
        assert {(row.state, row.state_reason) for row in rows} == {("missed", "late.unreachable")}
        assert all(row.attempts_made < 5 for row in rows)
        # Five or six before it opened, and a probe at growing distances after that.
        assert len(network.tried) < 6 + 15
        assert hosts.stage.texts() == []

    def test_does_not_keep_back_what_goes_elsewhere(self, hosts: Hosts, network: Unanswering) -> None:
        due_in_ten_minutes(hosts, 6, HOST)
        elsewhere = due_in_ten_minutes(hosts, 3, "https://other.example")
        hosts.stage.run(hours=3)
        for delivery in elsewhere:
            row = hosts.stage.get(delivery)
            assert (row.state, row.published_at) == ("published", row.due_at)

    def test_gets_all_its_posts_once_it_is_back(self, hosts: Hosts, network: Unanswering) -> None:
        silent = due_in_ten_minutes(hosts, 6, HOST)
        network.back_at = START + timedelta(minutes=25)
        hosts.stage.run(hours=3)
        rows = [hosts.stage.get(delivery) for delivery in silent]
        assert {row.state for row in rows} == {"published"}
        assert len(hosts.stage.texts()) == 6
        last = max(row.published_at for row in rows if row.published_at is not None)
        # The circuit's ceiling, and at most one account's own rest.
        assert last <= network.back_at + timedelta(minutes=16)
