"""Publishing: the parts of a frozen attempt, one by one, outside any transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog

from app.delivery import record
from app.delivery.answers import kept_result
from app.delivery.deps import Deps
from app.delivery.freeze import Frozen, FrozenPart
from app.delivery.offer import offered
from app.delivery.renew import Renewal
from app.delivery.unstored import Unstored
from app.errors import StorageUnavailable
from app.platforms.base import Sending
from app.platforms.results import Published, PublishResult, RemoteRef, Retryable, Unknown

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Budget:
    """Until when an attempt may send. Both clocks count: one stands while a machine sleeps, the other can be set."""

    deps: Deps
    began: float
    began_at: datetime

    @classmethod
    def start(cls, deps: Deps) -> Budget:
        """Begin to count; called before the attempt's transaction, so that the lease never ends before the budget."""
        return cls(deps, deps.clock.monotonic(), deps.clock.now())

    @property
    def deadline(self) -> float:
        """The total deadline as a monotonic instant."""
        return self.began + self.deps.options.publish_deadline.total_seconds()

    def enough(self) -> bool:
        """Whether a call begun now has a fair chance to end in time."""
        clock, total = self.deps.clock, self.deps.options.publish_deadline.total_seconds()
        spent = max(clock.monotonic() - self.began, (clock.now() - self.began_at).total_seconds())
        return total - spent >= min(5.0, total / 2)


def publish(deps: Deps, frozen: Frozen, budget: Budget, *, unstored: Unstored | None = None) -> record.Outcome | None:
    """Send what is not out yet; each part's result is stored before the next one is sent.

    A part that is out and that the database does not take goes to `unstored`; the rest waits until it is known.

    Returns:
        The last call's result, or None where this worker may send no more.
    """
    refs: list[RemoteRef] = [part.ref for part in frozen.parts if part.ref is not None]
    keep = Renewal(deps, frozen, budget)
    for part in frozen.parts[len(refs) :]:
        if not keep.ready():
            late = Retryable("deadline.before_send", "The time for this attempt had run out before anything was sent.")
            return record.Outcome(late, part)
        result = _send(frozen, part, refs, keep)
        if not isinstance(result, Published) or part is frozen.parts[-1]:
            return record.Outcome(result, part)
        if not _stored(deps, frozen, part, result, unstored):
            log.warning("attempt_overtaken", delivery=frozen.delivery_id, attempt=frozen.attempt_id, part=part.index)
            return None
        refs.append(result.ref)
    return record.Outcome(Published(refs[-1]), frozen.parts[-1])


def _stored(deps: Deps, frozen: Frozen, part: FrozenPart, result: Published, unstored: Unstored | None) -> bool:
    store = partial(record.part_out, deps, frozen, part, result)
    try:
        return offered(deps, store)
    except StorageUnavailable:
        if unstored is not None:
            unstored.keep(store)
        return False


def _send(frozen: Frozen, part: FrozenPart, refs: list[RemoteRef], keep: Renewal) -> PublishResult:
    root, parent = (refs[0], refs[-1]) if refs else (None, None)
    sending = Sending(part.minted, index=part.index, root=root, parent=parent, keep=keep)
    try:
        return kept_result(frozen.adapter.publish_part(sending, frozen.connection, deadline=keep.deadline))
    except Exception as error:
        # An adapter that breaks its contract may have sent before it failed.
        log.exception("adapter_raised", delivery=frozen.delivery_id, attempt=frozen.attempt_id)
        return Unknown("adapter.raised", f"The adapter failed ({type(error).__name__}).")
