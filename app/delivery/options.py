"""The engine's numbers, checked against one another once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.errors import BadConfiguration
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """Leases, deadlines and budgets. With `workers` 0 everything runs in the ticking thread, as rehearsals want it."""

    workers: int = 4
    publish_deadline: timedelta = timedelta(seconds=45)
    dispatch_lease: timedelta = timedelta(seconds=60)
    send_lease: timedelta = timedelta(seconds=120)
    settle: timedelta = timedelta(seconds=60)
    attempts_budget: int = 5
    retry_first: timedelta = timedelta(seconds=30)
    retry_longest: timedelta = timedelta(minutes=15)
    clock_departure: timedelta = timedelta(seconds=60)
    database_skew: timedelta = timedelta(seconds=5)
    #: The longest that renewals may stretch one attempt, from its start.
    longest_attempt: timedelta = timedelta(minutes=15)
    #: How often, and with which waits, a network that cannot be asked now is asked again before a person must look.
    looks_budget: int = 6
    look_first: timedelta = timedelta(seconds=30)
    look_longest: timedelta = timedelta(minutes=10)
    #: When a published post is read back, after it was published; each further look doubles the wait.
    read_back_after: timedelta = timedelta(minutes=2)
    read_backs_budget: int = 4
    #: How often taking a post back is tried before a person must do it.
    withdrawals_budget: int = 8
    #: A circuit opens after so many failed calls in a row, first and at most for so long.
    circuit_failures: int = 5
    circuit_first: timedelta = timedelta(seconds=30)
    circuit_longest: timedelta = timedelta(minutes=10)
    #: How long an account rests after its second failure in a row (the first is the delivery's own retry), and at most.
    account_rest_first: timedelta = timedelta(minutes=1)
    account_rest_longest: timedelta = timedelta(minutes=15)
    #: What waited through a downtime goes out with at least this gap on each account.
    catch_up_gap: timedelta = timedelta(minutes=5)
    #: How far behind its time a delivery is that counts as catching up.
    catch_up_after: timedelta = timedelta(minutes=2)

    def __post_init__(self) -> None:
        if self.publish_deadline >= self.send_lease:
            raise BadConfiguration(
                "A publishing call may not last longer than the lease under which it is sent.",
                hint="Set FOCUSWEEK_PUBLISH_DEADLINE_SECONDS below FOCUSWEEK_SEND_LEASE_SECONDS.",
            )

    @property
    def in_hand(self) -> int:
        """How many attempts may be in hand: as many as are sent at a time, and as many again that stand ready.

        So no sender waits for the database between two posts. What stands ready when a process dies was not sent; its
        network is asked all the same.
        """
        return 2 * self.workers

    def first_read_back(self, published_at: datetime) -> datetime | None:
        """Return when what was published then is read back first, or None where it never is."""
        return published_at + self.read_back_after if self.read_backs_budget > 0 else None

    @classmethod
    def from_settings(cls, settings: Settings, *, workers: int | None = None) -> EngineOptions:
        """Take the operator's settings; `workers` overrides their number of threads."""
        return cls(
            workers=settings.worker_threads if workers is None else workers,
            publish_deadline=timedelta(seconds=settings.publish_deadline_seconds),
            dispatch_lease=timedelta(seconds=settings.dispatch_lease_seconds),
            send_lease=timedelta(seconds=settings.send_lease_seconds),
            settle=timedelta(seconds=settings.settle_seconds),
        )
