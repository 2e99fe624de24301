"""APScheduler's jobs put into its store's table in bulk, and one look of its scheduler at them."""

from __future__ import annotations

import json
import pickle  # the store's own way to write a job
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta

from apscheduler.job import Job
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from sqlalchemy import insert

from tests.bench.measures import rss_megabytes
from tests.bench.others.sending import send
from tests.bench.others.with_apscheduler import driver_url

_LOOKS = 50
_BATCH = 10_000
_SPREAD = timedelta(days=270)


def set_up(url: str) -> None:
    """Make the table."""
    store = _store(url)
    store.jobs_t.create(store.engine, checkfirst=True)
    store.engine.dispose()


def fill(url: str, first: int, last: int) -> None:
    """Add jobs as the store's `add_job` writes them, but many in one transaction."""
    store = _store(url)
    scheduler = BackgroundScheduler(timezone=UTC)
    for start in range(first, last, _BATCH):
        rows = [_row(store, scheduler, number) for number in range(start, min(start + _BATCH, last))]
        with store.engine.begin() as connection:
            connection.execute(insert(store.jobs_t), rows)
    store.engine.dispose()


def look(url: str) -> float:
    """Return the milliseconds of one look with nothing due."""
    store = _store(url)
    scheduler = BackgroundScheduler(timezone=UTC)
    scheduler.add_jobstore(store)
    scheduler.start(paused=True)
    times = []
    for _ in range(_LOOKS):
        start = time.perf_counter()
        due, _following = store.get_due_jobs(datetime.now(UTC)), store.get_next_run_time()
        times.append((time.perf_counter() - start) * 1000)
        assert due == []
    scheduler.shutdown()
    return statistics.median(times)


def _row(store: SQLAlchemyJobStore, scheduler: BackgroundScheduler, number: int) -> dict[str, object]:
    ahead = timedelta(hours=1, seconds=number * 7919 % _SPREAD.total_seconds())
    due = datetime.now(UTC).replace(microsecond=0) + ahead
    job = Job(
        scheduler, id=f"{number:032x}", func=send, args=("http://127.0.0.1:1", "x" * 266, number), kwargs={},
        trigger=DateTrigger(due, UTC), executor="default", name="send", misfire_grace_time=None, coalesce=False,
        max_instances=1, next_run_time=due,
    )  # fmt: skip
    state = pickle.dumps(job.__getstate__(), store.pickle_protocol)
    return {"id": job.id, "next_run_time": due.timestamp(), "job_state": state}


def _store(url: str) -> SQLAlchemyJobStore:
    return SQLAlchemyJobStore(driver_url(url))


if __name__ == "__main__":
    took = look(sys.argv[1])
    print(json.dumps({"look_ms": took, "memory_mb": rss_megabytes()}))  # noqa: T201  # for the parent
