"""What the checks, the composing, the rehearsal and the running service cost, beside other checkers of text.

Everything is measured in one run on one core, on the bundled pack's own posts; each figure is the best of its rounds,
for the best is what the machine can do when nothing else disturbs it, with the median beside it. proselint and alex
look for other things than Focusweek does, and for more words; they stand for the cost of a checker that people accept.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from app.bootstrap import rehearsal_stage
from app.composing.compose import compose
from app.logs import set_up_logs
from app.packs.bundled import default_pack
from app.packs.schema import Pack
from app.packs.voice import build_voice, post_text
from app.platforms.registry import NETWORKS
from app.policy.evaluate import evaluate
from app.policy.facts import Facts
from app.services.rehearsals import rehearse
from tests.bench.service import idle_memory_megabytes

HERE = Path(__file__).resolve().parent
YEAR = 2027

CHECK_AIM, COMPOSE_AIM, REHEARSAL_AIM, MEMORY_AIM = 0.25, 0.5, 5.0, 150.0


def measure(*, quick: bool) -> dict[str, Any]:
    """Measure everything."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    set_up_logs("WARNING")
    rounds, few = (3, 1) if quick else (30, 5)
    with tempfile.TemporaryDirectory() as directory:
        os.environ["FOCUSWEEK_DATA_DIR"] = directory
        pack = default_pack()
        texts = [post_text(post).text for post in pack.posts]
        runs = [*_ours(pack, texts, rounds), *_others(texts, few), *_rehearsal(pack, 1 if quick else 3)]
        memory = idle_memory_megabytes()
    runs.append(_row("memory of the running service", memory, memory, "MB", MEMORY_AIM))
    left_out = [{"what": run["measured"], "why": run["why"]} for run in runs if "why" in run]
    return {
        "posts": len(texts),
        "average_characters": sum(map(len, texts)) // len(texts),
        "runs": [run for run in runs if "why" not in run],
        "left_out": left_out,
    }


def _per_call(call: Callable[[], object], calls: int, rounds: int) -> tuple[float, float]:
    """Return the best and median milliseconds of one of the `calls` that `call` makes."""
    call()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        times.append((time.perf_counter() - start) * 1000 / calls)
    return min(times), statistics.median(times)


def _row(name: str, best: float, median: float, unit: str, aim: float | None = None) -> dict[str, Any]:
    return {"measured": name, "best": round(best, 3), "median": round(median, 3), "unit": unit, "aim": aim}


def _ours(pack: Pack, texts: Sequence[str], rounds: int) -> list[dict[str, Any]]:
    voice = build_voice(pack, year=YEAR)
    posts = [post_text(post) for post in pack.posts]

    def check(some: Sequence[str]) -> object:
        return [evaluate(Facts(text, language="en"), voice.policy) for text in some]

    rows = [_row("full check of a post", *_per_call(lambda: check(texts), len(texts), rounds), "ms", CHECK_AIM)]
    worst = max(_per_call(lambda t=text: check([t]), 1, rounds)[0] for text in texts)  # type: ignore[misc]
    rows.append(_row("full check, the slowest post", worst, worst, "ms", CHECK_AIM))
    for slug in ("x", "bluesky", "mastodon", "threads"):
        profile = NETWORKS[slug].profile
        timed = _per_call(lambda p=profile: [compose(post, p, voice) for post in posts], len(posts), rounds)  # type: ignore[misc]
        rows.append(_row(f"compose and check for {slug}", *timed, "ms", COMPOSE_AIM))
    return rows


def _others(texts: Sequence[str], rounds: int) -> list[dict[str, Any]]:
    """Time proselint and alex on the same texts."""
    from proselint.checks import __register__  # noqa: PLC0415 - only this function needs it
    from proselint.registry import CheckRegistry  # noqa: PLC0415
    from proselint.tools import LintFile  # noqa: PLC0415

    CheckRegistry().register_many(__register__)
    files = [LintFile("post", text) for text in texts]
    proselint = _per_call(lambda: [file.lint() for file in files], len(files), rounds)
    rows = [_row("PyPI proselint, one post", *proselint, "ms")]
    node = shutil.which("node")
    if node is None or not (HERE / "node" / "node_modules").is_dir():
        return [*rows, {"measured": "npm alex, one post", "why": "Node or its packages are missing: run make setup"}]
    asked = json.dumps({"texts": list(texts), "rounds": rounds})
    command = [node, str(HERE / "node" / "alex.mjs")]
    done = subprocess.run(command, input=asked, capture_output=True, text=True, check=True)  # noqa: S603 - our own
    best = json.loads(done.stdout)["milliseconds"]
    return [*rows, _row("npm alex, one post", best, best, "ms")]


def _rehearsal(pack: Pack, rounds: int) -> list[dict[str, Any]]:
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        with rehearsal_stage() as stage:
            report = rehearse(stage, pack, year=YEAR)
        seconds.append(time.perf_counter() - start)
    name = f"rehearsal of {report.planned} deliveries over 28 days"
    return [_row(name, min(seconds), statistics.median(seconds), "s", REHEARSAL_AIM)]
