"""Time as a value that is passed in: the system's clock, and a virtual one for rehearsals and tests."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What the edges ask for the time."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds on a clock that no one can set; only differences mean anything."""
        ...


def utc_text(instant: datetime) -> str:
    """Return an aware instant as ISO 8601 in UTC, ending in Z."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return the machine's monotonic seconds, those that it slept included where the system counts them."""
        # Linux stops its monotonic clock while a laptop sleeps; without the sleep, waking would look like a clock set
        # forward, and the engine would stop claiming.
        boot_time = getattr(time, "CLOCK_BOOTTIME", None)
        return time.monotonic() if boot_time is None else time.clock_gettime(boot_time)


class VirtualClock:
    """A clock that stands still until it is moved; its monotonic seconds move with it."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a virtual clock starts at an aware instant")
        self._start = start.astimezone(UTC)
        self._now = self._start
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return the virtual instant, aware, in UTC."""
        with self._lock:
            return self._now

    def monotonic(self) -> float:
        """Return the seconds since the clock's start."""
        return (self.now() - self._start).total_seconds()

    def move_to(self, instant: datetime) -> None:
        """Move forward to `instant` (aware); a moment already past leaves the clock where it is."""
        with self._lock:
            self._now = max(self._now, instant.astimezone(UTC))

    def advance(self, by: timedelta) -> None:
        """Move forward by `by`."""
        self.move_to(self.now() + by)
