"""Numbers out of rounds, and facts about the machine that they were taken on."""

from __future__ import annotations

import os
import platform
import sqlite3
import statistics
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def spread(values: Sequence[float], digits: int = 3) -> dict[str, Any]:
    """Return the median with the lowest and the highest of all rounds, and how many there were."""
    return {
        "median": round(statistics.median(values), digits),
        "lowest": round(min(values), digits),
        "highest": round(max(values), digits),
        "rounds": len(values),
    }


def quantile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def lateness(due: float, arrivals: Sequence[float]) -> dict[str, float]:
    """Return p50, p99 and the maximum of how long after `due` posts arrived, in milliseconds."""
    return late_by([at - due for at in arrivals])


def late_by(seconds: Sequence[float]) -> dict[str, float]:
    """Return p50, p99 and the maximum of `seconds`, in milliseconds."""
    shares = {"p50": 0.5, "p99": 0.99, "max": 1.0}
    return {name: round(quantile(seconds, share) * 1000, 1) for name, share in shares.items()}


def of_rounds(rounds: Sequence[dict[str, float]]) -> dict[str, dict[str, Any]]:
    """Return the spread of each name over rounds."""
    return {name: spread([one[name] for one in rounds]) for name in rounds[0]}


def rss_megabytes(process: int | str = "self") -> float:
    """Return a process's resident memory, in megabytes (10^6 bytes)."""
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return pages * PAGE_BYTES / 1e6


def cpu_seconds(process: int | str = "self") -> float:
    """Return the processor time that a process has used, user and system, in seconds."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def machine(directory: Path) -> dict[str, Any]:
    """Return facts about this machine; `directory` is where the SQLite databases are put."""
    return {
        "cpus": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "processor": _processor(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "disk_flush_ms": round(_flush_ms(directory), 3),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "")


def _flush_ms(directory: Path) -> float:
    """Return what it takes to bring 4 KiB to the disk, in milliseconds: what each commit waits for at least."""
    path = directory / "flush"
    handle = os.open(path, os.O_CREAT | os.O_WRONLY)
    try:
        times = []
        for _ in range(100):
            os.write(handle, b"x" * 4096)
            start = time.perf_counter()
            os.fsync(handle)
            times.append((time.perf_counter() - start) * 1000)
    finally:
        os.close(handle)
        path.unlink()
    return statistics.median(times)


def instant(seconds: float) -> datetime:
    """Return seconds since 1970 as an aware instant."""
    return datetime.fromtimestamp(seconds, UTC)
