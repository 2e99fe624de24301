"""Runs the command line as a person would: another process, real pipes, an empty data directory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Ran]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def call(*arguments: str, stdin: str | bytes = b"", **environment: str) -> Ran:
        given = stdin.encode() if isinstance(stdin, str) else stdin
        done = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "app.cli.main", *arguments],
            input=given,
            capture_output=True,
            timeout=100,
            check=False,
            env=os.environ | {"FOCUSWEEK_DATA_DIR": str(tmp_path / "data"), "COLUMNS": "200"} | environment,
        )
        ran = Ran(done.returncode, done.stdout.decode(), done.stderr.decode())
        assert "Traceback" not in ran.err
        return ran

    return call
