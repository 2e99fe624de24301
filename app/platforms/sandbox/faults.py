"""Scripted faults: what networks do on bad days, for rehearsals and tests."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from enum import StrEnum


class Fault(StrEnum):
    """What happens to one publishing call."""

    REFUSED = "refused"  # the network refuses the content for good
    RATE_LIMITED = "rate_limited"  # try again in fifteen minutes
    UNREACHABLE = "unreachable"  # nothing left the machine
    SIGNED_OUT = "signed_out"  # the token is refused
    UNKNOWN_ACCEPTED = "unknown_accepted"  # it went out, and the answer was lost
    UNKNOWN_LOST = "unknown_lost"  # it did not go out, and nobody knows
    UNKNOWN_FOR_GOOD = "unknown_for_good"  # the same, and the network cannot tell when it is asked later


class Faults:
    """A script of faults by account, each used up by one publishing call. Thread-safe."""

    def __init__(self) -> None:
        self._planned: dict[str, deque[Fault | None]] = defaultdict(deque)
        self._untold: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def plan(self, account: str, *faults: Fault | None) -> None:
        """Add to an account's script; None lets one call pass."""
        with self._lock:
            self._planned[account].extend(faults)

    def take(self, account: str) -> Fault | None:
        """Return the account's next fault and strike it out, or None."""
        with self._lock:
            script = self._planned.get(account)
            return script.popleft() if script else None

    def keep_silent(self, account: str, key: str) -> None:
        """From now on the network cannot tell whether it has the account's post of this key."""
        with self._lock:
            self._untold.add((account, key))

    def is_silent(self, account: str, key: str) -> bool:
        """Return whether the network cannot tell of the account's post of this key."""
        with self._lock:
            return (account, key) in self._untold
