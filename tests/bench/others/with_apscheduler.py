"""APScheduler 3: one date job per post in its SQLAlchemyJobStore.

Its best honest configuration for this work: a pool of as many threads as the others have, `misfire_grace_time` None so
that no late job is dropped, jobs added to the running scheduler as an application would add them.
"""

from __future__ import annotations

from datetime import UTC

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler

from tests.bench.measures import instant
from tests.bench.others.sending import Load, run, send


def driver_url(url: str) -> str:
    """Return a database's URL with the driver that is installed."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def scheduler_on(url: str, threads: int) -> BackgroundScheduler:
    """Return a scheduler with its jobs in a database."""
    return BackgroundScheduler(
        timezone=UTC,
        jobstores={"default": SQLAlchemyJobStore(driver_url(url))},
        executors={"default": ThreadPoolExecutor(threads)},
        job_defaults={"misfire_grace_time": None, "coalesce": False},
    )


def one_round(load: Load, url: str) -> dict[str, float]:
    """Measure one round on an empty database."""
    scheduler = scheduler_on(url, load.threads)
    scheduler.start()

    def enqueue(due: float) -> None:
        for job in load.jobs():
            scheduler.add_job(send, "date", run_date=instant(due), args=job)

    try:
        return run(load, enqueue, lead_seconds=3 + load.posts * 0.015)
    finally:
        scheduler.shutdown(wait=True)
