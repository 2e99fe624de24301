"""What the engine is meant to reach, and what was measured of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
RATIO, P99_TIMES, APSCHEDULER_TIMES, SINGLE_MS, IDLE_PERCENT, GROWTH, LIST_MS = 0.6, 2.0, 5.0, 50.0, 1.0, 1.5, 50.0


def rows(parts: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return each aim, the figures that speak of it, and whether all of them reach it."""
    return [row for name, write in _PARTS for row in (write(parts[name]) if name in parts else ())]


def _row(aim: str, figures: Sequence[tuple[str, float]], reached: Callable[[float], bool]) -> tuple[str, str, str]:
    said = "; ".join(f"{name} {value:g}" for name, value in figures) or "not measured"
    return aim, said, ("yes" if all(reached(value) for _, value in figures) else "no") if figures else ""


def _throughput(part: dict[str, Any]) -> list[tuple[str, str, str]]:
    slow = [run for run in part["runs"] if run["delay_ms"] and run["threads"] == 4]
    ratios = [(DATABASES[run["database"]], run["ratio"]["median"]) for run in slow]
    lates = [(DATABASES[run["database"]], run["p99_over_bare_total"]["median"]) for run in slow]
    count = part["runs"][0]["posts"] if part["runs"] else 0
    return [
        _row(f"at least {RATIO} of the bare loop, 20 ms server, 4 threads", ratios, lambda value: value >= RATIO),
        _row(
            f"{count:,} due at once: p99 lateness at most {P99_TIMES:g} × the bare loop's whole time",
            lates,
            lambda value: value <= P99_TIMES,
        ),
    ]


def _single(part: dict[str, Any]) -> list[tuple[str, str, str]]:
    lates = [(DATABASES[run["database"]], run["lateness_ms"]["p99"]) for run in part["runs"]]
    idle = [(DATABASES[run["database"]], run["idle_cpu_percent"]) for run in part["runs"]]
    return [
        _row(f"a single post leaves within {SINGLE_MS:g} ms (p99)", lates, lambda value: value <= SINGLE_MS),
        _row(f"idle, less than {IDLE_PERCENT:g} % of a processor", idle, lambda value: value < IDLE_PERCENT),
    ]


def _scale(part: dict[str, Any]) -> list[tuple[str, str, str]]:
    names = {"idle_tick_ms": "idle tick", "next_due_ms": "next due", "claim_tick_ms": "claim"}
    found = []
    for analyzed in (True, False):
        grown = [growth for growth in part["growth"] if growth["analyzed"] is analyzed]
        figures = [(f"{DATABASES[g['database']]} {said}", g[name]) for g in grown for name, said in names.items()]
        if grown:
            aim = (
                f"tick and claim with {grown[0]['to']:,} pending at most {GROWTH} × those with {grown[0]['from']:,}"
                f", {'' if analyzed else 'never '}analyzed"
            )
            found.append(_row(aim, figures, lambda value: value <= GROWTH))
    return found


def _alternatives(part: dict[str, Any]) -> list[tuple[str, str, str]]:
    found = []
    for key, said in (
        ("times_apscheduler", "that does the same work"),
        ("times_apscheduler_bare", "that is a bare POST"),
    ):
        times = [(DATABASES[name], value) for name, value in part[key].items()]
        aim = f"at least {APSCHEDULER_TIMES:g} × the posts a second of APScheduler's job per post {said}"
        found.append(_row(aim, times, lambda value: value >= APSCHEDULER_TIMES))
    return found


def _lists(part: dict[str, Any]) -> list[tuple[str, str, str]]:
    p95 = [(run["list"], run["p95_ms"]) for run in part["runs"]]
    growth = [
        (run["list"], round(run["last_p50_ms"] / run["first_p50_ms"], 2)) for run in part["runs"] if run["pages"] > 100
    ]
    return [
        _row(f"a page of 100 deliveries: p95 under {LIST_MS:g} ms server time", p95, lambda value: value < LIST_MS),
        _row(f"the last 100 pages at most {GROWTH} × the first 100 (p50)", growth, lambda value: value <= GROWTH),
    ]


_PARTS = (
    ("throughput", _throughput),
    ("single", _single),
    ("scale", _scale),
    ("alternatives", _alternatives),
    ("lists", _lists),
)
