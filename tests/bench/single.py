"""How late a single post leaves on an idle machine, and what the service costs while it waits.

The process is a real `focusweek serve`, started on a database with 1,000 deliveries in the year to come. For a minute
nothing is due, and the processor time that the process uses meanwhile is read from /proc. Then posts come due one
after another, at random instants 0.2 to 0.5 seconds apart, each on an account of its own; lateness runs from the due
instant to the arrival of the whole request at a server on this machine that answers at once.
"""

from __future__ import annotations

import random
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.bench import databases
from tests.bench.measures import cpu_seconds, instant, late_by, of_rounds, quantile, rss_megabytes, spread
from tests.bench.server import Server, running
from tests.bench.service import serving
from tests.bench.stage import house_at, plan, prepare

AHEAD = 1000
#: What the process may take from its start to being idle, in seconds.
START_SECONDS = 6.0
GAPS_SECONDS = (0.2, 0.5)


def measure(*, quick: bool) -> dict[str, Any]:
    """Measure on every database: three rounds of single posts after one idle minute."""
    posts, idle, rounds = (8, 2.0, 1) if quick else (40, 60.0, 3)
    result: dict[str, Any] = {"runs": [], "left_out": []}
    for kind in databases.KINDS:
        if why := databases.why_not(kind):
            result["left_out"].append({"what": kind, "why": why})
            continue
        with databases.work_directory() as directory, running() as server:
            result["runs"].append({"database": kind, **_run(kind, directory, server, posts, idle, rounds)})
    return result


def _run(kind: str, directory: Path, server: Server, posts: int, idle: float, rounds: int) -> dict[str, Any]:
    with databases.empty(kind, directory) as url:
        total = posts * rounds
        work = prepare(url, directory, accounts=total)
        began = time.time()
        due = _instants(began + START_SECONDS + idle, total)
        house = house_at(url, directory)
        try:
            # Those ahead come after the others in the list, so that delivery N of the others is on account N.
            ahead = [instant(began) + timedelta(days=1 + number % 364) for number in range(AHEAD)]
            plan(house, server.url, work, [*(instant(at) for at in due), *ahead])
        finally:
            house.close()
        environment = {
            "FOCUSWEEK_DATA_DIR": str(directory / "data"),
            "FOCUSWEEK_DATABASE_URL": url,
            "FOCUSWEEK_ALLOW_PRIVATE_TARGETS": "true",
        }
        with serving("serve", environment) as service:
            time.sleep(max(0.0, began + START_SECONDS - time.time()))
            cpu, start = cpu_seconds(service.process), time.monotonic()
            time.sleep(max(0.0, due[0] - 0.5 - time.time()))
            cpu, waited = cpu_seconds(service.process) - cpu, time.monotonic() - start
            memory = rss_megabytes(service.process)
            time.sleep(max(0.0, due[-1] + 2.0 - time.time()))
            arrived = {int(token.removeprefix("t")): at for at, token in server.arrivals()}
    missing = total - len(arrived)
    if missing:
        raise AssertionError(f"{missing} of {total} single posts had not arrived 2 seconds after the last was due")
    late = [arrived[number] - due[number] for number in range(total)]
    parts = [late[number * posts : (number + 1) * posts] for number in range(rounds)]
    return {
        "posts": total,
        "lateness_ms": late_by(late),
        "lateness_ms_by_round": of_rounds([late_by(part) for part in parts]),
        "p99_ms": spread([quantile(part, 0.99) * 1000 for part in parts], 1),
        "idle_seconds": round(waited, 1),
        "idle_cpu_percent": round(100 * cpu / waited, 3),
        "memory_mb": round(memory, 1),
    }


def _instants(first: float, count: int) -> list[float]:
    """Return due instants (seconds since 1970, on whole microseconds) with random gaps; the same gaps in every run."""
    chance = random.Random(1)  # noqa: S311  # gaps that a second run repeats
    at, found = first, []
    for _ in range(count):
        at += chance.uniform(*GAPS_SECONDS)
        found.append(round(at, 6))
    return found
