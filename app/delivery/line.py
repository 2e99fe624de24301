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
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy.orm import Session

from app.delivery.claim import Claim, claim_due
from app.delivery.deliver import begun, put_back, sent, stored
from app.delivery.deps import Deps
from app.delivery.freeze import Frozen
from app.delivery.publish import Budget
from app.delivery.record import Finished
from app.delivery.senders import ERRANDS, Senders
from app.delivery.unstored import Unstored
from app.errors import StorageUnavailable
from app.platforms.results import Published

log = structlog.get_logger(__name__)

#: How many deliveries pass the gate together where everything runs in the caller's thread.
_INLINE = 64


class Line:
    """Runs deliveries through the senders; with `workers` 0 all in the caller's thread.

    `may_claim` is asked within every claim. `on_free` is called, from one of the line's threads, whenever something
    came about that only a look at all that is due can judge, or an errand has ended. Errands share the senders
    (`start`).
    """

    def __init__(
        self, deps: Deps, *, may_claim: Callable[[Session, datetime], bool], on_free: Callable[[], None]
    ) -> None:
        self._deps = deps
        self._may_claim = may_claim
        self._on_free = on_free
        self._senders = Senders(deps.options, deps.clock, self._ended)
        # Turns have a thread of their own: no sender is kept from sending by the database's work.
        self._clerk = None if self._senders.inline else ThreadPoolExecutor(1, thread_name_prefix="clerk")
        self._turning = threading.Lock()
        self._lock = threading.Lock()
        self._finished: deque[Finished] = deque()
        self._turn_is_wanted = False
        self._closed = False
        self.unstored = Unstored()

    @property
    def free(self) -> int:
        """How many more deliveries can be taken in hand now."""
        return _INLINE if self._senders.inline else self._senders.room()

    @property
    def errand_room(self) -> int:
        """How many more errands can be taken in hand now."""
        return _INLINE if self._senders.inline else self._senders.errand_room()

    @property
    def idle(self) -> bool:
        """Whether nothing is in hand, nothing waits to be stored, and no turn is being taken."""
        return self._senders.idle and not (self._finished or self._turn_is_wanted or self._turning.locked())

    def notify_free(self, on_free: Callable[[], None]) -> None:
        """Name who is called."""
        self._on_free = on_free

    def advance(self) -> int:
        """Take turns until nothing more can be claimed now; return how many deliveries were claimed."""
        claimed = 0
        while (count := self._turn()) > 0:
            claimed += count
            # With senders, the turns that follow come by themselves, as outcomes come in.
            if not self._senders.inline:
                break
        return claimed

    def start(self, job: Callable[[], None]) -> None:
        """Run an errand. Errands have one lane for all of them, so that they never take the last sender."""
        self._senders.put(ERRANDS, job)

    def close(self) -> None:
        """Claim nothing more, wait for what is being sent, put back what only stands ready, and store all of it.

        One publishing call's deadline bounds the wait.
        """
        self._closed = True
        # A turn under way may just have claimed: what it claimed is put back, or would wait for its lease to run out.
        with self._turning:
            pass
        self._senders.close()
        if self._clerk is not None:
            self._clerk.shutdown(wait=True)
        with self._turning:
            self._store()
        self.unstored.offer()

    def _turn(self) -> int:
        with self._turning:
            self._turn_is_wanted = False
            self._store()
            free = self.free
            if self._closed or free < 1:
                return 0
            budget = Budget.start(self._deps)
            claims = claim_due(self._deps, free, full=self._senders.blocked(), may_claim=self._may_claim)
            for group in _groups(claims, self._deps.options.workers or _INLINE):
                for frozen in begun(self._deps, group):
                    self._senders.put(frozen.host, partial(self._send, frozen, budget))
            if self._senders.inline:
                self._store()
            return len(claims)

    def _send(self, frozen: Frozen, budget: Budget) -> None:
        finished = put_back(frozen) if self._closed else sent(self._deps, frozen, budget, self.unstored)
        if finished is not None:
            self._finished.append(finished)

    def _store(self) -> None:
        finished: list[Finished] = []
        while self._finished:
            finished.append(self._finished.popleft())
        stored(self._deps, finished, self.unstored)
        # Only of what has just come in: what the database still does not take is offered again in good time.
        if finished and (self.unstored or any(not isinstance(one.outcome.result, Published) for one in finished)):
            self._on_free()

    def _ended(self, lane: str | None) -> None:
        self._want_turn()
        if lane == ERRANDS:
            # Another one may wait for its place, whatever posts are in hand.
            self._on_free()

    def _want_turn(self) -> None:
        with self._lock:
            if self._turn_is_wanted or self._clerk is None:
                return
            self._turn_is_wanted = True
        try:
            self._clerk.submit(self._take_turn)
        except RuntimeError:
            # Closing: whoever closes stores what has come in.
            self._turn_is_wanted = False
            log.debug("line_closed")

    def _take_turn(self) -> None:
        try:
            claimed = self._turn()
        except StorageUnavailable as error:
            log.warning("turn_failed", error=error.message)
            claimed = 0
        except Exception:
            log.exception("turn_failed")
            claimed = 0
        if claimed and self.free > 0:
            # The gate let some of them not pass, or all of one account stood in front: nobody else would come back.
            self._want_turn()
        elif claimed == 0 and self.idle:
            # Nothing more is due, or it cannot be claimed now: the look at all that is due goes on from here.
            self._on_free()


def _groups(claims: Sequence[Claim], size: int) -> list[Sequence[Claim]]:
    """Split claims into groups that pass the gate together, each in one transaction."""
    return [claims[start : start + size] for start in range(0, len(claims), size)]
