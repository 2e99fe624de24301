"""Timestamp identifiers (TIDs), the record keys of posts: 13 characters that sort by time."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime

ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
PATTERN = re.compile(r"[2-7a-j][2-7a-z]{12}")
_CLOCK_BITS = 10


def tid_of(seed: str, now: datetime) -> str:
    """Return a TID of the second before `now` (aware), the same for the same seed and second.

    The 64 bits are a zero, 53 bits of Unix microseconds and 10 bits of a clock's id. Microseconds within the second
    and clock id come from the seed: 30 bits keep apart what is minted in one second, whichever machine mints it.
    """
    digest = int.from_bytes(hashlib.sha256(b"focusweek tid\0" + seed.encode()).digest()[:8])
    micros = (int(now.timestamp()) - 1) * 1_000_000 + (digest >> _CLOCK_BITS) % 1_000_000
    number = ((micros & ((1 << 53) - 1)) << _CLOCK_BITS) | (digest & ((1 << _CLOCK_BITS) - 1))
    return "".join(ALPHABET[(number >> shift) & 31] for shift in range(60, -1, -5))


def is_tid(value: str) -> bool:
    """Whether `value` is written as a TID."""
    return PATTERN.fullmatch(value) is not None
