"""A real HTTP server on loopback that stands for a network: it answers as documented, and misbehaves on request."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

LOST_AFTER = "lost after"  # the call is carried out, then the connection breaks
LOST_BEFORE = "lost before"  # the connection breaks, nothing is carried out


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: Any

    @property
    def token(self) -> str:
        return self.headers.get("authorization", "").removeprefix("Bearer ")


class WireDouble:
    """Subclasses answer calls. `faults` are used up, one each, by the calls that publish."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.faults: deque[str | Answer | None] = deque()
        self.lock = threading.Lock()

    def answer(self, call: Call) -> Answer:
        raise NotImplementedError

    def publishes(self, call: Call) -> bool:
        raise NotImplementedError

    def handle(self, call: Call) -> Answer | None:
        """Answer a call; None breaks the connection."""
        with self.lock:
            self.calls.append(call)
            fault = self.faults.popleft() if self.faults and self.publishes(call) else None
            if isinstance(fault, Answer):
                return fault
            if fault == LOST_BEFORE:
                return None
            answer = self.answer(call)
            return None if fault == LOST_AFTER else answer

    def __enter__(self):
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                body = json.loads(raw) if raw else None
                call = Call(self.command, parts.path, dict(parse_qsl(parts.query)), headers, body)
                answer = double.handle(call)
                if answer is None:
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.connection.close()
                    self.close_connection = True
                    return
                said = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            do_POST = do_DELETE = do_GET  # noqa: N815 - the names that http.server calls

            def log_message(self, *_: object) -> None:
                """Stay silent."""

            def finish(self) -> None:
                with contextlib.suppress(OSError):
                    super().finish()

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
