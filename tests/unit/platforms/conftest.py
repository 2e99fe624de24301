"""Tiny servers of raw bytes on loopback: each test says what one connection does."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Self

import pytest

from app.clock import SystemClock
from app.platforms.http import Outbound

Behaviour = Callable[["Peer"], None]


@dataclass
class Peer:
    """One accepted connection, and what was read from it."""

    socket: socket.socket
    heard: bytearray

    def read_request(self) -> bytes:
        """Read head and body of one request."""
        data = bytearray()
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, body = bytes(data).partition(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        while len(body) < length:
            body += self._more()
        return head + b"\r\n\r\n" + body

    def _more(self) -> bytes:
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("the client went away")
        self.heard += data
        return data

    def say(self, data: bytes) -> None:
        self.socket.sendall(data)

    def reset(self) -> None:
        """Close with RST, so that the other side sees a broken connection."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


@dataclass
class TinyServer:
    """Runs `behaviour` for each connection, each in a thread of its own."""

    behaviour: Behaviour
    family: socket.AddressFamily = socket.AF_INET
    tls: ssl.SSLContext | None = None
    heard: list[bytearray] = field(default_factory=list)

    def __enter__(self) -> Self:
        host = "::1" if self.family == socket.AF_INET6 else "127.0.0.1"
        self._socket = socket.create_server((host, 0), family=self.family)
        self.port = self._socket.getsockname()[1]
        bracketed = f"[{host}]" if ":" in host else host
        self.url = f"{'https' if self.tls else 'http'}://{bracketed}:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        heard = bytearray()
        self.heard.append(heard)
        # The client may hang up at any moment; that is what some of the tests are about.
        with contextlib.suppress(OSError), connection:
            connection.settimeout(10)
            if self.tls is not None:
                connection = self.tls.wrap_socket(connection, server_side=True)
            self.behaviour(Peer(connection, heard))
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
            connection.close()

    def __exit__(self, *_: object) -> None:
        self._socket.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., TinyServer]]:
    """Start tiny servers that are closed after the test."""
    with contextlib.ExitStack() as stack:
        yield lambda behaviour, **options: stack.enter_context(TinyServer(behaviour, **options))


@pytest.fixture
def outbound() -> Outbound:
    """The real factory, allowed to reach loopback."""
    return Outbound(SystemClock(), allow_private=True)


@pytest.fixture
def soon() -> float:
    """A deadline five seconds away."""
    return time.monotonic() + 5.0
