"""The measured figures as one Markdown page: what was aimed at, then a table for each part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tests.bench import aims

_Cells = Sequence[object]
_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def markdown(results: dict[str, Any], plots: Sequence[str]) -> str:
    """Return the page for all results; `plots` are the files of the plots beside it."""
    facts, parts = results["machine"], results["parts"]
    lines = [
        "# Figures",
        "",
        "Written by `make bench`; [how each figure is measured](README.md).",
        "",
        _facts(facts),
        "",
    ]
    if any(part["quick"] for part in parts.values()):
        lines += ["**Some of these figures come from `--quick` runs: they show that it runs, and mean nothing.**", ""]
    lines += ["## What was aimed at", "", *_table(("aim", "measured", "reached"), aims.rows(parts)), ""]
    for name, title, write in _SECTIONS:
        if name in parts:
            part = parts[name]
            lines += [f"## {title}", "", f"Measured {part['measured_at']}.", "", *write(part), ""]
            lines += [f"Left out: {left['what']}: {left['why']}." for left in part.get("left_out", ())]
            lines += [f"![{title}]({plot})\n" for plot in plots if plot.removesuffix(".svg") == name]
    return "\n".join(lines).rstrip("\n") + "\n"


def _facts(facts: dict[str, Any]) -> str:
    return (
        f"{facts['cpus']} processors ({facts['processor']}), {facts['system']}, Python {facts['python']}, "
        f"SQLite {facts['sqlite']}, PostgreSQL {facts['postgresql'] or 'not there'}; "
        f"bringing 4 KiB to the disk takes {facts['disk_flush_ms']} ms. "
        "Medians over the rounds, with the lowest and highest in brackets."
    )


def _table(heads: _Cells, rows: Iterable[_Cells]) -> list[str]:
    lines = [heads, ["---"] * len(heads), *rows]
    return [f"| {' | '.join(str(cell) for cell in line)} |" for line in lines]


def shown(spread: dict[str, Any], digits: int = 0) -> str:
    """Return a spread as its median with lowest and highest in brackets."""
    median, lowest, highest = (f"{spread[name]:,.{digits}f}" for name in ("median", "lowest", "highest"))
    return median if spread["rounds"] == 1 else f"{median} ({lowest}–{highest})"


def _throughput(part: dict[str, Any]) -> list[str]:
    heads = (
        *(
            "database",
            "server",
            "threads",
            "deliveries/s",
            "bare loop/s",
            "bare loop/s, a connection per post",
            "ratio",
        ),
        *("late p50 / p99 / max, ms", "bare loop in all, ms", "p99 to that", "processor ms each"),
    )
    rows = [
        (
            _NAMES[run["database"]],
            f"{run['delay_ms']} ms" if run["delay_ms"] else "at once",
            run["threads"],
            shown(run["per_second"]),
            shown(run["bare_per_second"]),
            shown(run["bare_fresh_per_second"]),
            shown(run["ratio"], 2),
            _late(run["lateness_ms"]),
            shown(run["bare_total_ms"]),
            shown(run["p99_over_bare_total"], 2),
            shown(run["cpu_ms_per_delivery"], 2),
        )
        for run in part["runs"]
    ]
    most = part["server_ceiling"]
    said = (
        f"The server itself answers {most['persistent_per_second']:,} posts a second at least over persistent "
        f"connections, and {most['fresh_per_second']:,} over one connection per post."
    )
    return [*_table(heads, rows), "", said]


def _late(of: dict[str, Any]) -> str:
    return " / ".join(f"{of[name]['median']:,.0f}" for name in ("p50", "p99", "max"))


def _single(part: dict[str, Any]) -> list[str]:
    heads = ("database", "posts", "late p50 / p99 / max, ms", "p99 by round, ms", "idle for", "processor", "memory")
    rows = [
        (
            _NAMES[run["database"]],
            run["posts"],
            " / ".join(str(run["lateness_ms"][name]) for name in ("p50", "p99", "max")),
            shown(run["p99_ms"], 1),
            f"{run['idle_seconds']} s",
            f"{run['idle_cpu_percent']} %",
            f"{run['memory_mb']} MB",
        )
        for run in part["runs"]
    ]
    return _table(heads, rows)


_COSTS = (("idle_tick_ms", 2), ("next_due_ms", 2), ("claim_tick_ms", 1), ("memory_mb", 0))


def _scale(part: dict[str, Any]) -> list[str]:
    heads = ("database", "analyzed", "pending", "idle tick, ms", "next due, ms", "tick that claims 4, ms", "memory, MB")
    rows: list[_Cells] = [
        (
            _NAMES[run["database"]],
            "yes" if run["analyzed"] else "no",
            f"{run['pending']:,}",
            *(shown(run[name], digits) for name, digits in _COSTS),
        )
        for run in part["runs"]
    ]
    for grown in part["growth"]:
        times = [f"× {grown[name]}" for name, _ in _COSTS]
        span = f"{grown['from']:,} to {grown['to']:,}"
        rows.append((_NAMES[grown["database"]], "yes" if grown["analyzed"] else "no", span, *times))
    return _table(heads, rows)


#: What does all of a delivery's work, and not only the POST.
_IN_FULL = ("Focusweek", "the same work")


def _alternatives(part: dict[str, Any]) -> list[str]:
    heads = ("what", "on", "what a post is", "posts/s", "late p50 / p99 / max, ms", "enqueue all, s")
    rows = [
        (
            run["what"],
            _NAMES.get(run["on"], run["on"]),
            "compose, check, attempt, POST, record" if run["what"].endswith(_IN_FULL) else "a bare POST",
            shown(run["per_second"]),
            _late(run),
            shown(run["enqueue_seconds"], 2),
        )
        for run in part["runs"]
    ]
    return _table(heads, rows)


def _pending(part: dict[str, Any]) -> list[str]:
    heads = ("what", "on", "pending", "one look for due jobs, ms", "memory of the process, MB")
    rows = [
        (
            run["what"],
            _NAMES.get(run["on"], run["on"]),
            f"{run['pending']:,}",
            "" if run["look_ms"] is None else f"{run['look_ms']:,.2f}",
            f"{run['memory_mb']:,.0f}",
        )
        for run in part["runs"]
    ]
    return _table(heads, rows)


def _checks(part: dict[str, Any]) -> list[str]:
    rows = [
        (run["measured"], f"{run['best']} {run['unit']}", f"{run['median']} {run['unit']}", *_aimed(run))
        for run in part["runs"]
    ]
    return _table(("measured", "best", "median", "aim", "reached"), rows)


def _aimed(run: dict[str, Any]) -> tuple[str, str]:
    if run["aim"] is None:
        return "", ""
    return f"{run['aim']} {run['unit']}", "yes" if run["median"] <= run["aim"] else "no"


def _lists(part: dict[str, Any]) -> list[str]:
    heads = (
        "list",
        "deliveries",
        "pages of 100",
        "processor ms each",
        "p50, ms",
        "p95, ms",
        "first 100 pages p50 / p95",
        "last 100 p50 / p95",
    )
    rows = [
        (
            run["list"],
            f"{run['rows']:,}",
            f"{run['pages']:,}",
            run["processor_ms"],
            run["p50_ms"],
            run["p95_ms"],
            f"{run['first_p50_ms']} / {run['first_p95_ms']}",
            f"{run['last_p50_ms']} / {run['last_p95_ms']}",
        )
        for run in part["runs"]
    ]
    return _table(heads, rows)


_SECTIONS: tuple[tuple[str, str, Callable[[dict[str, Any]], list[str]]], ...] = (
    ("throughput", "The whole engine beside a bare loop", _throughput),
    ("single", "Single posts on an idle machine", _single),
    ("scale", "With many deliveries pending", _scale),
    ("alternatives", "What people use instead, on the same work", _alternatives),
    ("pending", "What people use instead, with many jobs pending", _pending),
    ("checks", "Checks, rehearsal and service", _checks),
    ("lists", "Lists of deliveries on PostgreSQL", _lists),
    ("imports", "Ten thousand rows imported", _checks),
)
