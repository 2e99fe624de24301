"""What a tick costs with 10 thousand, 100 thousand and 1 million deliveries pending, and the memory that it takes.

The pending deliveries stand on 1,000 accounts and are spread over nine months; they are put in by the database itself.
At each size a process of its own opens the house as the service does and measures, on the engine's public face:

- idle tick: `Engine.tick` with nothing due, and `Engine.next_due` after it;
- claim: `Engine.tick` with four deliveries due, which it claims and hands to four threads (the threads then compose,
  check and post to a local server that answers in 20 ms; what they do is not waited for);
- memory: the resident memory of that process, at the end.

All of it once in a database that was never analyzed, and once in one that is analyzed after each loading.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from app.bootstrap import House
from app.models import Account, Delivery
from tests.bench import databases
from tests.bench.filling import analyze, fill
from tests.bench.measures import quantile, rss_megabytes, spread
from tests.bench.server import running
from tests.bench.stage import DEFAULT_THREADS, house_at, log_to_nowhere, prepare, wait_for

SIZES = (10_000, 100_000, 1_000_000)
QUICK_SIZES = (1_000, 10_000)


def measure(*, quick: bool) -> dict[str, Any]:
    """Measure at every size on every database, before and after ANALYZE."""
    sizes, rounds, accounts, calls = (QUICK_SIZES, 1, 100, 10) if quick else (SIZES, 3, 1000, 100)
    result: dict[str, Any] = {"runs": [], "left_out": []}
    for kind in databases.KINDS:
        if why := databases.why_not(kind):
            result["left_out"].append({"what": kind, "why": why})
            continue
        for analyzed in (False, True):
            result["runs"] += _grow(kind, sizes, analyzed=analyzed, accounts=accounts, rounds=rounds, calls=calls)
    result["growth"] = _growth(result["runs"], sizes[0], sizes[-1])
    return result


def _grow(
    kind: str, sizes: Sequence[int], *, analyzed: bool, accounts: int, rounds: int, calls: int
) -> list[dict[str, Any]]:
    """Fill a database of a kind to one size after the other, and measure at each."""
    runs = []
    with databases.work_directory() as directory, databases.empty(kind, directory) as url:
        work = prepare(url, directory, accounts=accounts)
        full = 0
        for size in sizes:
            start = time.monotonic()
            fill(url, work, first=full + 1, last=size)
            full, loaded = size, time.monotonic() - start
            if analyzed:
                analyze(url)
            found = [_in_a_process(url, directory, calls=calls) for _ in range(rounds)]
            run = {name: spread([one[name] for one in found]) for name in found[0]}
            runs.append({"database": kind, "pending": size, "analyzed": analyzed, "loaded_s": round(loaded, 1), **run})
    return runs


def _growth(runs: list[dict[str, Any]], smallest: int, largest: int) -> list[dict[str, Any]]:
    """Return how many times the cost at the smallest size is that at the largest."""
    found = []
    for few in (run for run in runs if run["pending"] == smallest):
        same = (few["database"], few["analyzed"])
        many = next(r for r in runs if (r["database"], r["analyzed"]) == same and r["pending"] == largest)
        names = ("idle_tick_ms", "next_due_ms", "claim_tick_ms", "memory_mb")
        times = {name: round(many[name]["median"] / few[name]["median"], 2) for name in names}
        found.append({"database": same[0], "analyzed": same[1], "from": smallest, "to": largest, **times})
    return found


def _in_a_process(url: str, directory: Path, *, calls: int) -> dict[str, float]:
    with running(0.02) as server:
        command = [sys.executable, "-m", "tests.bench.scale", url, str(directory), server.url, "--calls", str(calls)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    if done.returncode:
        raise RuntimeError(done.stderr)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _here(url: str, directory: Path, server_url: str, calls: int) -> dict[str, float]:
    house = house_at(url, directory)
    try:
        with house.database.write() as session:
            session.execute(update(Account).values(server=server_url))
        house.engine.tick()
        ticks, dues = [], []
        for _ in range(calls):
            ticks.append(_milliseconds(house.engine.tick))
            dues.append(_milliseconds(house.engine.next_due))
        claims = [_claim(house, number) for number in range(max(3, calls // 5))]
        return {
            "idle_tick_ms": quantile(ticks, 0.5),
            "next_due_ms": quantile(dues, 0.5),
            "claim_tick_ms": quantile(claims, 0.5),
            "memory_mb": rss_megabytes(),
        }
    finally:
        house.close()


def _claim(house: House, number: int) -> float:
    """Make one delivery of each of four accounts due, and return what the tick that claims them takes."""
    with house.database.write() as session:
        accounts = session.scalars(select(Account.id).order_by(Account.id)).all()
        chosen = [accounts[(number * DEFAULT_THREADS + step) % len(accounts)] for step in range(DEFAULT_THREADS)]
        due = house.clock.now() - timedelta(seconds=1)
        ids = [
            session.scalars(
                select(Delivery.id)
                .where(Delivery.account_id == account, Delivery.state == "scheduled")
                .order_by(Delivery.ready_at)
                .limit(1)
            ).one()
            for account in chosen
        ]
        session.execute(update(Delivery).where(Delivery.id.in_(ids)).values(due_at=due, ready_at=due))
        session.execute(update(Account).where(Account.id.in_(chosen)).values(next_free_at=due))
    taken = _milliseconds(house.engine.tick)

    def gone() -> bool:
        with house.database.read() as session:
            states = session.scalars(select(Delivery.state).where(Delivery.id.in_(ids))).all()
        return not {"scheduled", "sending"} & set(states)

    wait_for(gone, seconds=30)
    return taken


def _milliseconds(call: Any) -> float:
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("directory", type=Path)
    parser.add_argument("server")
    parser.add_argument("--calls", type=int, default=100)
    asked = parser.parse_args()
    log_to_nowhere()
    print(json.dumps(_here(asked.url, asked.directory, asked.server, asked.calls)))  # noqa: T201  # for the parent
