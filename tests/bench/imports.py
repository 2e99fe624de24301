"""What importing ten thousand rows costs: read, checked for every network, written with their trail; time and memory.

Each import is the command line in a process of its own, so its start and its whole memory are in the figures. Beside it
stands what a script would do: read the same file and insert its cells, nothing checked and nothing noted.
"""

from __future__ import annotations

import csv
import io
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.bootstrap import House, open_house
from app.packs.bundled import default_pack
from app.packs.writing.workbook import xlsx_bytes
from app.services.campaigns import create_campaign
from app.settings import Settings
from tests.bench import databases

YEAR = 2050
SECONDS_AIM, MEMORY_AIM = 10.0, 300.0
_HEADER = ("key", "week", "section", "resource", "text", "text_x", "link", "image", "alt", "language", "pins", "tags",
           "platforms", "at")  # fmt: skip


def measure(*, quick: bool) -> dict[str, Any]:
    """Measure everything."""
    number, rounds = (200, 1) if quick else (10_000, 3)
    rows = _rows(number)
    runs: list[dict[str, Any]] = []
    left_out: list[dict[str, str]] = []
    with databases.work_directory() as directory:
        sheet, book = directory / "posts.csv", directory / "posts.xlsx"
        sheet.write_text(_as_csv(rows), encoding="utf-8")
        book.write_bytes(xlsx_bytes(rows, title="Posts"))
        for kind in databases.KINDS:
            if (why := databases.why_not(kind)) is not None:
                left_out.append({"what": f"import into {kind}", "why": why})
                continue
            runs += _on(kind, sheet, book if kind == "sqlite" else None, directory, rounds)
        runs.append(
            _row("script: csv.DictReader and INSERT, nothing checked", _timed(lambda: _script(sheet), rounds), "s")
        )
    return {"rows": number, "runs": runs, "left_out": left_out}


def _on(kind: str, sheet: Path, book: Path | None, directory: Path, rounds: int) -> list[dict[str, Any]]:
    seconds: dict[str, list[float]] = {"CSV": [], "CSV again, nothing changed": [], "XLSX": []}
    memory: dict[str, list[float]] = {name: [] for name in seconds}

    def note(name: str, found: tuple[float, float]) -> None:
        seconds[name].append(found[0])
        memory[name].append(found[1])

    with databases.empty(kind, directory) as url, tempfile.TemporaryDirectory() as data:
        _campaign(url, Path(data))
        for _ in range(rounds):
            with databases.copy_of(url, directory) as copy:
                note("CSV", _import(sheet, copy, data))
                note("CSV again, nothing changed", _import(sheet, copy, data))
            if book is not None:
                with databases.copy_of(url, directory) as copy:
                    note("XLSX", _import(book, copy, data))
    found = []
    for name, times in seconds.items():
        if times:
            found.append(_row(f"{name} into {kind}", times, "s", SECONDS_AIM))
            found.append(_row(f"{name} into {kind}, peak memory", memory[name], "MB", MEMORY_AIM))
    return found


def _campaign(url: str, data: Path) -> None:
    house: House = open_house(Settings(data_dir=data, database_url=url))
    try:
        with house.write() as scope:
            create_campaign(scope, default_pack(), year=YEAR)
    finally:
        house.close()


def _import(file: Path, url: str, data: str) -> tuple[float, float]:
    """Return the seconds and the peak resident megabytes (10^6 bytes) of one import."""
    command = [sys.executable, "-m", "app.cli.main", "import", str(file), "--commit", "all"]
    environment = os.environ | {"FOCUSWEEK_DATA_DIR": data, "FOCUSWEEK_DATABASE_URL": url}
    start = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
    _, status, usage = os.wait4(process.pid, 0)
    elapsed = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"the import ended with {process.returncode}")
    # Kilobytes on Linux, bytes on macOS.
    unit = 1 if sys.platform == "darwin" else 1024
    return elapsed, usage.ru_maxrss * unit / 1e6


def _rows(number: int) -> list[list[str]]:
    """Return that many rows, each with a text of its own: the toolkit's, numbered."""
    texts = [post.text for post in default_pack().posts]
    rows = [list(_HEADER)]
    for place in range(number):
        text = f"{texts[place % len(texts)]} ({place})"
        image = "https://example.org/poster.png" if place % 3 == 0 else ""
        rows.append([
            f"post-{place}", str(1 + place % 4), "Section", "Resource", text, text[:200] if place % 5 == 0 else "", "",
            image, "A poster" if image else "", "en", "", "one, two", "",
            f"{YEAR}-01-{1 + place % 28:02d} {9 + place % 8:02d}:{place % 60:02d}",
        ])  # fmt: skip
    return rows


def _as_csv(rows: list[list[str]]) -> str:
    made = io.StringIO(newline="")
    csv.writer(made).writerows(rows)
    return made.getvalue()


def _script(file: Path) -> None:
    with file.open(encoding="utf-8", newline="") as opened, sqlite3.connect(":memory:") as database:
        database.execute(f"CREATE TABLE post ({', '.join(_HEADER)})")
        marks = ", ".join(f":{name}" for name in _HEADER)
        database.executemany(f"INSERT INTO post VALUES ({marks})", csv.DictReader(opened))  # noqa: S608 - our own names


def _timed(call: Callable[[], object], rounds: int) -> list[float]:
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return times


def _row(name: str, values: list[float], unit: str, aim: float | None = None) -> dict[str, Any]:
    return {
        "measured": name,
        "best": round(min(values), 3),
        "median": round(statistics.median(values), 3),
        "unit": unit,
        "aim": aim,
    }
