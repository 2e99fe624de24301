"""Lanes: how many of a process's workers one host may occupy at once, so that a dead one never takes them all.

A host that answers promptly may have as many as there are; one that keeps a worker waiting for long has at most half.
The pool has half as many threads again, which no single host can reach: what goes elsewhere always finds one.
"""

from __future__ import annotations

import itertools
import threading
from collections import defaultdict

from app.clock import Clock

#: An attempt that has been under way for so many seconds marks its host as slow, until it ends.
PROMPT_SECONDS = 2.0


class Lanes:
    """Counts what is under way by host. Thread-safe; with 0 `workers` (everything inline) no host is ever full."""

    def __init__(self, workers: int, clock: Clock) -> None:
        self._workers = workers
        self._clock = clock
        self._under_way: dict[int, tuple[str, float]] = {}
        self._tickets = itertools.count(1)
        self._lock = threading.Lock()

    @property
    def threads(self) -> int:
        """How many threads the pool needs."""
        return self._workers + self._workers // 2 if self._workers > 1 else self._workers * 2

    def enter(self, host: str | None) -> int:
        """Count one more on `host` (None: no network is reached, nothing to count); returns the ticket for `leave`."""
        ticket = next(self._tickets)
        if host is not None:
            with self._lock:
                self._under_way[ticket] = (host, self._clock.monotonic())
        return ticket

    def leave(self, ticket: int) -> None:
        """Count one less; doing it again does no harm."""
        with self._lock:
            self._under_way.pop(ticket, None)

    def room(self, host: str | None) -> int:
        """Return how many more may go to `host` now."""
        if host is None or not self._workers:
            return max(self.threads, 1_000)
        with self._lock:
            since = [at for name, at in self._under_way.values() if name == host]
        return max(self._most(since) - len(since), 0)

    def blocked(self) -> frozenset[str]:
        """Return the hosts that do not answer promptly and have all the workers that they may have then."""
        by_host: defaultdict[str, list[float]] = defaultdict(list)
        with self._lock:
            for name, at in self._under_way.values():
                by_host[name].append(at)
        return frozenset(
            name for name, since in by_host.items() if self._is_slow(since) and len(since) >= self._most(since)
        )

    def _most(self, since: list[float]) -> int:
        return max(self._workers // 2, 1) if self._is_slow(since) else self._workers

    def _is_slow(self, since: list[float]) -> bool:
        return bool(since) and self._clock.monotonic() - min(since) > PROMPT_SECONDS
