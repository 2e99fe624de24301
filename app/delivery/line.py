"""The line: claims, sending and recording as one flow, in turns.

A turn stores the outcomes that have come in, all in one transaction; claims what is due for the senders that are free;
lets those claims through the gate, again in one transaction; and hands the attempts to the senders. Senders only send.
While something is due, turn follows upon turn, so that the database's work is shared by all attempts of a turn and no
sender waits for it for long.

What the line knows and the database does not is only what is in flight: stop it at any instant, and leases run out.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import structlog

from app.delivery.claim import claim_due
from app.delivery.deliver import begun, sent, stored
from app.delivery.deps import Deps
from app.delivery.freeze import Frozen
from app.delivery.publish import Budget
from app.delivery.record import Finished
from app.delivery.unstored import Unstored
from app.platforms.base import Published

log = structlog.get_logger(__name__)

#: How many deliveries pass the gate together where everything runs in the caller's thread.
_INLINE = 64


class Line:
    """Runs deliveries through senders, a bounded pool of threads; with `workers` 0 all in the caller's thread.

    `may_claim` is asked before every claim. `on_free` is called, from one of the line's threads, whenever something
    came about that only a look at all that is due can judge. Errands share the senders (`start`).
    """

    def __init__(self, deps: Deps, *, may_claim: Callable[[], bool], on_free: Callable[[], None]) -> None:
        self._deps = deps
        self._may_claim = may_claim
        self._on_free = on_free
        workers = deps.options.workers
        self._senders = ThreadPoolExecutor(workers, thread_name_prefix="sender") if workers else None
        # Turns have a thread of their own: no sender is kept from sending by the database's work.
        self._clerk = ThreadPoolExecutor(1, thread_name_prefix="clerk") if workers else None
        self._turning = threading.Lock()
        self._lock = threading.Lock()
        self._finished: deque[Finished] = deque()
        self._in_hand = 0
        self._turn_is_wanted = False
        self._closed = False
        self.unstored = Unstored()

    @property
    def free(self) -> int:
        """How many more deliveries or errands can be taken in hand now."""
        if self._senders is None:
            return _INLINE
        with self._lock:
            options = self._deps.options
            return max(options.workers + options.ahead - self._in_hand, 0)

    @property
    def idle(self) -> bool:
        """Whether nothing is in hand and nothing waits to be stored."""
        with self._lock:
            return self._in_hand == 0 and not self._finished

    def notify_free(self, on_free: Callable[[], None]) -> None:
        """Name who is called."""
        self._on_free = on_free

    def advance(self) -> int:
        """Take turns until nothing more can be claimed now; return how many deliveries were claimed."""
        claimed = 0
        while (count := self._turn()) > 0:
            claimed += count
            # With senders, the turns that follow come by themselves, as outcomes come in.
            if self._senders is not None:
                break
        return claimed

    def start(self, job: Callable[[], None]) -> None:
        """Run an errand: in a sender's thread, or at once where there are none."""
        if self._senders is None:
            job()
            return
        with self._lock:
            self._in_hand += 1
        self._senders.submit(self._run, job)

    def close(self) -> None:
        """Claim nothing more, wait for what is in hand, and store it."""
        self._closed = True
        # A turn under way may just have claimed: what it claimed is sent, or would wait for its lease to run out.
        with self._turning:
            pass
        if self._senders is not None and self._clerk is not None:
            self._senders.shutdown(wait=True)
            self._clerk.shutdown(wait=True)
        with self._turning:
            self._store()
        self.unstored.offer()

    def _turn(self) -> int:
        with self._turning:
            self._turn_is_wanted = False
            self._store()
            free = self.free
            if self._closed or free < 1 or not self._may_claim():
                return 0
            claims = claim_due(self._deps, free)
            if claims:
                budget = Budget.start(self._deps)
                for frozen in begun(self._deps, claims):
                    self.start(partial(self._send, frozen, budget))
            if self._senders is None:
                self._store()
            return len(claims)

    def _send(self, frozen: Frozen, budget: Budget) -> None:
        finished = sent(self._deps, frozen, budget, self.unstored)
        if finished is not None:
            self._finished.append(finished)

    def _store(self) -> None:
        finished: list[Finished] = []
        while self._finished:
            finished.append(self._finished.popleft())
        stored(self._deps, finished, self.unstored)
        if self.unstored or any(not isinstance(one.outcome.result, Published) for one in finished):
            self._on_free()

    def _run(self, job: Callable[[], None]) -> None:
        try:
            job()
        finally:
            with self._lock:
                self._in_hand -= 1
            self._want_turn()

    def _want_turn(self) -> None:
        with self._lock:
            if self._turn_is_wanted or self._clerk is None:
                return
            self._turn_is_wanted = True
        try:
            self._clerk.submit(self._take_turn)
        except RuntimeError:
            # Closing: whoever closes stores what has come in.
            log.debug("line_closed")

    def _take_turn(self) -> None:
        try:
            claimed = self._turn()
        except Exception:
            log.exception("turn_failed")
            claimed = 0
        if claimed == 0 and self.idle:
            # Nothing more is due, or it cannot be claimed now: the look at all that is due goes on from here.
            self._on_free()
