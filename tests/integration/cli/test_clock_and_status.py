"""What the command line says of the schedulers and the clock, and a person's word that it is right."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

Run = Callable[..., Any]


def change(data: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(data / "focusweek.sqlite3")) as connection, connection:
        connection.execute(statement, values)


def stored(ago: timedelta) -> str:
    return (datetime.now(UTC) - ago).strftime("%Y-%m-%d %H:%M:%S.%f")


class TestStatus:
    def test_says_that_no_scheduler_runs_and_how_to_start_one(self, run: Run) -> None:
        ran = run("status")
        assert ran.code == 0
        assert "NOT READY: No scheduler has ticked" in ran.out
        assert "focusweek serve" in ran.out

    def test_names_the_schedulers_and_since_when_one_is_silent(self, run: Run, tmp_path: Path) -> None:
        assert "No scheduler has ticked" in run("status").out
        change(
            tmp_path / "data",
            "INSERT INTO heartbeat (scheduler, started_at, beat_at) VALUES ('host:1:abcd', ?, ?)",
            stored(timedelta(hours=9)),
            stored(timedelta(hours=5)),
        )
        (view,) = run("status", "--json").lines
        assert [reason["code"] for reason in view["health"]["reasons"]] == ["scheduler.silent"]
        assert view["health"]["schedulers"][0]["name"] == "host:1:abcd"
        assert re.search(
            r"host:1:abcd: last tick \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, next due nothing\n", run("status").out
        )


class TestClock:
    def test_that_is_trusted_needs_no_confirmation(self, run: Run) -> None:
        ran = run("clock", "confirm")
        assert ran.code == 1
        assert "nothing to confirm" in ran.err
        assert "focusweek clock show" in ran.err

    def test_that_stands_before_the_last_tick_is_confirmed_by_a_person(self, run: Run, tmp_path: Path) -> None:
        run("status")
        change(
            tmp_path / "data",
            "INSERT INTO clock_mark (id, seen_at, confirmations) VALUES (1, ?, 0)",
            stored(timedelta(hours=-2)),
        )
        assert "NOTHING IS CLAIMED: The clock stands" in run("clock", "show").out
        (confirmed,) = run("clock", "confirm", "--json").lines
        assert "before the last tick" in confirmed["confirmed"]
        assert "The clock is trusted." in run("clock", "show").out
