"""APScheduler 3 with one date job per post that does what a delivery takes: the same work, scheduled the other way.

The job claims its delivery, passes the gate, has its attempt committed, posts, and records the outcome, by the engine's
own functions and in transactions of its own, as an application would write it that wants the same promises and has a
job for each post. Only the engine's line and its groups are missing.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select

from app.bootstrap import House
from app.delivery import attempt, deliver, reasons, transitions
from app.delivery.claim import Claim
from app.delivery.publish import Budget
from app.delivery.unstored import Unstored
from app.models import Delivery, State
from tests.bench.measures import instant
from tests.bench.others.sending import Load, run
from tests.bench.others.with_apscheduler import scheduler_on
from tests.bench.stage import Work, plan

_houses: dict[str, House] = {}


def one_round(load: Load, house: House, work: list[Work], jobs_url: str) -> dict[str, float]:
    """Measure one round: deliveries in the house's database, their jobs in an empty one of their own."""
    scheduler = scheduler_on(jobs_url, load.threads)
    scheduler.start()
    _houses[house.origin] = house

    def enqueue(due: float) -> None:
        plan(house, load.server.url, work, [instant(due)] * load.posts)
        with house.database.read() as session:
            ids = session.scalars(select(Delivery.id).order_by(Delivery.id)).all()
        for delivery_id in ids:
            scheduler.add_job(deliver_one, "date", run_date=instant(due), args=(house.origin, delivery_id))

    try:
        return run(load, enqueue, lead_seconds=6 + load.posts * 0.02)
    finally:
        scheduler.shutdown(wait=True)
        del _houses[house.origin]


def deliver_one(origin: str, delivery_id: int) -> None:
    """Do for one delivery all that the engine does, each step in a transaction of its own."""
    deps = _houses[origin].deps
    claim = _claimed(_houses[origin], delivery_id)
    frozen = None if claim is None else attempt.begin(deps, claim)
    if frozen is None:
        return
    unstored = Unstored()
    finished = deliver.sent(deps, frozen, Budget.start(deps), unstored)
    deliver.stored(deps, [] if finished is None else [finished], unstored)


def _claimed(house: House, delivery_id: int) -> Claim | None:
    with house.database.write() as session:
        row, now = session.get_one(Delivery, delivery_id), datetime.now(UTC)
        lease = {"lease": "dispatch", "lease_until": now + house.deps.options.dispatch_lease}
        moved = transitions.move(
            session,
            row.id,
            State.SCHEDULED,
            State.SENDING,
            at=now,
            reason=reasons.CLAIMED,
            fence=row.fence,
            values=lease,
        )
        return Claim(row.id, row.campaign_id, row.post_id, row.account_id, row.fence + 1) if moved else None
