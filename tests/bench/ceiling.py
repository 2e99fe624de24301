"""What the local server can take: raw sockets, prepared bytes, many connections, from a process of its own.

The server must not be what the other figures show; its ceiling is therefore measured and reported beside them. The
figure is a lower bound, for the load comes from the same machine.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from typing import Any

from tests.bench.server import running

_BODY = json.dumps({"status": "x" * 266, "visibility": "public", "language": "en"}).encode()
CONNECTIONS = 16


def _request(close: bool) -> bytes:
    head = b"POST /api/v1/statuses HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer t0\r\n"
    kind = b"Connection: close\r\n" if close else b""
    return head + kind + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(_BODY) + _BODY


async def _load(port: int, posts: int, close: bool) -> float:
    request = _request(close)

    async def one() -> None:
        streams = None
        for _ in range(posts // CONNECTIONS):
            reader, writer = streams or await asyncio.open_connection("127.0.0.1", port)
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0])
            await reader.readexactly(length)
            streams = None if close else (reader, writer)
            if close:
                writer.close()

    start = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    return posts // CONNECTIONS * CONNECTIONS / (time.perf_counter() - start)


def ceiling(posts: int) -> dict[str, Any]:
    """Return answers per second at most, over persistent connections and over one connection per post."""
    found = {}
    with running() as server:
        for name, close in (("persistent_per_second", "0"), ("fresh_per_second", "1")):
            port = server.url.rsplit(":", 1)[1]
            command = [sys.executable, "-m", "tests.bench.ceiling", port, str(posts), close]
            done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own
            found[name] = round(float(done.stdout))
    return found


if __name__ == "__main__":
    port, posts, close = sys.argv[1:]
    print(asyncio.run(_load(int(port), int(posts), close == "1")))  # noqa: T201  # how the parent learns it
