"""The service as its user runs it: a real process on SQLite, stopped and killed while it works, and started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from api_token import BEARER, give_token

from app.db import Database

ACCOUNTS = 12
POST = "w1-events-and-trainings"


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Service:
    def __init__(self, data: Path, port: int) -> None:
        environment = os.environ | {
            "FOCUSWEEK_DATA_DIR": str(data),
            # Short leases, so that what a kill leaves behind is looked after within the test's time.
            "FOCUSWEEK_DISPATCH_LEASE_SECONDS": "1",
            "FOCUSWEEK_PUBLISH_DEADLINE_SECONDS": "1",
            "FOCUSWEEK_SEND_LEASE_SECONDS": "2",
            "FOCUSWEEK_SETTLE_SECONDS": "0.1",
            "FOCUSWEEK_TICK_SECONDS": "0.5",
        }
        self.environment = environment
        self.log = data.parent / "serve.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-m", "app.cli.main", "serve", "--port", str(port)],
                env=environment, stdout=log, stderr=log,
            )  # fmt: skip
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20, trust_env=False, headers=BEARER)
        self._wait()
        database = Database(f"sqlite:///{data / 'focusweek.sqlite3'}")
        give_token(database)
        database.dispose()

    def _wait(self) -> None:
        deadline = time.monotonic() + 40
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                self.http.get("/healthz").raise_for_status()
            except httpx.HTTPError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError(self.log.read_text())

    def post(self, path: str, body: object) -> dict[str, Any]:
        answer = self.http.post(f"/api/v1{path}", json=body)
        assert answer.is_success, answer.text
        return dict(answer.json())

    def approve_all(self) -> None:
        """Approve everything as it stands, beside the running service."""
        subprocess.run(
            [sys.executable, "-m", "app.cli.main", "review", "approve", "--all", "--as", "Reviewer on duty"],
            env=self.environment, check=True, capture_output=True, timeout=60,
        )  # fmt: skip

    def deliveries(self, query: str = "") -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        cursor = ""
        while True:
            page = self.http.get(f"/api/v1/deliveries?limit=200{query}{cursor}").raise_for_status().json()
            items += page["items"]
            if not page["next_cursor"]:
                return items
            cursor = f"&cursor={page['next_cursor']}"

    def end(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        self.http.close()
        return self.process.wait(30)


@contextmanager
def serving(data: Path, port: int) -> Iterator[Service]:
    service = Service(data, port)
    try:
        yield service
    finally:
        if service.process.poll() is None:
            service.end(signal.SIGKILL)


def planned_service(service: Service) -> list[int]:
    """Make accounts and a planned campaign; return the deliveries of one post, one for each account."""
    for number in range(ACCOUNTS):
        service.post("/accounts", {"slug": f"a{number}", "platform": "mastodon", "via": "sandbox"})
    campaign = service.post("/campaigns", {"year": time.gmtime().tm_year + 1})["id"]
    digest = service.post(f"/campaigns/{campaign}/plan/preview", {})["digest"]
    service.post(f"/campaigns/{campaign}/plan/commit", {"digest": digest})
    service.approve_all()
    return [int(str(d["id"])) for d in service.deliveries() if d["post"]["key"] == POST]


def feed(data: Path) -> Counter[str]:
    """Return how many messages each account has in the feed, read as the stand-in for the network keeps it."""
    import sqlite3  # noqa: PLC0415 - only here

    with closing(sqlite3.connect(data / "focusweek.sqlite3")) as connection:
        return Counter(account for (account,) in connection.execute("SELECT account FROM sandbox_post"))


class TestServe:
    @pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
    def test_stopped_at_any_time_and_started_again_publishes_each_once_and_loses_none(
        self, tmp_path: Path, how: signal.Signals
    ) -> None:
        data, port = tmp_path / "data", free_port()
        with serving(data, port) as service:
            wanted = planned_service(service)
            assert len(wanted) == ACCOUNTS
            for number, delivery in enumerate(wanted):
                service.post(f"/deliveries/{delivery}/send-now", {})
                if number == ACCOUNTS // 2:
                    break
            service.end(how)
        for _ in range(2):
            with serving(data, port) as service:
                for delivery in wanted[ACCOUNTS // 2 + 1 :]:
                    service.http.post(f"/api/v1/deliveries/{delivery}/send-now", json={})
                time.sleep(0.15)
                service.end(how)
        with serving(data, port) as service:
            deadline = time.monotonic() + 30
            while time.monotonic() < deadline:
                states = {int(str(d["id"])): d["state"] for d in service.deliveries() if d["post"]["key"] == POST}
                if set(states.values()) == {"published"}:
                    break
                time.sleep(0.3)
            assert states == dict.fromkeys(wanted, "published"), service.log.read_text()[-4000:]
            assert service.end(signal.SIGTERM) == 0
        assert len(feed(data)) == ACCOUNTS
        assert set(feed(data).values()) == {1}

    def test_says_what_to_do_where_the_port_is_taken(self, tmp_path: Path) -> None:
        with closing(socket.socket()) as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            done = subprocess.run(  # noqa: S603 - our own command
                [sys.executable, "-m", "app.cli.main", "serve", "--port", str(taken.getsockname()[1])],
                env=os.environ | {"FOCUSWEEK_DATA_DIR": str(tmp_path)},
                capture_output=True, text=True, check=False, timeout=60,
            )  # fmt: skip
        assert done.returncode == 1
        assert "give another" in done.stderr
        assert "Traceback" not in done.stderr
