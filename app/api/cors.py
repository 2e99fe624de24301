"""CORS: pages of the origins that the operator names may use the API, with a token and never with a cookie.

Off unless `FOCUSWEEK_CORS_ORIGINS` is set. The guard asks here before it refuses a foreign Origin.
"""

from __future__ import annotations

from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import Message, Scope, Send

from app.api.idempotent import HEADER, REPLAYED
from app.web.asking import ORGANIZATION_HEADER

_API = "/api/"
_METHODS = "GET, POST, PUT, PATCH, DELETE"
_TAKEN = f"Authorization, Content-Type, If-Match, If-None-Match, {HEADER}, {ORGANIZATION_HEADER}"
_SHOWN = (
    "Allow, Content-Disposition, ETag, Location, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, "
    f"{REPLAYED}"
)
_PREFLIGHT_SECONDS = 600


class Cors:
    """What pages of other origins may do; `origins` are exact."""

    def __init__(self, origins: Collection[str]) -> None:
        self._origins = frozenset(origins)

    def allows(self, scope: Scope, headers: Headers) -> bool:
        """Whether a request comes from a page that may make it."""
        return scope["path"].startswith(_API) and headers.get("origin") in self._origins

    @staticmethod
    def is_preflight(scope: Scope, headers: Headers) -> bool:
        """Whether a browser asks beforehand what the page may send."""
        return scope["method"] == "OPTIONS" and "access-control-request-method" in headers

    @staticmethod
    def preflight() -> Response:
        """Return the answer to a browser that asks beforehand."""
        said = {
            "Access-Control-Allow-Methods": _METHODS,
            "Access-Control-Allow-Headers": _TAKEN,
            "Access-Control-Max-Age": str(_PREFLIGHT_SECONDS),
        }
        return Response(status_code=204, headers=said)

    @staticmethod
    def without_cookies(scope: Scope) -> Scope:
        """Return the request as one without cookies: a page of another origin never acts as whoever is signed in."""
        return {**scope, "headers": [(name, value) for name, value in scope["headers"] if name.lower() != b"cookie"]}

    @staticmethod
    def with_headers(send: Send, origin: str) -> Send:
        """Let the page read the answer."""

        async def shown(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Access-Control-Allow-Origin"] = origin
                headers["Access-Control-Expose-Headers"] = _SHOWN
                headers.add_vary_header("Origin")
            await send(message)

        return shown
