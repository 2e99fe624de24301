"""What the others' schedulers cost with 10 thousand, 100 thousand and 1 million jobs pending.

APScheduler's jobs and procrastinate's are put into their tables in bulk, in the very form in which they write them. One
look is what the scheduler does when it wakes: `get_due_jobs` and `get_next_run_time` of APScheduler's store,
`fetch_job` of procrastinate's manager, with nothing due. To save time, SQLite is left out with 1 million. Celery has no
look of that kind: its worker takes every task with an `eta` off the queue and keeps it in its memory, so there only the
memory is told, with 10 and 50 thousand (sending more takes too long). Memory is that of a process that has done the
looks, or of the worker.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import uuid
from typing import Any

from tests.bench import databases
from tests.bench.brokers import rabbitmq
from tests.bench.measures import rss_megabytes
from tests.bench.others import pending_apscheduler, pending_procrastinate, with_celery

SIZES = {"sqlite": (10_000, 100_000), "postgresql": (10_000, 100_000, 1_000_000)}
CELERY_SIZES = (10_000, 50_000)
QUICK_SIZES = (1_000, 2_000)


def measure(*, quick: bool) -> dict[str, Any]:
    """Measure each of the others at every size that can be reached."""
    result: dict[str, Any] = {"runs": [], "left_out": []}
    for kind in databases.KINDS:
        if why := databases.why_not(kind):
            result["left_out"].append({"what": f"everything on {kind}", "why": why})
            continue
        for what in ("APScheduler 3, a job per post", *(("procrastinate",) if kind == "postgresql" else ())):
            with databases.work_directory() as directory, databases.empty(kind, directory) as url:
                result["runs"] += _grow(what, kind, url, QUICK_SIZES if quick else SIZES[kind])
    with rabbitmq() as (broker, why):
        if broker is None:
            result["left_out"].append({"what": "Celery with eta", "why": why})
        else:
            result["runs"] += [_celery(broker, size) for size in (QUICK_SIZES[:1] if quick else CELERY_SIZES)]
    return result


def _grow(what: str, kind: str, url: str, sizes: tuple[int, ...]) -> list[dict[str, Any]]:
    ours = pending_apscheduler if what.startswith("APScheduler") else pending_procrastinate
    ours.set_up(url)
    runs, full = [], 0
    for size in sizes:
        ours.fill(url, full, size)
        full = size
        command = [sys.executable, "-m", ours.__name__, url]
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own command
        runs.append({"what": what, "on": kind, "pending": size, **json.loads(done.stdout)})
    return runs


def _celery(broker: str, size: int) -> dict[str, Any]:
    queue = f"bench-{uuid.uuid4().hex}"
    with with_celery.worker(broker, queue, 4) as process:
        with_celery.send_far_ahead(broker, queue, size)
        end = time.monotonic() + 60 + size * 0.005
        while with_celery.waiting_in_queue(broker, queue):
            if time.monotonic() > end:
                raise TimeoutError(f"the worker has not taken {size} tasks off the queue")
            time.sleep(0.5)
        time.sleep(2)
        memory = rss_megabytes(process.pid)
    with_celery.drop(broker, queue)
    return {"what": "Celery with eta", "on": "RabbitMQ", "pending": size, "look_ms": None, "memory_mb": memory}
