"""procrastinate's jobs put into its table in bulk, and one look of its worker at them."""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time

import procrastinate
import psycopg

from tests.bench.measures import rss_megabytes
from tests.bench.others import with_procrastinate
from tests.bench.others.with_procrastinate import set_up

__all__ = ["fill", "look", "set_up"]

_LOOKS = 50
_JOBS = """
INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, scheduled_at)
SELECT 'default', 'send', jsonb_build_object('server_url', '', 'text', %s::text, 'number', i), 'todo',
       now() + interval '1 hour' + (i * 7919 %% 23328000) * interval '1 second'
FROM generate_series(%s::bigint, %s::bigint) AS i
"""


def fill(url: str, first: int, last: int) -> None:
    """Add jobs, without the triggers that would write an event for each; then let PostgreSQL look at the table."""
    with psycopg.connect(url) as connection:
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute(_JOBS, ("x" * 266, first, last - 1))
        connection.execute("ANALYZE procrastinate_jobs")


def look(url: str) -> float:
    """Return the milliseconds of one look with nothing due."""
    return asyncio.run(_look(url))


async def _look(url: str) -> float:
    with with_procrastinate.app.replace_connector(procrastinate.PsycopgConnector(conninfo=url)) as app:
        async with app.open_async():
            worker = await app.job_manager.register_worker()
            times = []
            for _ in range(_LOOKS):
                start = time.perf_counter()
                job = await app.job_manager.fetch_job(queues=None, worker_id=worker)
                times.append((time.perf_counter() - start) * 1000)
                assert job is None
            return statistics.median(times)


if __name__ == "__main__":
    took = look(sys.argv[1])
    print(json.dumps({"look_ms": took, "memory_mb": rss_megabytes()}))  # noqa: T201  # for the parent
