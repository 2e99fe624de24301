"""procrastinate on PostgreSQL: one job per post with `schedule_at`, one asynchronous worker of its own process.

Its best honest configuration for this work: asynchronous tasks with one client, as many at once as the others have
threads, all jobs deferred in one batch, and a poll every 0.1 s for jobs that have come due (its default is 5 s, which
is how late a scheduled job may begin).
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from typing import Any

import httpx
import procrastinate

from tests.bench.measures import instant
from tests.bench.others.sending import Load, run

POLL_SECONDS = 0.1
_DSN = "FOCUSWEEK_BENCH_DSN"

app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=os.environ.get(_DSN, "")))
_client: httpx.AsyncClient | None = None


@app.task(name="send")
async def send(server_url: str, text: str, number: int) -> None:
    """Post a text."""
    global _client  # noqa: PLW0603  # one client for the worker's whole life
    if _client is None:
        _client = httpx.AsyncClient(trust_env=False, timeout=45)
    answer = await _client.post(
        f"{server_url}/api/v1/statuses",
        json={"status": text, "visibility": "public", "language": "en"},
        headers={"Authorization": f"Bearer t{number}", "Idempotency-Key": f"bare-{number}-{time.time_ns()}"},
    )
    answer.raise_for_status()


def set_up(url: str) -> None:
    """Make procrastinate's tables in an empty database."""

    async def make() -> None:
        connector = procrastinate.PsycopgConnector(conninfo=url)
        with app.replace_connector(connector) as here:
            async with here.open_async():
                await here.schema_manager.apply_schema_async()

    asyncio.run(make())


def one_round(load: Load, url: str) -> dict[str, float]:
    """Measure one round on an empty PostgreSQL database."""
    set_up(url)
    command = [sys.executable, "-m", "tests.bench.others.with_procrastinate", str(load.threads)]
    nowhere = subprocess.DEVNULL
    with subprocess.Popen(  # noqa: S603 - our own command
        command, env=os.environ | {_DSN: url}, stdout=nowhere, stderr=nowhere
    ) as worker:
        try:
            time.sleep(2)  # until the worker listens

            def enqueue(due: float) -> None:
                asyncio.run(_defer(url, load, due))

            return run(load, enqueue, lead_seconds=3 + load.posts * 0.005)
        finally:
            worker.terminate()


async def _defer(url: str, load: Load, due: float) -> None:
    jobs: list[dict[str, Any]] = [
        {"server_url": server, "text": text, "number": number} for server, text, number in load.jobs()
    ]
    with app.replace_connector(procrastinate.PsycopgConnector(conninfo=url)) as here:
        async with here.open_async():
            await here.configure_task("send", schedule_at=instant(due)).batch_defer_async(*jobs)


if __name__ == "__main__":
    # The task belongs to the module of its own name, not to __main__.
    from tests.bench.others.with_procrastinate import app as whole

    with whole.open():
        pass
    whole.run_worker(concurrency=int(sys.argv[1]), fetch_job_polling_interval=POLL_SECONDS, delete_jobs="successful")
