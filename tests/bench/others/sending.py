"""The job that the other schedulers run: one bare POST. No gate, no attempt, no record: it does less than ours."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import httpx

from tests.bench.bare import new_client, post
from tests.bench.measures import lateness
from tests.bench.server import Server

_local = threading.local()


def send(server_url: str, text: str, number: int) -> None:
    """Post a text with this thread's client, over its persistent connection."""
    client: httpx.Client | None = getattr(_local, "client", None)
    if client is None:
        client = _local.client = new_client()
    post(client, server_url, text, number)


@dataclass(frozen=True, slots=True)
class Load:
    """So many posts of these texts, due at one instant, sent by so many threads."""

    server: Server
    texts: Sequence[str]
    posts: int
    threads: int

    def jobs(self) -> list[tuple[str, str, int]]:
        """Return the arguments of `send` for each post."""
        return [(self.server.url, self.texts[number % len(self.texts)], number) for number in range(self.posts)]


class Enqueue(Protocol):
    """Takes all jobs on, to be run at `due` (seconds since 1970); returns when the last is taken on."""

    def __call__(self, due: float) -> None:
        """Take them on."""
        ...


def run(load: Load, enqueue: Enqueue, *, lead_seconds: float) -> dict[str, float]:
    """Enqueue everything for an instant `lead_seconds` ahead, wait until all has arrived, and return what it took."""
    load.server.arrivals()
    start = time.time()
    due = start + lead_seconds
    enqueue(due)
    enqueued = time.time() - start
    if time.time() > due - 0.2:
        raise TimeoutError(f"taking the jobs on took {enqueued:.1f} s, more than the {lead_seconds:.1f} s that it has")
    time.sleep(max(0.0, due - time.time()))
    arrived = _arrivals(load, seconds=60 + load.posts * 0.2)
    last = max(arrived)
    return {
        "enqueue_seconds": enqueued,
        "per_second": load.posts / (last - due),
        **lateness(due, arrived),
    }


def _arrivals(load: Load, *, seconds: float) -> list[float]:
    end = time.time() + seconds
    arrived: list[float] = []
    while len(arrived) < load.posts:
        if time.time() > end:
            raise TimeoutError(f"{load.posts - len(arrived)} of {load.posts} posts have not arrived")
        time.sleep(0.1)
        arrived += [at for at, _ in load.server.arrivals()]
    time.sleep(0.5)
    twice = load.server.arrivals()
    if twice:
        raise AssertionError(f"{len(twice)} posts arrived twice")
    return arrived
