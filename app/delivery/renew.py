"""Renewal: more time for an attempt that does something long before it publishes, and for each part of a thread.

The lease is renewed under the same fence while it still holds, together with the attempt's deadline, so that nobody
asks the network what became of it while it may still send. Whoever gets no renewal sends nothing more.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import structlog
from sqlalchemy import CursorResult, Update, or_, update
from sqlalchemy.orm import Session

from app.delivery.deps import Deps
from app.delivery.freeze import Frozen
from app.delivery.instant import instant
from app.errors import StorageUnavailable
from app.models import Attempt, Delivery, State

if TYPE_CHECKING:
    from app.delivery.publish import Budget

log = structlog.get_logger(__name__)

#: A renewal that would grant less than this is none: no call begun with it has a fair chance.
LEAST = timedelta(seconds=5)


class Renewal:
    """Keeps one attempt's lease, from the worker's own thread. `budget` is the attempt's, as it was when it began."""

    def __init__(self, deps: Deps, frozen: Frozen, budget: Budget) -> None:
        self._deps = deps
        self._frozen = frozen
        self._budget = budget
        # Counted from before the attempt's transaction, by both clocks: the first of them to end it ends it.
        self._last = budget.began + deps.options.longest_attempt.total_seconds()
        self._last_at = budget.began_at + deps.options.longest_attempt

    @property
    def deadline(self) -> float:
        """The deadline in force, as a monotonic instant."""
        return self._budget.deadline

    def ready(self) -> bool:
        """Whether a publishing call may begin now: with at least half of its time, renewed where less was left."""
        total = self._deps.options.publish_deadline.total_seconds()
        if self._budget.enough() and self.deadline - self._deps.clock.monotonic() >= total / 2:
            return True
        return self.renew() is not None and self._budget.enough()

    def renew(self) -> float | None:
        """Ask for a fresh deadline, between two steps; see `KeepAlive`.

        None also where a stop was asked and nothing of it is out, and where the database does not answer.
        """
        clock = self._deps.clock
        # Read before the transaction, so that our own deadline never ends after the one that others see.
        began, began_at = clock.monotonic(), clock.now()
        left = min(timedelta(seconds=self._last - began), self._last_at - began_at)
        time = min(self._deps.options.publish_deadline, left)
        if time < min(LEAST, self._deps.options.publish_deadline / 2):
            log.warning("attempt_too_long", delivery=self._frozen.delivery_id, attempt=self._frozen.attempt_id)
            return None
        try:
            with self._deps.database.write() as session:
                renewed = self._renew(session, time)
        except StorageUnavailable:
            log.exception("lease_not_renewed", delivery=self._frozen.delivery_id, attempt=self._frozen.attempt_id)
            return None
        if not renewed:
            log.warning("attempt_overtaken", delivery=self._frozen.delivery_id, attempt=self._frozen.attempt_id)
            return None
        # What the longest time cuts off is taken from the start, for the budget counts a whole deadline.
        spent = self._deps.options.publish_deadline - time
        self._budget = replace(self._budget, began=began - spent.total_seconds(), began_at=began_at - spent)
        return self.deadline

    def _renew(self, session: Session, time: timedelta) -> bool:
        frozen, options = self._frozen, self._deps.options
        now = instant(session, self._deps.clock)
        until = now + time + (options.send_lease - options.publish_deadline)
        held = (
            Delivery.id == frozen.delivery_id,
            Delivery.state == State.SENDING.value,
            Delivery.fence == frozen.token,
            Delivery.lease == "send",
            Delivery.lease_until > now,
            or_(Delivery.stop_requested_at.is_(None), Delivery.parts_out > 0),
        )
        if not _changes_one(session, update(Delivery).where(*held).values(lease_until=until)):
            return False
        open_attempt = (Attempt.id == frozen.attempt_id, Attempt.outcome.is_(None))
        return _changes_one(session, update(Attempt).where(*open_attempt).values(deadline_at=now + time))


def _changes_one(session: Session, statement: Update) -> bool:
    result = session.execute(statement.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", result).rowcount == 1
