"""What every request passes first, because a browser that is signed in here carries other people's pages as well.

- The Host must be one of ours (`FOCUSWEEK_ALLOWED_HOSTS`, `FOCUSWEEK_PUBLIC_URL`, port ignored), or a foreign name
  could be pointed at us.
- A foreign Origin is refused, and so is what a browser marks as sent by another site, another port of this machine
  included. Pages may be reached by a link from elsewhere; the API may not. Where the operator names origins whose pages
  may use the API (`api/cors.py`), their requests are taken without cookies.
- A write to the API must be JSON, which no plain form can send. A write without a body needs no content type. Our pages
  may also send forms, where the browser says that it was a page of ours that did.
- A body is at most 1 MB; that of an import or a toolkit, which holds a whole file, is larger.

Every answer, refusals included, carries headers that keep pages from being framed, sniffed, cached or scripted.
"""

from __future__ import annotations

from collections.abc import Collection
from email.message import Message as HeaderParser
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.cors import Cors
from app.api.problems import Problem, problem_response

#: The largest body of a request, in bytes; the largest pack that we know of is a fifth of it.
LARGEST_BODY = 1_000_000
#: Where more is taken: a file of 20 MB as base64, and the JSON around it.
_LARGER = {"/api/v1/imports": 27_000_000, "/api/v1/pack-drafts": 27_000_000}

_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_API = "/api/"
_FORM = "application/x-www-form-urlencoded"

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
_NOTHING_ELSE = "base-uri 'none'; frame-ancestors 'none'"
_CSP_DATA = f"default-src 'none'; {_NOTHING_ELSE}"
_CSP_PAGE = f"default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; {_NOTHING_ELSE}"


class Guard:
    """The ASGI middleware that does what this module says."""

    def __init__(self, app: ASGIApp, *, allowed_hosts: Collection[str], cors_origins: Collection[str] = ()) -> None:
        self._app = app
        self._cors = Cors(cors_origins)
        self._hosts = frozenset(host.lower() for host in allowed_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse the request, or pass it on with its body read."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        send = _with_headers(send)
        headers = Headers(scope=scope)
        refusal = self._refusal(scope, headers)
        if refusal is None and self._cors.allows(scope, headers):
            send = self._cors.with_headers(send, headers["origin"])
            if self._cors.is_preflight(scope, headers):
                await self._cors.preflight()(scope, receive, send)
                return
            scope = self._cors.without_cookies(scope)
        if refusal is None:
            body = await _body(headers, receive, _LARGER.get(scope["path"], LARGEST_BODY))
            refusal = body if isinstance(body, Problem) else _unfit(scope, headers, body)
            if refusal is None and isinstance(body, bytes):
                receive = _replayed(body, receive)
        if refusal is None:
            await self._app(scope, receive, send)
        else:
            await problem_response(refusal)(scope, receive, send)

    def _refusal(self, scope: Scope, headers: Headers) -> Problem | None:
        host = headers.get("host", "")
        if _name_of(host) not in self._hosts:
            return Problem(
                "host.refused",
                "This service does not answer for the host that was asked for.",
                "Use its own address, or have the operator add the name to FOCUSWEEK_ALLOWED_HOSTS.",
            )
        if self._cors.allows(scope, headers):
            return None
        origin = headers.get("origin")
        if (origin is not None and not _same(origin, host)) or self._from_elsewhere(scope, headers):
            return Problem(
                "origin.refused",
                "Requests that another site's page makes are not answered.",
                "Use the service's own pages, or a program that is no browser.",
            )
        return None

    @staticmethod
    def _from_elsewhere(scope: Scope, headers: Headers) -> bool:
        if headers.get("sec-fetch-site", "none").lower() in ("same-origin", "none"):
            return False
        followed_link = scope["method"] in ("GET", "HEAD") and headers.get("sec-fetch-mode", "").lower() == "navigate"
        return scope["path"].startswith(_API) or not followed_link


def _name_of(host: str) -> str:
    """Return the name in a Host header, without its port, in lower case."""
    if host.startswith("["):
        return host.partition("]")[0].lower() + "]"
    name, _, port = host.rpartition(":")
    return (name if name and port.isdigit() else host).lower()


def _same(origin: str, host: str) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()


async def _body(headers: Headers, receive: Receive, largest: int) -> bytes | Problem | None:
    """Read the body; None where the client went away."""
    too_large = Problem(
        "body.too_large", f"The request's body is larger than {largest:,} bytes.", "Send less at a time."
    )
    declared = headers.get("content-length", "")
    if declared.isdigit() and (len(declared) > len(str(largest)) or int(declared) > largest):
        return too_large
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if len(body) > largest:
            return too_large
        if not message.get("more_body", False):
            return bytes(body)


def _unfit(scope: Scope, headers: Headers, body: bytes | None) -> Problem | None:
    content_type = headers.get("content-type")
    if scope["method"] not in _WRITES or (content_type is None and not body):
        return None
    if content_type is not None:
        parsed = HeaderParser()
        parsed["content-type"] = content_type
        kind = parsed.get_content_type()
        if kind == "application/json" or (kind == _FORM and _is_from_our_page(scope, headers)):
            return None
    return Problem("body.not_json", "A write must be JSON.", "Send Content-Type: application/json.")


def _is_from_our_page(scope: Scope, headers: Headers) -> bool:
    """Whether the browser itself says that a page of ours sends this; a foreign Origin has been refused before."""
    if scope["path"].startswith(_API):
        return False
    return headers.get("sec-fetch-site", "").lower() == "same-origin" or headers.get("origin") is not None


def _replayed(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _with_headers(send: Send) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            is_page = headers.get("content-type", "").startswith("text/html")
            headers["Content-Security-Policy"] = _CSP_PAGE if is_page else _CSP_DATA
        await send(message)

    return guarded
