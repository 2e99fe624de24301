"""`make soak`: kill -9 again and again, with all else that can go wrong; then what is true beside what is said.

    python -m tests.faults.soak [--cycles 1000] [--minutes M] [--seed N] [--database sqlite|postgresql|both] [--write]

Each cycle starts workers, harms them or what they stand on, and kills one with SIGKILL. After a chapter of cycles an
unharmed worker brings everything to rest, and the servers' journal is compared with the database. Exits with 1 when
anything was lost, doubled or untrue; the chapter's directory is then kept.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import shutil
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

import psycopg
from rich.console import Console
from rich.table import Table

from app.logs import set_up_logs
from app.version import version
from tests.faults.harm import Harm
from tests.faults.house_scene import ALL_MANNERS, Scene
from tests.faults.processes import Zygote
from tests.faults.truth import Findings

RESULTS = Path(__file__).resolve().parents[2] / "docs" / "benchmarks" / "soak.json"
CHAPTER = 50
#: How many deliveries wait at the least while workers are killed.
BACKLOG = 25
#: Two accounts of every manner, so that each kill finds much under way.
MANNERS = [replace(manner, name=f"{manner.name}-{n}") for n in (1, 2) for manner in ALL_MANNERS]
POSTGRES_VARIABLE = "FOCUSWEEK_TEST_POSTGRES_URL"
LOCAL_SERVER = "postgresql://root@127.0.0.1:5432/postgres"


@dataclass(slots=True)
class Sum:
    """What a soak has seen so far."""

    cycles: int = 0
    kills: int = 0
    deliveries: int = 0
    accepted: int = 0
    doubled: int = 0
    lost: int = 0
    untrue: int = 0
    flagged: int = 0
    seconds: float = 0.0
    harm: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)

    def add(self, found: Findings) -> None:
        """Add what a chapter's comparison found."""
        self.deliveries += found.deliveries
        self.accepted += found.accepted
        self.flagged += found.flagged
        self.doubled += len(found.doubled)
        self.lost += len(found.lost)
        self.untrue += len(found.untrue)
        self.states += found.states

    @property
    def holds(self) -> bool:
        """Whether nothing was lost, doubled or untrue."""
        return not self.doubled and not self.lost and not self.untrue


@contextmanager
def database_of(kind: str, directory: Path) -> Iterator[str]:
    """Give the URL of an empty database; PostgreSQL's is dropped at the end."""
    if kind == "sqlite":
        yield f"sqlite:///{directory / 'focusweek.sqlite3'}"
        return
    server = os.environ.get(POSTGRES_VARIABLE, LOCAL_SERVER)
    name = f"focusweek_soak_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield f"{server.partition('?')[0].rsplit('/', 1)[0]}/{name}"
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def chapter(scene: Scene, cycles: int, total: Sum, until: float) -> Findings:
    """Run some cycles on one scene, bring everything to rest, and compare."""
    harm = Harm(scene, random.Random(scene.seed))  # noqa: S311  # when to kill, no secret
    scene.networks.rates(publish=0.15, look=0.1, session=0.05)
    for _ in range(cycles):
        if time.monotonic() > until:
            break
        if scene.open().total() < BACKLOG:
            scene.plan(3, within=1.0)
        total.harm[harm.cycle()] += 1
        total.cycles += 1
    total.kills += harm.kills
    rest = scene.worker()
    scene.settle(120)
    rest.stop()
    return scene.truth.compare()


def soak(cycles: int, minutes: float, seed: int, kinds: list[str], say: Callable[[str], None]) -> Sum:
    """Run chapters until the cycles or the minutes are over, or something is wrong."""
    total, began = Sum(), time.monotonic()
    until, zygote, nth = began + minutes * 60, Zygote(), 0
    try:
        while total.cycles < cycles and time.monotonic() < until and total.holds:
            kind, directory = kinds[nth % len(kinds)], Path(tempfile.mkdtemp(prefix="focusweek-soak-"))
            chapter_seed, nth = seed * 1000 + nth, nth + 1
            with (
                database_of(kind, directory) as url,
                Scene(url, directory, zygote=zygote, seed=chapter_seed, manners=MANNERS) as scene,
            ):
                found = chapter(scene, min(CHAPTER, cycles - total.cycles), total, until)
            total.add(found)
            total.seconds = time.monotonic() - began
            rate = 60 * total.cycles / total.seconds
            say(f"{total.cycles:5} cycles  {kind:10} {found.deliveries} deliveries  {rate:.0f} a minute")
            for line in found.wrong:
                say(f"  {line}")
            if found.wrong:
                say(f"  kept: {directory} (seed {chapter_seed})")
            else:
                shutil.rmtree(directory)
    finally:
        zygote.end()
    return total


def _kinds(asked: str) -> list[str]:
    if asked != "both":
        return [asked]
    with suppress(psycopg.OperationalError):
        psycopg.connect(os.environ.get(POSTGRES_VARIABLE, LOCAL_SERVER), connect_timeout=2).close()
        return ["sqlite", "postgresql"]
    return ["sqlite"]


def _table(total: Sum) -> Table:
    table = Table("", "count", title="Soak")
    for name in ("cycles", "kills", "deliveries", "accepted", "doubled", "lost", "untrue", "flagged"):
        table.add_row(name, f"{getattr(total, name):,}")
    table.add_row("seconds", f"{total.seconds:,.0f}")
    for name, count in sorted(total.harm.items()):
        table.add_row(f"with {name}", f"{count:,}")
    return table


def main() -> int:
    """Read the options, soak, show and keep the sum; return the exit status."""
    options = argparse.ArgumentParser(prog="python -m tests.faults.soak")
    options.add_argument("--cycles", type=int, default=1000)
    options.add_argument("--minutes", type=float, default=24 * 60.0)
    options.add_argument("--seed", type=int, default=int(time.time()) % 1_000_000)
    options.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    options.add_argument("--write", action="store_true", help=f"keep the result in {RESULTS.name}")
    given = options.parse_args()
    set_up_logs("ERROR")
    console, kinds = Console(soft_wrap=True), _kinds(given.database)
    console.print(f"seed {given.seed}, {' and '.join(kinds)}", highlight=False)
    total = soak(given.cycles, given.minutes, given.seed, kinds, lambda line: console.print(line, highlight=False))
    console.print(_table(total))
    if given.write:
        RESULTS.parent.mkdir(parents=True, exist_ok=True)
        machine = {"python": platform.python_version(), "system": platform.system(), "cores": os.cpu_count()}
        # Not `asdict`, which takes counters apart.
        found = {one.name: getattr(total, one.name) for one in fields(total)}
        result = {"version": version(), "seed": given.seed, "databases": kinds, "machine": machine, **found}
        RESULTS.write_text(json.dumps(result, indent=2) + "\n")
    return 0 if total.holds and total.cycles else 1


if __name__ == "__main__":
    sys.exit(main())
