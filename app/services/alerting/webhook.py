"""Signed webhooks after the Standard Webhooks specification, through the guarded way out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from app.clock import Clock
from app.platforms.http import Outbound
from app.platforms.signing import signed_headers
from app.platforms.wire import WireError
from app.services.alerting.sending import SendFailed

_MAX_ANSWER_BYTES = 100_000


def payload_of(body: Mapping[str, Any]) -> bytes:
    """Return a message's body as it is signed and sent; the same for the same message."""
    kind = "alerts.test" if body.get("test") else "alerts.digest"
    payload = {"type": kind, "timestamp": body["written_at"], "data": body}
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


class Webhooks:
    """Posts messages, each with its signature, within `timeout` seconds."""

    def __init__(self, outbound: Outbound, clock: Clock, *, timeout: float = 15.0) -> None:
        self._outbound = outbound
        self._clock = clock
        self._timeout = timeout

    def post(self, url: str, secret: str, *, key: str, body: Mapping[str, Any]) -> None:
        """Post one message; `key` is the same on every try.

        Raises:
            SendFailed: The receiver did not answer with 2xx; `gone` where it answered 410.
        """
        content = payload_of(body)
        headers = signed_headers(secret, message_id=key, at=self._clock.now(), body=content)
        try:
            reply = self._outbound.request(
                "POST",
                url,
                deadline=self._outbound.clock.monotonic() + self._timeout,
                headers={"Content-Type": "application/json", **headers},
                content=content,
                max_bytes=_MAX_ANSWER_BYTES,
            )
        except WireError as error:
            raise SendFailed(error.detail) from None
        if reply.status == HTTPStatus.GONE:
            raise SendFailed("The receiver answered 410: it wants no more messages.", gone=True)
        if not HTTPStatus.OK <= reply.status < HTTPStatus.MULTIPLE_CHOICES:
            redirect = " Redirects are not followed." if reply.status < HTTPStatus.BAD_REQUEST else ""
            raise SendFailed(f"The receiver answered {reply.status}.{redirect}")
