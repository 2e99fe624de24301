"""Credentials that live in memory: for sandboxes and hands, which have none, and for tests."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


class MemoryCredentials:
    """An account's secrets as long as the process lives; the lock is not reentrant, like the database's."""

    def __init__(self, secrets: Mapping[str, str] | None = None) -> None:
        self._secrets = dict(secrets or {})
        self._lock = threading.Lock()

    def read(self) -> dict[str, str]:
        """Return the secrets by name."""
        return dict(self._secrets)

    def store(self, secrets: Mapping[str, str]) -> None:
        """Keep new secrets in place of the old ones."""
        self._secrets = dict(secrets)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold off every other refresh of this account."""
        with self._lock:
            yield

    def __repr__(self) -> str:
        return "MemoryCredentials(...)"
