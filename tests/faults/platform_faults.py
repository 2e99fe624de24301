"""What can go wrong with one call to a network, as bytes on a socket. `accepts` says whether the call was carried out.

Each fault is told the answer that an honest server would have given, and does with it (and the connection) what it is
named after.
"""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

#: How long a silent server holds a connection, in seconds: longer than any deadline of these tests.
SILENCE = 4.0
HUGE = 100_000_000
RETRY_AFTER = 1.0


def answer(status: int, body: object, *headers: tuple[str, str], kind: str = "application/json") -> bytes:
    """Return a whole HTTP answer."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} -", f"Content-Type: {kind}", f"Content-Length: {len(content)}", "Connection: close"]
    lines += [
        f"Date: {format_datetime(datetime.now(UTC), usegmt=True)}",
        *(f"{name}: {value}" for name, value in headers),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def reset(connection: socket.socket) -> None:
    """End a connection with RST instead of FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def _close(connection: socket.socket, _honest: bytes) -> None:
    connection.close()


def _reset(connection: socket.socket, _honest: bytes) -> None:
    reset(connection)


def _silent(connection: socket.socket, _honest: bytes) -> None:
    connection.settimeout(SILENCE)
    # Whoever gives up closes its side; then this side may go, too.
    connection.recv(1)


def _says(status: int, body: object, kind: str = "application/json", **headers: str) -> Callable[..., None]:
    def act(connection: socket.socket, _honest: bytes) -> None:
        given = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        connection.sendall(answer(status, body, *given, kind=kind))

    return act


def _limited_until(connection: socket.socket, _honest: bytes) -> None:
    # Mastodon's own header has an instant; Bluesky's has Unix seconds, rounded up so that neither is undercut.
    until = datetime.now(UTC) + timedelta(seconds=RETRY_AFTER)
    headers = ("X-RateLimit-Reset", until.isoformat()), ("RateLimit-Reset", str(int(until.timestamp()) + 1))
    connection.sendall(answer(429, {"error": "RateLimitExceeded", "message": "Slow down."}, *headers))


def _malformed(connection: socket.socket, _honest: bytes) -> None:
    connection.sendall(answer(200, b'{"id": "1", "uri": '))


def _truncated(connection: socket.socket, honest: bytes) -> None:
    connection.sendall(honest[: -max(1, len(honest) // 8)])


def _huge(connection: socket.socket, _honest: bytes) -> None:
    head = f"HTTP/1.1 200 -\r\nContent-Type: application/json\r\nContent-Length: {HUGE}\r\n\r\n"
    connection.sendall(head.encode() + b'{"id": "1", "filler": "')
    for _ in range(HUGE // 65_536):
        connection.sendall(b"x" * 65_536)


def _endless_headers(connection: socket.socket, _honest: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 -\r\n")
    until = time.monotonic() + SILENCE
    while time.monotonic() < until:
        connection.sendall(b"X-More: " + b"y" * 1000 + b"\r\n")


def _drips(connection: socket.socket, honest: bytes) -> None:
    until = time.monotonic() + SILENCE
    for place in range(len(honest)):
        if time.monotonic() > until:
            return
        connection.sendall(honest[place : place + 1])
        time.sleep(0.02)


def _slow(connection: socket.socket, honest: bytes) -> None:
    time.sleep(0.5)
    connection.sendall(honest)


def _as_html(connection: socket.socket, honest: bytes) -> None:
    connection.sendall(honest.replace(b"application/json", b"text/html; charset=utf-8", 1))


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to go wrong. `stage` says how much of the request is read first: nothing, its head, or all of it."""

    act: Callable[[socket.socket, bytes], None]
    accepts: bool = False
    stage: str = "all"


_PAGE = b"<!doctype html><title>Bad gateway</title><p>Try again."
_ERROR = {"error": "InternalServerError", "message": "Something broke."}

#: Faults after which nothing was carried out.
BEFORE: dict[str, Fault] = {
    "down": Fault(_reset, stage="nothing"),  # and the port refuses connections for a while
    "closed_at_once": Fault(_close, stage="nothing"),
    "reset_at_once": Fault(_reset, stage="nothing"),
    "reset_after_headers": Fault(_reset, stage="head"),
    "reset_after_body": Fault(_reset),
    "silent": Fault(_silent),
    "limited": Fault(_says(429, {"error": "RateLimitExceeded"}, Retry_After=str(int(RETRY_AFTER)))),
    "limited_until": Fault(_limited_until),
    "error": Fault(_says(500, _ERROR)),
    "bad_gateway": Fault(_says(502, _PAGE, "text/html")),
    "moved": Fault(_says(307, b"", Location="http://127.0.0.1:9/elsewhere")),
    "see_other": Fault(_says(303, b"", Location="http://127.0.0.1:9/elsewhere")),
    "page": Fault(_says(200, _PAGE, "text/html")),
    "no_id": Fault(_says(200, {})),
    "refused_token": Fault(_says(401, {"error": "The access token is invalid"})),
    "expired_token": Fault(_says(400, {"error": "ExpiredToken", "message": "Token has expired"})),
    "refused_text": Fault(_says(422, {"error": "Validation failed"})),
}
#: Faults after which the call was carried out all the same.
AFTER: dict[str, Fault] = {
    "closed_after": Fault(_close, accepts=True),
    "reset_after": Fault(_reset, accepts=True),
    "silent_after": Fault(_silent, accepts=True),
    "error_after": Fault(_says(500, _ERROR), accepts=True),
    "bad_gateway_after": Fault(_says(502, _PAGE, "text/html"), accepts=True),
    "malformed_after": Fault(_malformed, accepts=True),
    "truncated_after": Fault(_truncated, accepts=True),
    "huge_after": Fault(_huge, accepts=True),
    "endless_headers_after": Fault(_endless_headers, accepts=True),
    "drips_after": Fault(_drips, accepts=True),
    "html_after": Fault(_as_html, accepts=True),
    "slow": Fault(_slow, accepts=True),
    "no_id_after": Fault(_says(200, {}), accepts=True),
}
PUBLISH = BEFORE | AFTER
#: What the looking calls and the sign-in may meet: everything that does not claim that the account is refused.
LOOK = {
    name: Fault(fault.act, accepts=False, stage=fault.stage)
    for name, fault in PUBLISH.items()
    if name not in {"refused_token", "expired_token", "refused_text", "moved", "html_after", "slow"}
}
#: Drawn at random these would leave a scene with nothing but refused accounts and posts; scripts may have them.
FOR_GOOD = frozenset({"refused_token", "expired_token", "refused_text", "moved"})
