"""`Idempotency-Key`: a POST that is sent again with its key gets the first answer again, and is carried out once.

It counts for whoever is signed in, for POSTs of the API: keys belong to a token or session in one organization. What
was refused before it was looked at (401, 403, 429) and what failed (5xx) is not kept, and may be sent again.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import suppress
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import Problem, error_response, problem_response
from app.errors import FocusweekError
from app.services.house import House
from app.services.idempotency import CLAIMED, LARGEST_ANSWER, Answer, Claim, begin, keep, release
from app.web.asking import who_asks

HEADER, REPLAYED = "Idempotency-Key", "Idempotency-Replayed"
#: A key as it is told in the API's document; quotes around it, as structured fields have them, are taken as well.
KEY_PATTERN = r"^[!#-\[\]-~]{1,200}$"
_KEY = re.compile(KEY_PATTERN.replace("$", r"\Z"))
_NOT_KEPT = frozenset({401, 403, 429})
#: The headers of an answer that are part of it; the others are made anew.
_KEPT_HEADERS = ("content-type", "content-disposition", "etag", "location", "retry-after")


class Idempotent:
    """The ASGI middleware that does what this module says."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer as the first time."""
        given = _key_of(scope)
        if given is None:
            await self._app(scope, receive, send)
            return
        house: House = scope["app"].state.house
        key = given[1:-1] if len(given) > 1 and given[0] == given[-1] == '"' else given
        if not _KEY.match(key):
            await problem_response(_bad_key())(scope, receive, send)
            return
        request = Request(scope, receive)
        body = await request.body()
        try:
            begun = await run_in_threadpool(_begin, house, request, key, body)
        except FocusweekError as error:
            await error_response(error)(scope, receive, send)
            return
        if isinstance(begun, Answer):
            replayed = Response(begun.body, begun.status, {**begun.headers, REPLAYED: "true"})
            await replayed(scope, receive, send)
            return
        given_body = _Body(body, receive)
        if begun is None:
            await self._app(scope, given_body.receive, send)
        else:
            await self._carry_out(house, begun, scope, given_body.receive, send)

    async def _carry_out(self, house: House, claim: Claim, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and keep its answer before it is given: whoever has it can ask for it again."""
        outcome = _Outcome(send)
        token = CLAIMED.set(claim)
        try:
            await self._app(scope, receive, outcome.send)
        finally:
            CLAIMED.reset(token)
            answer = outcome.answer()
            # Where the database is gone, whoever asks again is told that the first request is at work, or was lost.
            with suppress(FocusweekError):
                if answer is None:
                    await run_in_threadpool(release, house.database, claim)
                else:
                    await run_in_threadpool(keep, house.database, house.vault, claim, answer)
            await outcome.finish()


@dataclass(slots=True)
class _Body:
    """A body that was read already, given once more."""

    body: bytes
    more: Receive
    given: bool = False

    async def receive(self) -> Message:
        if self.given:
            return await self.more()
        self.given = True
        return {"type": "http.request", "body": self.body, "more_body": False}


class _Outcome:
    """An answer that is held back until it is kept; one that is too large to be kept goes through."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._held: list[Message] = []
        self._size = 0
        self._through = False

    async def send(self, message: Message) -> None:
        if not self._through:
            self._held.append(message)
            self._size += len(message.get("body", b""))
            self._through = self._size > LARGEST_ANSWER
            if self._through:
                await self.finish()
            return
        await self._send(message)

    async def finish(self) -> None:
        held, self._held = self._held, []
        for message in held:
            await self._send(message)

    def answer(self) -> Answer | None:
        """Return the answer if it is one to keep."""
        if self._through or not self._held or self._held[-1].get("more_body", False):
            return None
        start, *rest = self._held
        status, headers = start["status"], MutableHeaders(scope=start)
        if status >= 500 or status in _NOT_KEPT or "set-cookie" in headers:  # noqa: PLR2004 - HTTP's own number
            return None
        kept = {name: headers[name] for name in _KEPT_HEADERS if name in headers}
        return Answer(status, kept, b"".join(message.get("body", b"") for message in rest))


def _key_of(scope: Scope) -> str | None:
    if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].startswith("/api/"):
        return None
    return Headers(scope=scope).get(HEADER)


def _begin(house: House, request: Request, key: str, body: bytes) -> Claim | Answer | None:
    who = who_asks(request)
    if who is None:
        return None
    owner = _digest(f"{who.token_id} {who.session_id} {who.organization_id}".encode())
    asked = _digest(f"{request.method} {request.url.path}?{request.url.query}\n".encode() + body)
    return begin(house.database, house.vault, owner=owner, key=key, request=asked, now=house.clock.now())


def _digest(said: bytes) -> str:
    return hashlib.sha256(said).hexdigest()


def _bad_key() -> Problem:
    return Problem(
        "idempotency.key_invalid",
        f"{HEADER} must be 1 to 200 visible ASCII characters without quotes and backslashes.",
        "Make a new key for each new request, such as a UUID.",
    )
