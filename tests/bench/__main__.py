"""`make bench`: what the checks, the composing, the rehearsal and the running service cost, beside other tools.

Everything is measured in one run on one core, on the bundled pack's own posts; each figure is the best of its rounds,
for the best is what the machine can do when nothing else disturbs it, with the median beside it.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from app.bootstrap import rehearsal_stage
from app.composing.compose import compose
from app.logs import set_up_logs
from app.packs.bundled import default_pack
from app.packs.voice import build_voice, post_text
from app.platforms.registry import NETWORKS
from app.policy.evaluate import evaluate
from app.policy.facts import Facts
from app.services.rehearsals import rehearse
from tests.bench.service import idle_memory_megabytes

HERE = Path(__file__).resolve().parent
YEAR = 2027
ROUNDS = 30
SLOW_ROUNDS = 5

CHECK_AIM, COMPOSE_AIM, REHEARSAL_AIM, MEMORY_AIM = 0.25, 0.5, 5.0, 150.0


def per_call(call: Callable[[], object], calls: int, rounds: int) -> tuple[float, float]:
    """Return the best and median milliseconds of one of the `calls` that `call` makes."""
    call()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        times.append((time.perf_counter() - start) * 1000 / calls)
    return min(times), statistics.median(times)


def main() -> None:
    """Measure everything and print it."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    set_up_logs("WARNING")
    pack = default_pack()
    voice = build_voice(pack, year=YEAR)
    posts = [post_text(post) for post in pack.posts]
    texts = [post.text for post in posts]
    console = Console(width=140)
    average = sum(map(len, texts)) // len(texts)
    console.print(f"Python {sys.version.split()[0]}, one core, {len(texts)} posts of {average} characters on average")
    table = Table("measured", "best", "median", "aim", "reached")
    best, median = per_call(
        lambda: [evaluate(Facts(t, language="en"), voice.policy) for t in texts], len(texts), ROUNDS
    )
    row(table, "full check of a post", best, median, "ms", CHECK_AIM)
    worst = max(per_call(lambda t=t: evaluate(Facts(t, language="en"), voice.policy), 1, ROUNDS)[0] for t in texts)  # type: ignore[misc]
    row(table, "full check, the slowest post", worst, worst, "ms", CHECK_AIM)
    for slug in ("x", "bluesky", "mastodon", "threads"):
        profile = NETWORKS[slug].profile
        best, median = per_call(lambda p=profile: [compose(post, p, voice) for post in posts], len(posts), ROUNDS)  # type: ignore[misc]
        row(table, f"compose and check for {slug}", best, median, "ms", COMPOSE_AIM)
    others(table, texts)
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        with rehearsal_stage() as stage:
            report = rehearse(stage, pack, year=YEAR)
        seconds.append(time.perf_counter() - start)
    name = f"rehearsal of {report.planned} deliveries over 28 days"
    row(table, name, min(seconds), statistics.median(seconds), "s", REHEARSAL_AIM)
    memory = idle_memory_megabytes()
    row(table, "memory of the running service", memory, memory, "MB", MEMORY_AIM)
    console.print(table)


def row(table: Table, name: str, best: float, median: float, unit: str, aim: float | None = None) -> None:
    """Add a line; where there is an aim, say whether the median reaches it."""
    said = "" if aim is None else ("yes" if median <= aim else "NO")
    table.add_row(name, f"{best:.3f} {unit}", f"{median:.3f} {unit}", "" if aim is None else f"{aim} {unit}", said)


def others(table: Table, texts: Sequence[str]) -> None:
    """Time proselint and alex on the same texts."""
    from proselint.checks import __register__  # noqa: PLC0415 - only this function needs it
    from proselint.registry import CheckRegistry  # noqa: PLC0415
    from proselint.tools import LintFile  # noqa: PLC0415

    CheckRegistry().register_many(__register__)
    files = [LintFile("post", text) for text in texts]
    best, median = per_call(lambda: [file.lint() for file in files], len(files), SLOW_ROUNDS)
    row(table, "PyPI proselint, one post", best, median, "ms")
    node = shutil.which("node")
    if node is None or not (HERE / "node" / "node_modules").is_dir():
        table.add_row("npm alex, one post", "not measured: run make setup", "", "", "")
        return
    asked = json.dumps({"texts": list(texts), "rounds": SLOW_ROUNDS})
    command = [node, str(HERE / "node" / "alex.mjs")]
    done = subprocess.run(command, input=asked, capture_output=True, text=True, check=True)  # noqa: S603 - our own
    best = json.loads(done.stdout)["milliseconds"]
    row(table, "npm alex, one post", best, best, "ms")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as directory:
        os.environ["FOCUSWEEK_DATA_DIR"] = directory
        main()
