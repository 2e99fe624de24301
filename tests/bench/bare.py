"""The bare loop: threads that post texts with `httpx.Client` as fast as they can, and nothing else.

It is the yardstick for the engine: no schedule, no check, no record, no lock. Each thread has a client of its own with
persistent connections, which is httpx at its quickest; `fresh=True` makes a connection for every post, as the engine
does on purpose.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import httpx


@dataclass(frozen=True, slots=True)
class BareRun:
    """When a loop began and ended, in seconds since 1970."""

    began: float
    ended: float

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.ended - self.began


def post(client: httpx.Client, server_url: str, text: str, number: int) -> None:
    """Post a text, with the headers and the body that Mastodon's API takes."""
    client.post(
        f"{server_url}/api/v1/statuses",
        json={"status": text, "visibility": "public", "language": "en"},
        headers={"Authorization": f"Bearer t{number}", "Idempotency-Key": f"bare-{number}-{time.time_ns()}"},
    ).raise_for_status()


def new_client(*, fresh: bool = False) -> httpx.Client:
    """Return a client for one thread."""
    limits = httpx.Limits(max_keepalive_connections=0) if fresh else httpx.Limits()
    return httpx.Client(trust_env=False, timeout=45, limits=limits, headers={"Connection": "close"} if fresh else None)


def bare_loop(server_url: str, texts: Sequence[str], *, posts: int, threads: int, fresh: bool = False) -> BareRun:
    """Post `posts` texts, in turn, from so many threads."""
    numbers = itertools.count()

    def work() -> None:
        with new_client(fresh=fresh) as client:
            while (number := next(numbers)) < posts:
                post(client, server_url, texts[number % len(texts)], number)

    return together(work, threads)


def together(work: Callable[[], None], threads: int) -> BareRun:
    """Run `work` in so many threads at once, to the end of the last; what one of them raises is raised."""
    failed: list[BaseException] = []

    def guarded() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001  # it is raised again below, in the thread that waits
            failed.append(error)

    running = [threading.Thread(target=guarded) for _ in range(threads)]
    began = time.time()
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    if failed:
        raise failed[0]
    return BareRun(began, time.time())
