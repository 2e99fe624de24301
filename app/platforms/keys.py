"""Idempotency keys: minted once per delivery, part and generation."""

from __future__ import annotations

import hashlib


def key_of(seed: str) -> str:
    """Return a key of 40 hexadecimal digits, the same for the same seed, that tells nothing about it."""
    return hashlib.sha256(b"focusweek part key\0" + seed.encode()).hexdigest()[:40]
