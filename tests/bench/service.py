"""The memory of the service as it runs: a real process with the demonstration's campaign, after some requests."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import closing
from pathlib import Path


def idle_memory_megabytes() -> float:
    """Return the resident memory, in megabytes (10^6 bytes), of a service that has answered requests."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as directory:
        environment = os.environ | {"FOCUSWEEK_DATA_DIR": directory}
        command = [sys.executable, "-m", "app.cli.main", "demo", "--port", str(port)]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
        try:
            _wait_for(f"http://127.0.0.1:{port}/healthz")
            for _ in range(50):
                for path in ("sandbox", "api/v1/campaigns", "api/v1/deliveries"):
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=10).read()
            status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
            found = re.search(r"VmRSS:\s+(\d+) kB", status)
            return int(found[1]) * 1024 / 1e6 if found else float("nan")
        finally:
            process.terminate()
            process.wait(30)


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
