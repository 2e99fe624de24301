"""Celery on RabbitMQ: one task per post with `eta`, one worker of its own process.

Its best honest configuration for this work: a pool of as many threads as the others have, no results kept, persistent
messages, and no limit to what the worker prefetches: it takes tasks with an `eta` off the queue as they come and keeps
them in its memory until then. (Under the usual limit, which it raises by one for each such task, it was seen to take
only some sixteen more in ten seconds.)
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid

from celery import Celery  # type: ignore[import-untyped]

from tests.bench.measures import instant
from tests.bench.others.sending import Load, run
from tests.bench.others.sending import send as send_here

_BROKER, _QUEUE = "FOCUSWEEK_BENCH_BROKER", "FOCUSWEEK_BENCH_QUEUE"

app = Celery("bench", broker=os.environ.get(_BROKER))
app.conf.update(
    task_default_queue=os.environ.get(_QUEUE, "bench"),
    task_ignore_result=True,
    worker_prefetch_multiplier=0,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
)


@app.task(name="send")  # type: ignore[untyped-decorator]
def send(server_url: str, text: str, number: int) -> None:
    """Post a text."""
    send_here(server_url, text, number)


def one_round(load: Load, broker: str) -> dict[str, float]:
    """Measure one round on a queue of its own."""
    queue = f"bench-{uuid.uuid4().hex}"
    with worker(broker, queue, load.threads), Celery("bench", broker=broker) as sender:
        sender.conf.update(task_ignore_result=True)

        def enqueue(due: float) -> None:
            with sender.producer_or_acquire() as producer:
                for job in load.jobs():
                    sender.send_task("send", job, eta=instant(due), queue=queue, producer=producer)

        return run(load, enqueue, lead_seconds=4 + load.posts * 0.006)


def send_far_ahead(broker: str, queue: str, count: int) -> None:
    """Send so many tasks that come due in nine months."""
    due = instant(time.time() + 270 * 86_400)
    with Celery("bench", broker=broker) as sender, sender.producer_or_acquire() as producer:
        for number in range(count):
            args = ("http://127.0.0.1:1", "x" * 266, number)
            sender.send_task("send", args, eta=due, queue=queue, producer=producer, ignore_result=True)


def waiting_in_queue(broker: str, queue: str) -> int:
    """Return how many tasks no worker has taken."""
    with Celery("bench", broker=broker) as asker, asker.connection_for_read() as connection:
        found: int = connection.default_channel.queue_declare(queue, passive=True).message_count
        return found


def drop(broker: str, queue: str) -> None:
    """Delete a queue with all that is in it."""
    with Celery("bench", broker=broker) as asker, asker.connection_for_write() as connection:
        connection.default_channel.queue_delete(queue)


class worker:  # noqa: N801  # used as a with statement
    """A worker process on a queue, ended at the block's end."""

    def __init__(self, broker: str, queue: str, threads: int) -> None:
        self._environment = os.environ | {_BROKER: broker, _QUEUE: queue}
        words = ["-A", "tests.bench.others.with_celery", "worker", "--pool", "threads", "-c", str(threads)]
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "WARNING"]
        self._command = [sys.executable, "-m", "celery", *words, *quiet]

    def __enter__(self) -> subprocess.Popen[bytes]:
        self._process = subprocess.Popen(  # noqa: S603 - our own command
            self._command, env=self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(4)  # until it consumes
        return self._process

    def __exit__(self, *_error: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
