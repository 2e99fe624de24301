"""What people use instead, on the same work: 1,000 posts due at one instant, to the server that answers in 20 ms.

All take turns, round by round, with the same number of threads (or tasks at once) and the same texts. The others' job
is one bare POST: no gate, no attempt committed before it, no record after it. Ours does all of that; so does,
job by job, a second APScheduler ("the same work"). Their own settings are in the modules under `others`. Rate and
lateness are told by the server: from the due instant until the last post, and each post, had arrived. Time to enqueue
is what taking on the 1,000 jobs costs; ours are rows of a plan.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench import databases
from tests.bench.bare import bare_loop
from tests.bench.brokers import rabbitmq
from tests.bench.measures import instant, lateness, of_rounds
from tests.bench.others import with_apscheduler, with_apscheduler_in_full, with_celery, with_procrastinate
from tests.bench.others.sending import Load, run
from tests.bench.server import running
from tests.bench.stage import DEFAULT_THREADS, Work, house_at, log_to_nowhere, plan, prepare, ticking

_Round = Callable[[Load], dict[str, float]]

_BARE_JOB = "APScheduler 3, a job per post"
_FULL_JOB = "APScheduler 3, a job per post, the same work"


def measure(*, quick: bool) -> dict[str, Any]:
    """Measure all that can be measured here, in turn."""
    posts, rounds = (100, 1) if quick else (1000, 3)
    log_to_nowhere()
    result: dict[str, Any] = {"posts": posts, "threads": DEFAULT_THREADS, "runs": [], "left_out": []}
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(databases.work_directory())
        contenders, texts = _contenders(stack, directory, posts, result["left_out"])
        server = stack.enter_context(running(0.02))
        load = Load(server, texts, posts, DEFAULT_THREADS)
        found: dict[tuple[str, str], list[dict[str, float]]] = {}
        for _ in range(rounds):
            for key, one_round in contenders.items():
                found.setdefault(key, []).append(one_round(load))
    result["runs"] = [{"what": what, "on": on, **of_rounds(each)} for (what, on), each in found.items()]
    result["times_apscheduler"] = _times(result["runs"], _FULL_JOB)
    result["times_apscheduler_bare"] = _times(result["runs"], _BARE_JOB)
    return result


def _contenders(
    stack: contextlib.ExitStack, directory: Path, posts: int, left_out: list[dict[str, str]]
) -> tuple[dict[tuple[str, str], _Round], list[str]]:
    found: dict[tuple[str, str], _Round] = {("bare httpx loop", "no database"): _bare}
    texts: list[str] = []
    for kind in databases.KINDS:
        if why := databases.why_not(kind):
            left_out.append({"what": f"everything on {kind}", "why": why})
            continue
        url = stack.enter_context(databases.empty(kind, directory))
        work = prepare(url, directory, accounts=posts)
        texts = [one.text for one in work]
        found["Focusweek", kind] = _ours(url, directory, work)
        found[_BARE_JOB, kind] = _on_new_database(kind, directory, with_apscheduler.one_round)
        found[_FULL_JOB, kind] = _in_full(url, kind, directory, work)
        if kind == "postgresql":
            found["procrastinate", kind] = _on_new_database(kind, directory, with_procrastinate.one_round)
    broker, what = stack.enter_context(rabbitmq())
    if broker is None:
        left_out.append({"what": "Celery with eta", "why": what})
    else:
        found["Celery with eta", "RabbitMQ"] = lambda load: with_celery.one_round(load, broker)
    return found, texts


def _bare(load: Load) -> dict[str, float]:
    began = time.time()
    bare_loop(load.server.url, load.texts, posts=load.posts, threads=load.threads)
    arrived = [at for at, _ in load.server.arrivals()]
    return {"enqueue_seconds": 0.0, "per_second": load.posts / (max(arrived) - began), **lateness(began, arrived)}


def _ours(url: str, directory: Path, work: list[Work]) -> _Round:
    def one_round(load: Load) -> dict[str, float]:
        with databases.copy_of(url, directory) as copy:
            house = house_at(copy, directory, threads=load.threads)
            try:
                with ticking(house):
                    return run(
                        load,
                        lambda due: plan(house, load.server.url, work, [instant(due)] * load.posts),
                        lead_seconds=3,
                    )
            finally:
                house.close()

    return one_round


def _on_new_database(kind: str, directory: Path, measure_on: Callable[[Load, str], dict[str, float]]) -> _Round:
    def one_round(load: Load) -> dict[str, float]:
        with databases.empty(kind, directory) as url:
            return measure_on(load, url)

    return one_round


def _in_full(url: str, kind: str, directory: Path, work: list[Work]) -> _Round:
    def one_round(load: Load) -> dict[str, float]:
        with databases.copy_of(url, directory) as copy, databases.empty(kind, directory) as jobs:
            house = house_at(copy, directory, threads=load.threads)
            try:
                return with_apscheduler_in_full.one_round(load, house, work, jobs)
            finally:
                house.close()

    return one_round


def _times(runs: list[dict[str, Any]], theirs: str) -> dict[str, float]:
    """Return how many times as many posts a second we make as APScheduler does on the same database."""
    rate = {(run["what"], run["on"]): run["per_second"]["median"] for run in runs}
    kinds = [kind for kind in databases.KINDS if (theirs, kind) in rate]
    return {kind: round(rate["Focusweek", kind] / rate[theirs, kind], 2) for kind in kinds}
