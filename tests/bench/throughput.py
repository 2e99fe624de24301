"""How many deliveries a second the whole engine makes, as a ratio to a bare loop, and how late 1,000 at once leave.

Everything is real: the service's house and scheduler, the bundled pack's posts, composed and checked at the gate, each
attempt committed before it is sent, sealed tokens, the Mastodon adapter, the guarded network, records of the outcome.
1,000 accounts have one delivery each, all due at the same instant; the server answers in 20 ms, or at once. In each
round the bare loop (`bare.py`) posts the same texts with as many threads to the same server, right before the engine.
The engine's time runs from the due instant until the last delivery is recorded as published; the loop's until its last
answer. Lateness runs from the due instant to the arrival of the whole request at the server.
"""

from __future__ import annotations

import argparse
import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench import databases, profiling
from tests.bench.bare import BareRun, bare_loop
from tests.bench.ceiling import ceiling
from tests.bench.measures import instant, lateness, of_rounds, spread
from tests.bench.server import Server, running
from tests.bench.stage import (
    DEFAULT_THREADS,
    Work,
    house_at,
    log_to_nowhere,
    plan,
    prepare,
    published,
    ticking,
    wait_for,
)

#: The scheduler is running for so long before everything comes due, in seconds.
LEAD_SECONDS = 1.0
SLOW_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Ground:
    """A database that was set up once, to be copied for each round."""

    url: str
    directory: Path
    work: Sequence[Work]


@contextlib.contextmanager
def ground(kind: str, directory: Path, *, accounts: int) -> Iterator[Ground]:
    """Set up a database of a kind with the campaign and so many accounts."""
    with databases.empty(kind, directory) as url:
        yield Ground(url, directory, prepare(url, directory, accounts=accounts))


def engine_round(
    ground: Ground,
    server: Server,
    *,
    posts: int,
    threads: int,
    watch: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> dict[str, float]:
    """Let the engine deliver `posts` that are due at one instant; return seconds, processor seconds and lateness."""
    with databases.copy_of(ground.url, ground.directory) as url:
        house = house_at(url, ground.directory, threads=threads)
        try:
            due = time.time() + LEAD_SECONDS
            plan(house, server.url, ground.work, [instant(due)] * posts)
            due = max(due, time.time())
            server.arrivals()
            with watch(), ticking(house):
                time.sleep(max(0.0, due - time.time()))
                cpu = time.process_time()
                done = wait_for(lambda: published(house) >= posts, seconds=posts)
                cpu = time.process_time() - cpu
        finally:
            house.close()
    arrived = [at for at, _ in server.arrivals()]
    if len(arrived) != posts:
        raise AssertionError(f"{posts} deliveries made {len(arrived)} posts")
    return {"seconds": done - due, "cpu_seconds": cpu, **lateness(due, arrived)}


def bare_round(ground: Ground, server: Server, *, posts: int, threads: int, fresh: bool = False) -> BareRun:
    """Let the bare loop post the same texts."""
    run = bare_loop(server.url, [work.text for work in ground.work], posts=posts, threads=threads, fresh=fresh)
    server.arrivals()
    return run


def compare(ground: Ground, server: Server, *, posts: int, threads: int, rounds: int) -> dict[str, Any]:
    """Measure the bare loop and the engine in turn; return both with their ratio."""
    bare: list[float] = []
    engine: list[dict[str, float]] = []
    for _ in range(rounds):
        bare.append(bare_round(ground, server, posts=posts, threads=threads).seconds)
        engine.append(engine_round(ground, server, posts=posts, threads=threads))
    fresh = bare_round(ground, server, posts=posts, threads=threads, fresh=True).seconds
    late = of_rounds([{name: one[name] for name in ("p50", "p99", "max")} for one in engine])
    return {
        "posts": posts,
        "threads": threads,
        "per_second": spread([posts / one["seconds"] for one in engine], 1),
        "bare_per_second": spread([posts / seconds for seconds in bare], 1),
        "bare_fresh_per_second": spread([posts / fresh], 1),
        "ratio": spread([seconds / one["seconds"] for seconds, one in zip(bare, engine, strict=True)]),
        "cpu_ms_per_delivery": spread([one["cpu_seconds"] * 1000 / posts for one in engine]),
        "lateness_ms": late,
        "bare_total_ms": spread([seconds * 1000 for seconds in bare], 1),
        "p99_over_bare_total": spread([o["p99"] / (s * 1000) for s, o in zip(bare, engine, strict=True)]),
    }


def measure(*, quick: bool) -> dict[str, Any]:
    """Measure on every database: with 4, 8 and 16 threads against the slow server, with 4 against the other."""
    posts, rounds = (100, 1) if quick else (1000, 3)
    result: dict[str, Any] = {"server_ceiling": ceiling(1_000 if quick else 10_000), "runs": [], "left_out": []}
    log_to_nowhere()
    with databases.work_directory() as directory:
        for kind in databases.KINDS:
            if why := databases.why_not(kind):
                result["left_out"].append({"what": kind, "why": why})
                continue
            with ground(kind, directory, accounts=posts) as prepared:
                slow = [(SLOW_SECONDS, threads) for threads in ((DEFAULT_THREADS,) if quick else (4, 8, 16))]
                for delay, threads in (*slow, (0.0, DEFAULT_THREADS)):
                    with running(delay) as server:
                        run = compare(prepared, server, posts=posts, threads=threads, rounds=rounds)
                    result["runs"].append({"database": kind, "delay_ms": round(delay * 1000), **run})
    return result


def main() -> None:
    """Measure one combination and print it; with --profile, also where the processor's time went."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--threads", type=int, default=DEFAULT_THREADS)
    parser.add_argument("--database", choices=databases.KINDS, default="sqlite")
    parser.add_argument("--posts", type=int, default=1000)
    parser.add_argument("--delay-ms", type=float, default=SLOW_SECONDS * 1000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--profile", action="store_true", help="Print where the processor's time went.")
    parser.add_argument("--thread", default="", help="With --profile: only threads whose name begins so.")
    asked = parser.parse_args()
    log_to_nowhere()
    with (
        databases.work_directory() as directory,
        ground(asked.database, directory, accounts=asked.posts) as prepared,
        running(asked.delay_ms / 1000) as server,
    ):
        sizes = {"posts": asked.posts, "threads": asked.threads}
        if asked.profile:
            profiler = profiling.ThreadsProfiler()
            engine_round(prepared, server, **sizes, watch=profiler.running)
            profiler.print(40, asked.thread)
            return
        found = compare(prepared, server, **sizes, rounds=asked.rounds)
        for name, value in found.items():
            print(f"{name:24} {value}")  # noqa: T201  # a person reads it


if __name__ == "__main__":
    main()
