"""How often somebody may ask: so many requests in any sixty seconds, counted in this process's memory.

A token or session counts for itself once it has been found in force here; until then, and for whoever brings nothing
along, the network address counts. So made-up tokens give nobody more than their address has.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from math import ceil

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from app.identity.throttle import network_of

WINDOW_SECONDS = 60
#: How many tokens and sessions are remembered as having been in force, those used last.
_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands with their limit: `policy` names it; `reset_seconds` until a request is given back."""

    policy: str
    limit: int
    remaining: int
    reset_seconds: int


class Rates:
    """The limits of one process. `signed_in` and `by_address` are requests in a minute; 0 is no limit."""

    def __init__(self, *, signed_in: int, by_address: int) -> None:
        self._limits = {"signed-in": signed_in, "address": by_address}
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._known: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def ask(self, digest: str | None, address: str) -> tuple[bool, Standing | None]:
        """Count a request of whoever brings a token or session of this `digest`, or nothing, from an address.

        Returns whether it may be answered, and how they stand; None where there is no limit.
        """
        with self._lock:
            is_known = digest in self._known
        policy, whose = ("signed-in", digest or "") if is_known else ("address", network_of(address))
        limit = self._limits[policy]
        if not limit:
            return True, None
        item = RateLimitItemPerMinute(limit)
        allowed = self._limiter.hit(item, policy, whose)
        stats = self._limiter.get_window_stats(item, policy, whose)
        reset = min(WINDOW_SECONDS, max(1, ceil(stats.reset_time - time.time())))
        return allowed, Standing(policy, limit, stats.remaining if allowed else 0, reset)

    def remember(self, digest: str) -> None:
        """Let a token or session that was found in force count for itself from now on."""
        with self._lock:
            self._known[digest] = None
            self._known.move_to_end(digest)
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)

    def forget(self, digest: str) -> None:
        """Let one that was not found in force count by its address again."""
        with self._lock:
            self._known.pop(digest, None)
