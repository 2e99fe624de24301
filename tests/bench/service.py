"""The service as a process of its own, as `focusweek serve` and `focusweek demo` run it."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass

from tests.bench.measures import rss_megabytes


@dataclass(frozen=True, slots=True)
class Service:
    """A service that answers."""

    url: str
    process: int


@contextlib.contextmanager
def serving(command: str, environment: Mapping[str, str]) -> Iterator[Service]:
    """Run `serve` or `demo` with settings from the environment until the end of the block."""
    port = _free_port()
    words = [sys.executable, "-m", "app.cli.main", command, "--port", str(port)]
    process = subprocess.Popen(  # noqa: S603 - our own command
        words, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/healthz")
        yield Service(f"http://127.0.0.1:{port}", process.pid)
    finally:
        process.terminate()
        process.wait(60)


def idle_memory_megabytes() -> float:
    """Return the resident memory, in megabytes (10^6 bytes), of a service that has answered requests."""
    with tempfile.TemporaryDirectory() as directory:
        environment = {"FOCUSWEEK_DATA_DIR": directory, "FOCUSWEEK_RATE_LIMIT_PER_MINUTE": "0"}
        with serving("demo", environment) as service:
            headers = {"Authorization": f"Bearer {_token(environment)}"}
            for _ in range(50):
                for path in ("sandbox", "api/v1/campaigns", "api/v1/deliveries"):
                    request = urllib.request.Request(f"{service.url}/{path}", headers=headers)  # noqa: S310 - loopback
                    urllib.request.urlopen(request, timeout=10).read()  # noqa: S310 - as above
            return rss_megabytes(service.process)


def _token(environment: Mapping[str, str]) -> str:
    """Have the command line make a token for the API."""
    words = [sys.executable, "-m", "app.cli.main", "tokens", "add", "bench", "--scope", "view", "--json"]
    done = subprocess.run(words, env=os.environ | environment, capture_output=True, text=True, check=True)  # noqa: S603 - our own
    made: dict[str, str] = json.loads(done.stdout)
    return made["token"]


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(url, timeout=2).read()  # noqa: S310 - loopback
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return
