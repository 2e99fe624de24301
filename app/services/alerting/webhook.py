"""Alerts' webhooks: what is posted, and what is a failure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.clock import Clock
from app.platforms.http import Outbound
from app.services.alerting.sending import SendFailed
from app.services.signed_posts import SignedPosts


def payload_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a message's payload."""
    kind = "alerts.test" if body.get("test") else "alerts.digest"
    return {"type": kind, "timestamp": body["written_at"], "data": body}


class Webhooks:
    """Posts messages, each with its signature, within `timeout` seconds."""

    def __init__(self, outbound: Outbound, clock: Clock, *, timeout: float = 15.0) -> None:
        self._posts = SignedPosts(outbound, clock, timeout=timeout)

    def post(self, url: str, secret: str, *, key: str, body: Mapping[str, Any]) -> None:
        """Post one message; `key` is the same on every try.

        Raises:
            SendFailed: The receiver did not answer with 2xx; `gone` where it answered 410.
        """
        posted = self._posts.post(url, (secret,), key=key, payload=payload_of(body))
        if posted.problem is not None:
            raise SendFailed(posted.problem, gone=posted.gone)
