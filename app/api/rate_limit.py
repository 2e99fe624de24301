"""Rate limits: each answer says how its asker stands, and whoever asks too often waits (429).

The headers are those of the IETF's draft "RateLimit header fields for HTTP" (draft-ietf-httpapi-ratelimit-headers-10):
`RateLimit-Policy` is the limit `q` in a window of `w` seconds, `RateLimit` what remains `r` and in how many seconds `t`
more is given. Health is asked by machines that must hear the truth, and files are cheap: neither counts.
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import Problem, problem_response
from app.identity.secret_words import digest_of
from app.services.house import House
from app.services.rates import WINDOW_SECONDS, Standing
from app.web.asking import FOUND, asking

_FREE = ("/healthz", "/readyz", "/metrics")
_FILES = "/static/"


class RateLimit:
    """The ASGI middleware that does what this module says."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the request, and refuse it where it is one too many."""
        if scope["type"] != "http" or scope["path"] in _FREE or scope["path"].startswith(_FILES):
            await self._app(scope, receive, send)
            return
        house: House = scope["app"].state.house
        brought = asking(HTTPConnection(scope))
        secret = brought.token or brought.cookie
        digest = None if secret is None else digest_of(secret)
        allowed, standing = house.rates.ask(digest, brought.origin)
        # Whoever finds out who asks says so here; see `web.asking`.
        state = scope.setdefault("state", {})

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                if digest is not None and state.get(FOUND):
                    house.rates.remember(digest)
                elif digest is not None and message["status"] == 401:  # noqa: PLR2004 - HTTP's own number
                    house.rates.forget(digest)
                if standing is not None:
                    _say(MutableHeaders(scope=message), standing)
            await send(message)

        if allowed or standing is None:
            await self._app(scope, receive, counted)
            return
        problem = Problem(
            "rate.limited",
            f"More than {standing.limit} requests came in {WINDOW_SECONDS} seconds.",
            f"Wait {standing.reset_seconds} seconds. The header RateLimit says how many requests are left.",
        )
        wait = {"Retry-After": str(standing.reset_seconds)}
        await problem_response(problem, headers=wait)(scope, receive, counted)


def _say(headers: MutableHeaders, standing: Standing) -> None:
    headers["RateLimit-Policy"] = f'"{standing.policy}";q={standing.limit};w={WINDOW_SECONDS}'
    headers["RateLimit"] = f'"{standing.policy}";r={standing.remaining};t={standing.reset_seconds}'
