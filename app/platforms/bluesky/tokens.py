"""What a token says of itself. It is read and never verified: a hint for people, not a ground to trust anything."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, datetime

_LONGEST_TOKEN = 8_000


def expiry_of(token: str) -> datetime | None:
    """Return a JSON web token's `exp`, aware, in UTC; None where it is no such token or names no sensible moment."""
    parts = token.split(".")
    if len(parts) != 3 or len(token) > _LONGEST_TOKEN:  # noqa: PLR2004 - header, payload and signature
        return None
    try:
        payload = json.loads(base64.b64decode(parts[1] + "=" * (-len(parts[1]) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return None
    seconds = payload.get("exp") if isinstance(payload, dict) else None
    if not isinstance(seconds, int | float) or isinstance(seconds, bool):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
