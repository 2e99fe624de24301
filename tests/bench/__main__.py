"""`make bench`: measures part after part, each in a process of its own, and writes JSON, a table and plots.

`python -m tests.bench [PART ...] [--quick] [--out DIRECTORY]`. Results of parts that are not measured this time stay as
they are. With `--quick` all sizes are small: it shows that everything runs, and its figures mean nothing.
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench import databases, plots, report
from tests.bench.measures import machine

PARTS = ("throughput", "single", "scale", "alternatives", "pending", "checks", "imports", "lists")
DOCS = Path(__file__).resolve().parents[2] / "docs" / "benchmarks"
_FILE = "results.json"


def main() -> int:
    """Measure the parts that are asked for, all by default; return how many of them failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=main.__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of: {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="small sizes, one round")
    parser.add_argument("--out", type=Path, help="where results go (docs/benchmarks; a new directory with --quick)")
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    unknown = set(asked.parts) - set(PARTS)
    if unknown:
        parser.error(f"there is no part {min(unknown)!r}; the parts are: {', '.join(PARTS)}")
    if asked.into is not None:
        found = importlib.import_module(f"tests.bench.{asked.parts[0]}").measure(quick=asked.quick)
        asked.into.write_text(json.dumps(found), encoding="utf-8")
        return 0
    out = asked.out or (Path(tempfile.mkdtemp(prefix="focusweek-bench-results-")) if asked.quick else DOCS)
    out.mkdir(parents=True, exist_ok=True)
    failed = [part for part in asked.parts or PARTS if not _one(part, out, quick=asked.quick)]
    for part in failed:
        _say(f"{part}: failed, see above; its former results stay")
    _say(f"Written: {out}")
    return len(failed)


def _one(part: str, out: Path, *, quick: bool) -> bool:
    _say(f"{part} ...")
    start = time.monotonic()
    with databases.work_directory() as directory:
        into = directory / "found.json"
        command = [sys.executable, "-m", "tests.bench", part, "--into", str(into), *(["--quick"] if quick else [])]
        if subprocess.run(command, check=False).returncode:  # noqa: S603 - our own command
            return False
        found = json.loads(into.read_text(encoding="utf-8"))
        about = {**machine(directory), "postgresql": databases.postgres_version()}
    seconds = time.monotonic() - start
    _say(f"{part}: {seconds:.0f} s")
    for left in found.get("left_out", ()):
        _say(f"  left out: {left['what']}: {left['why']}")
    _keep(out, part, {"measured_at": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", "quick": quick, **found}, about)
    return True


def _keep(out: Path, part: str, found: dict[str, Any], about: dict[str, Any]) -> None:
    file = out / _FILE
    kept: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {"parts": {}}
    kept["machine"] = about
    kept["parts"][part] = found
    kept["parts"] = {name: kept["parts"][name] for name in PARTS if name in kept["parts"]}
    file.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    drawn = plots.draw(kept["parts"], out)
    (out / "results.md").write_text(report.markdown(kept, drawn), encoding="utf-8")


def _say(words: str) -> None:
    print(words, flush=True)  # noqa: T201  # a person waits


if __name__ == "__main__":
    sys.exit(main())
