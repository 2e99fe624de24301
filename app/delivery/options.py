"""The engine's numbers, checked against one another once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

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

    def __post_init__(self) -> None:
        if self.publish_deadline >= self.send_lease:
            raise BadConfiguration(
                "A publishing call may not last longer than the lease under which it is sent.",
                hint="Set FOCUSWEEK_PUBLISH_DEADLINE_SECONDS below FOCUSWEEK_SEND_LEASE_SECONDS.",
            )

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
