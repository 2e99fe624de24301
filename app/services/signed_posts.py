"""Signed messages after the Standard Webhooks specification, one POST each, through the guarded way out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from app.clock import Clock
from app.platforms.http import Outbound
from app.platforms.signing import signed_headers
from app.platforms.wire import WireError

_MAX_ANSWER_BYTES = 100_000


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of one POST. `problem` is for people, holds no secret, and is None where the receiver took it.

    `status` is the receiver's, None where there was no answer; `gone` says that it wants nothing more, ever.
    """

    status: int | None
    milliseconds: int
    problem: str | None = None
    gone: bool = False


def content_of(payload: Mapping[str, Any]) -> bytes:
    """Return a payload as it is signed and sent; the same for the same payload."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


class SignedPosts:
    """Posts messages within `timeout` seconds each, following no redirect and reaching nothing private."""

    def __init__(self, outbound: Outbound, clock: Clock, *, timeout: float = 15.0) -> None:
        self._outbound = outbound
        self._clock = clock
        self._timeout = timeout

    def post(self, url: str, secrets: Sequence[str], *, key: str, payload: Mapping[str, Any]) -> Posted:
        """Post one message, signed with each of the secrets; `key` is its id, the same on every try.

        Raises:
            ValueError: A secret is none.
        """
        content = content_of(payload)
        headers = signed_headers(*secrets, message_id=key, at=self._clock.now(), body=content)
        began = self._outbound.clock.monotonic()
        try:
            reply = self._outbound.request(
                "POST",
                url,
                deadline=began + self._timeout,
                headers={"Content-Type": "application/json", **headers},
                content=content,
                max_bytes=_MAX_ANSWER_BYTES,
            )
        except WireError as error:
            return Posted(None, self._since(began), error.detail)
        taken = self._since(began)
        if reply.status == HTTPStatus.GONE:
            return Posted(reply.status, taken, "The receiver answered 410: it wants no more messages.", gone=True)
        if not HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
            redirect = " Redirects are not followed." if reply.status < HTTPStatus.BAD_REQUEST else ""
            return Posted(reply.status, taken, f"The receiver answered {reply.status}.{redirect}")
        return Posted(reply.status, taken)

    def _since(self, began: float) -> int:
        return max(0, round((self._outbound.clock.monotonic() - began) * 1000))
