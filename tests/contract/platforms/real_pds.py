"""The real Bluesky server of npm, behind a relay that can lose an answer."""

from __future__ import annotations

import http.client
import importlib.util
import json
import socket
import subprocess
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from wire_double import Answer, Call, WireDouble

CONTRACT = Path(__file__).resolve().parent.parent
FOLDER = CONTRACT / "pds"
START_SECONDS = 45  # two on an idle machine


def set_up() -> Any:
    """Return the set-up script as a module."""
    spec = importlib.util.spec_from_file_location("setup_node", CONTRACT / "setup_node.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class RealPds:
    """The server's process; it ends when its standard input is closed."""

    def __init__(self, node: Path, directory: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self._log = (directory / "server.log").open("wb")
        self._process = subprocess.Popen(  # noqa: S603 - our own arguments
            [str(node), str(FOLDER / "start.mjs"), str(directory), str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
        )
        overdue = threading.Timer(START_SECONDS, self._process.kill)
        overdue.start()
        line = self._process.stdout.readline()
        overdue.cancel()
        if not line:
            self.close()
            raise RuntimeError(f"the server did not start: {(directory / 'server.log').read_text()[-2000:]}")
        started = json.loads(line)
        self.url = f"http://127.0.0.1:{started['port']}"
        self.jwt_secret: str = started["jwtSecret"]

    def call(self, method: str, nsid: str, *, token: str = "", body: Any = None, **query: str) -> Answer:
        target = f"/xrpc/{nsid}" + (f"?{urlencode(query)}" if query else "")
        return self.relay(method, target, {"authorization": f"Bearer {token}"} if token else {}, body)

    def relay(self, method: str, target: str, headers: dict[str, str], body: Any) -> Answer:
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=20)
        try:
            payload = None if body is None else json.dumps(body).encode()
            kept = {name: value for name, value in headers.items() if name in ("authorization", "user-agent")}
            if payload is not None:
                kept["content-type"] = "application/json"
            connection.request(method, target, body=payload, headers=kept)
            reply = connection.getresponse()
            raw = reply.read()
            limits = {k: v for k, v in reply.getheaders() if k.lower().startswith(("ratelimit", "retry"))}
            return Answer(reply.status, raw, limits)
        finally:
            connection.close()

    def close(self) -> None:
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
        self._process.stdout.close()
        self._log.close()


class Relay(WireDouble):
    """Passes every call on to the real server; `faults` are its own."""

    def __init__(self, pds: RealPds) -> None:
        super().__init__()
        self._pds = pds

    def publishes(self, call: Call) -> bool:
        return call.path.endswith("com.atproto.repo.putRecord")

    def answer(self, call: Call) -> Answer:
        target = call.path + (f"?{urlencode(call.query)}" if call.query else "")
        return self._pds.relay(call.method, target, dict(call.headers), call.body)
