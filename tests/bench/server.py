"""A small Mastodon server in a process of its own, that answers at once or after a fixed delay, and notes arrivals.

It speaks HTTP/1.1 by hand over asyncio: persistent connections, and `Connection: close` where a client asks for it.
`POST /api/v1/statuses` makes a status, once per `Idempotency-Key`; `GET /api/v1/statuses/ID` shows it.
`GET /arrivals` tells when each post had arrived whole (seconds since 1970) and with which token, and forgets them.
Other addresses are answered with 404.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx

_STATUS = b"/api/v1/statuses"


@dataclass(slots=True)
class Kept:
    """What the server has: statuses by id and by key, and the arrivals that nobody has asked for."""

    delay_seconds: float
    statuses: dict[bytes, bytes]
    by_key: dict[bytes, bytes]
    arrivals: list[tuple[float, str]]


class Speaker(asyncio.Protocol):
    """One connection."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self._loop = asyncio.get_running_loop()
        self._got = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._got += data
        while (end := self._got.find(b"\r\n\r\n")) >= 0:
            line, *lines = self._got[:end].split(b"\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (field.partition(b":") for field in lines)}
            whole = end + 4 + int(headers.get(b"content-length", b"0"))
            if len(self._got) < whole:
                return
            body, self._got = self._got[end + 4 : whole], self._got[whole:]
            method, path, _ = line.split(b" ", 2)
            self._answer(method, path, headers, body)

    def _answer(self, method: bytes, path: bytes, headers: dict[bytes, bytes], body: bytes) -> None:
        close = headers.get(b"connection", b"").lower() == b"close"
        if method == b"POST" and path == _STATUS:
            token = headers.get(b"authorization", b"").removeprefix(b"Bearer ").decode()
            self._kept.arrivals.append((time.time(), token))
            status = self._make(headers.get(b"idempotency-key", b""), body)
            if self._kept.delay_seconds:
                self._loop.call_later(self._kept.delay_seconds, self._write, 200, status, close)
            else:
                self._write(200, status, close)
        elif path == b"/arrivals":
            arrivals, self._kept.arrivals = self._kept.arrivals, []
            self._write(200, json.dumps(arrivals).encode(), close)
        else:
            found = self._kept.statuses.get(path.rsplit(b"/", 1)[-1])
            self._write(200 if found else 404, found or b'{"error": "Record not found"}', close)

    def _make(self, key: bytes, body: bytes) -> bytes:
        known = self._kept.by_key.get(key)
        if known is not None:
            return known
        number = str(len(self._kept.statuses) + 1)
        asked = json.loads(body)
        status = {
            "id": number,
            "created_at": f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime())}.000Z",
            "visibility": "public",
            "language": asked.get("language"),
            "uri": f"http://127.0.0.1/statuses/{number}",
            "url": f"http://127.0.0.1/@bench/{number}",
            "content": f"<p>{asked['status']}</p>",
        }
        made = json.dumps(status).encode()
        self._kept.statuses[number.encode()] = made
        if key:
            self._kept.by_key[key] = made
        return made

    def _write(self, status: int, body: bytes, close: bool) -> None:
        if self._transport.is_closing():
            return
        reason = b"OK" if status == 200 else b"Not Found"
        kind = b"close" if close else b"keep-alive"
        head = b"HTTP/1.1 %d %s\r\nContent-Type: application/json; charset=utf-8\r\n" % (status, reason)
        self._transport.write(head + b"Content-Length: %d\r\nConnection: %s\r\n\r\n" % (len(body), kind) + body)
        if close:
            self._transport.close()


async def _serve(delay_seconds: float) -> None:
    kept = Kept(delay_seconds, {}, {}, [])
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Speaker(kept), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201  # how the parent learns the port
    stopped = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    await stopped.wait()


@dataclass(frozen=True, slots=True)
class Server:
    """A running server, as its clients see it."""

    url: str
    process: int

    def arrivals(self) -> list[tuple[float, str]]:
        """Return when posts arrived (seconds since 1970) and with which token, since the last call."""
        return [(at, token) for at, token in httpx.get(f"{self.url}/arrivals", trust_env=False).json()]


@contextlib.contextmanager
def running(delay_seconds: float = 0.0) -> Iterator[Server]:
    """Run a server that waits so long before it answers a post."""
    command = [sys.executable, "-m", "tests.bench.server", str(delay_seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own command
        try:
            assert process.stdout is not None
            yield Server(f"http://127.0.0.1:{int(process.stdout.readline())}", process.pid)
        finally:
            process.terminate()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("delay_seconds", type=float)
    asyncio.run(_serve(parser.parse_args().delay_seconds))
