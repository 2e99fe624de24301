"""Secrets that are shown once and kept as digests: session cookies, API tokens, links, codes."""

from __future__ import annotations

import hashlib
import secrets

#: 256 random bits cannot be guessed, so a plain digest keeps them: nothing is gained by a slow one.
_BYTES = 32


def new_secret(prefix: str = "") -> str:
    """Return a new secret, safe in a URL and a header."""
    return prefix + secrets.token_urlsafe(_BYTES)


def digest_of(secret: str) -> str:
    """Return the digest under which a secret is kept."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
