"""What a page of 100 deliveries out of 1 million costs the server, from the first page to the thousandth.

The deliveries stand on ten accounts, seven of ten are published, two scheduled, and the rest is in other states. Each
list is walked by its cursors, page after page, as a client does. A page is what the route does without HTTP: a unit of
work, the service call with its filters and everything that the rows refer to, and the answer as JSON.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from app.api.schemas.base import PageOut
from app.api.schemas.deliveries import DeliveryOut, delivery_out
from app.bootstrap import House
from app.services.delivery_lists import Wanted, deliveries
from app.services.pages import Asked
from tests.bench import databases
from tests.bench.filling import analyze, fill
from tests.bench.measures import quantile
from tests.bench.stage import house_at, log_to_nowhere, prepare

SIZE, PAGES, ACCOUNTS = 1_000_000, 1_000, 10
QUICK_SIZE, QUICK_PAGES = 10_000, 20
_ROWS = 100
#: At each end of a walk so many pages are told of by themselves.
_ENDS = 100

_LISTS: tuple[tuple[str, Wanted], ...] = (
    ("all", Wanted()),
    ("all, latest first", Wanted(sort="-due")),
    ("all, last changed first", Wanted(sort="-updated")),
    ("of a campaign", Wanted(campaign_id=1)),
    ("of an account", Wanted(account="a1")),
    ("of a network", Wanted(platform="mastodon")),
    ("in a state (70 %)", Wanted(states=("published",))),
    ("in a state (1 %)", Wanted(states=("missed",))),
    ("in three states (4 %)", Wanted(states=("missed", "failed", "blocked"))),
    ("of an account, in a state", Wanted(account="a1", states=("scheduled",))),
    ("of a campaign, in a state (1 %)", Wanted(campaign_id=1, states=("missed",))),
)

#: Of 97 deliveries in a row, so that every account has all of them.
_STATES = (
    "CASE WHEN i % 97 < 68 THEN 'published' WHEN i % 97 < 88 THEN 'scheduled' WHEN i % 97 = 88 THEN 'missed' "
    "WHEN i % 97 = 89 THEN 'failed' WHEN i % 97 < 92 THEN 'blocked' WHEN i % 97 = 92 THEN 'needs_review' "
    "ELSE 'cancelled' END"
)


def measure(*, quick: bool) -> dict[str, Any]:
    """Walk every list on PostgreSQL."""
    log_to_nowhere()
    if why := databases.why_not("postgresql"):
        return {"runs": [], "left_out": [{"what": "PostgreSQL", "why": why}]}
    size, pages = (QUICK_SIZE, QUICK_PAGES) if quick else (SIZE, PAGES)
    with databases.work_directory() as directory, databases.empty("postgresql", directory) as url:
        _fill(url, directory, size)
        house = house_at(url, directory)
        try:
            # What only the first page of all costs: connections, prepared statements, compiled queries.
            _walk(house, Wanted(), 5)
            runs = [{"list": name, "rows": size, **_figures(*_walk(house, wanted, pages))} for name, wanted in _LISTS]
        finally:
            house.close()
    return {"runs": runs, "left_out": []}


def _fill(url: str, directory: Path, size: int) -> None:
    work = prepare(url, directory, accounts=ACCOUNTS)
    fill(url, work, first=1, last=size, state=_STATES)
    analyze(url)


def _walk(house: House, wanted: Wanted, pages: int) -> tuple[list[float], float]:
    """Return how long each page took, and the processor time that this process spent on one, in milliseconds."""
    taken: list[float] = []
    spent = time.process_time()
    cursor: str | None = None
    for _ in range(pages):
        start = time.perf_counter()
        with house.read() as scope:
            page = deliveries(scope, wanted, Asked(_ROWS, cursor))
            answer = PageOut[DeliveryOut](
                items=[delivery_out(view) for view in page.items], next_cursor=page.next_cursor
            )
            answer.model_dump_json()
        taken.append((time.perf_counter() - start) * 1000)
        cursor = page.next_cursor
        if cursor is None:
            break
    return taken, (time.process_time() - spent) * 1000 / len(taken)


def _figures(taken: list[float], spent: float) -> dict[str, Any]:
    first, last = taken[:_ENDS], taken[-_ENDS:]
    return {
        "pages": len(taken),
        "processor_ms": round(spent, 1),
        "p50_ms": round(quantile(taken, 0.5), 1),
        "p95_ms": round(quantile(taken, 0.95), 1),
        "first_p50_ms": round(quantile(first, 0.5), 1),
        "last_p50_ms": round(quantile(last, 0.5), 1),
        "first_p95_ms": round(quantile(first, 0.95), 1),
        "last_p95_ms": round(quantile(last, 0.95), 1),
    }
