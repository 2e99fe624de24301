"""Signatures of the Standard Webhooks specification: who receives a message can tell that it is ours, whole and new."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import datetime

PREFIX = "whsec_"
_BYTES = 32


def new_secret() -> str:
    """Return a new signing secret, as the specification writes it: `whsec_` and base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def signed_headers(*signing: str, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """Return the three headers that sign `body`, sent at the instant `at` (aware), with each of the secrets.

    `message_id` is the same on every try, so that who gets the message twice can tell; it must not hold a full stop.

    Raises:
        ValueError: The secret is none, or the id cannot be signed. Neither is repeated in the message.
    """
    if not message_id or "." in message_id:
        raise ValueError("a message's id has at least one character and no full stop")
    timestamp = str(int(at.timestamp()))
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    signatures = [
        f"v1,{base64.b64encode(hmac.new(_key(secret), signed, hashlib.sha256).digest()).decode()}" for secret in signing
    ]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(signatures),
    }


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise ValueError("the signing secret is not whsec_ and base64")
    return key
