"""Outcomes that the database did not take yet: kept in memory and offered again, for late proof counts at any time.

Where the process ends before the database is back, lease, reaper and reconciliation settle the delivery.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from app.errors import StorageUnavailable

log = structlog.get_logger(__name__)


class Unstored:
    """The outcomes of one engine that wait for the database. Thread-safe."""

    def __init__(self) -> None:
        self._waiting: list[Callable[[], object]] = []
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def keep(self, store: Callable[[], object]) -> None:
        """Keep what stores an outcome, to be called again."""
        with self._lock:
            self._waiting.append(store)

    def offer(self) -> None:
        """Offer everything again; what the database does not take now stays."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for place, store in enumerate(waiting):
            try:
                store()
            except StorageUnavailable:
                with self._lock:
                    self._waiting = waiting[place:] + self._waiting
                return
            except Exception:
                # It will never be taken; the lease and the network's own word settle the delivery.
                log.exception("outcome_not_stored")
