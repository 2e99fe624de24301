"""The senders: a bounded pool of threads, in which no host may take up more than its lane."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from app.clock import Clock
from app.delivery.lanes import Lanes
from app.delivery.options import EngineOptions

Job = Callable[[], None]

#: The lane of the errands, which all of them share, and which no host is named like.
ERRANDS = "errands"


class Senders:
    """Runs jobs, each in the lane of the host that it goes to, or of errands.

    `on_done` is called with the lane, in a sender's thread, after each. A job that finds its lane full stands ready
    until there is room; jobs of other lanes pass it. Posts and errands are counted apart, so that neither use up the
    other's room. With `workers` 0 every job runs in the caller's thread.
    """

    def __init__(self, options: EngineOptions, clock: Clock, on_done: Callable[[str | None], None]) -> None:
        self._options = options
        self._on_done = on_done
        self._lanes = Lanes(options.workers, clock)
        self._threads = self._lanes.threads
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="sender") if options.workers else None
        self._lock = threading.Lock()
        self._ready: deque[tuple[str | None, Job]] = deque()
        self._running = 0
        self._errands = 0

    @property
    def inline(self) -> bool:
        """Whether jobs run in the caller's thread."""
        return self._pool is None

    @property
    def idle(self) -> bool:
        """Whether nothing runs and nothing stands ready."""
        with self._lock:
            return self._running == 0 and not self._ready

    def room(self) -> int:
        """Return how many more posts may be put in now, those that stand ready for a sender included."""
        with self._lock:
            blocked = self._lanes.blocked() | {ERRANDS}
            # What waits for a host that does not answer must not keep back what goes elsewhere.
            waiting = sum(1 for host, _ in self._ready if host not in blocked)
            return max(self._options.in_hand - self._running + self._errands - waiting, 0)

    def errand_room(self) -> int:
        """Return how many more errands may be put in now."""
        with self._lock:
            waiting = sum(1 for host, _ in self._ready if host == ERRANDS)
            return max(self._options.workers - self._errands - waiting, 0)

    def blocked(self) -> frozenset[str]:
        """Return the hosts for which nothing more is to be put in now."""
        return self._lanes.blocked()

    def put(self, host: str | None, job: Job) -> None:
        """Run a job as soon as there is room for it."""
        if self._pool is None:
            job()
            return
        with self._lock:
            self._ready.append((host, job))
            self._hand_out(self._pool)

    def close(self) -> None:
        """Wait for all that runs or stands ready."""
        if self._pool is None:
            return
        while not self.idle:
            # Jobs hand out those that stand ready after them, so the pool may only be closed when there are none.
            threading.Event().wait(0.01)
        self._pool.shutdown(wait=True)

    def _hand_out(self, pool: ThreadPoolExecutor) -> None:
        kept: deque[tuple[str | None, Job]] = deque()
        while self._ready and self._running < self._threads:
            host, job = self._ready.popleft()
            if self._lanes.room(host) < 1:
                kept.append((host, job))
                continue
            self._running += 1
            self._errands += host == ERRANDS
            pool.submit(self._run, pool, host, job, self._lanes.enter(host))
        kept.extend(self._ready)
        self._ready = kept

    def _run(self, pool: ThreadPoolExecutor, host: str | None, job: Job, ticket: int) -> None:
        try:
            job()
        finally:
            self._lanes.leave(ticket)
            with self._lock:
                self._running -= 1
                self._errands -= host == ERRANDS
                self._hand_out(pool)
            self._on_done(host)
