from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.bootstrap import open_house
from app.models import Delivery, Post
from app.packs.bundled import default_pack
from app.platforms.base import Via
from app.services.accounts import NewAccount, add_account
from app.services.campaigns import create_campaign
from app.settings import Settings

Run = Callable[..., Any]
WHY = ("--reason", "A storm.")


@pytest.fixture
def due(tmp_path: Path) -> list[int]:
    """A campaign `month` on the account `ours`, with two posts that are due and one that is not."""
    house = open_house(Settings(data_dir=tmp_path / "data"))
    try:
        with house.write() as scope:
            campaign = create_campaign(scope, default_pack(), year=2027, slug="month")
            account = add_account(scope, house.vault, NewAccount("ours", "bluesky", Via.SANDBOX))
            posts = scope.session.scalars(scope.query(Post).order_by(Post.id).limit(3)).all()
            rows = []
            for post, minutes in zip(posts, (-5, -3, 600), strict=True):
                at = scope.now + timedelta(minutes=minutes)
                row = Delivery(
                    organization_id=scope.organization_id,
                    campaign_id=campaign.id,
                    post_id=post.id,
                    account_id=account.id,
                    occurrence="week",
                    week=post.week,
                    state_since=scope.now,
                    due_at=at,
                    ready_at=at,
                    created_at=scope.now,
                )
                scope.session.add(row)
                scope.session.flush()
                rows.append(row.id)
            return rows
    finally:
        house.close()


@pytest.fixture
def states(tmp_path: Path) -> Callable[[list[int]], list[tuple[str, str | None]]]:
    def look(rows: list[int]) -> list[tuple[str, str | None]]:
        house = open_house(Settings(data_dir=tmp_path / "data"))
        try:
            with house.read() as scope:
                found = [scope.get(Delivery, row) for row in rows]
                return [(row.state, row.state_reason) for row in found]
        finally:
            house.close()

    return look


States = Callable[[list[int]], list[tuple[str, str | None]]]


def at_a_terminal(tmp_path: Path, *arguments: str, answers: str) -> tuple[int, str, str]:
    """Run a command whose standard input is a terminal on which these answers are typed."""
    ours, theirs = pty.openpty()
    try:
        os.write(ours, answers.encode())
        done = subprocess.run(  # noqa: S603  # our own command
            [sys.executable, "-m", "app.cli.main", *arguments],
            stdin=theirs,
            capture_output=True,
            timeout=60,
            check=False,
            env=os.environ | {"FOCUSWEEK_DATA_DIR": str(tmp_path / "data"), "COLUMNS": "200"},
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert b"Traceback" not in done.stderr
    return done.returncode, done.stdout.decode(), done.stderr.decode()


class TestPause:
    def test_stops_any_of_the_five_and_is_listed_and_in_the_status(self, run: Run, due: list[int]) -> None:
        orders = {
            "campaign month": ("--campaign", "month"),
            "week 2 of campaign month": ("--campaign", "month", "--week", "2"),
            "account ours": ("--account", "ours"),
            "the whole organization": ("--organization",),
            "the whole instance": ("--instance",),
        }
        for number, (of, what) in enumerate(orders.items(), start=1):
            done = run("pause", *what, *WHY)
            assert (done.code, done.out) == (0, f"Paused {of}. To go on: focusweek resume {number}\n")
        listed = run("pauses", "--json").lines
        assert [one["of"] for one in listed] == list(reversed(orders))
        assert {(one["reason"], one["by"], one["ended"]) for one in listed} == {("A storm.", "local", None)}
        status = run("status").out
        for of in orders:
            assert f"PAUSED {of} since" in status
        assert "by local: A storm." in status
        again = run("pause", "--instance", *WHY)
        assert (again.code, "paused already" in again.err) == (1, True)

    def test_of_nothing_of_two_things_or_without_a_reason_is_bad_input(self, run: Run, due: list[int]) -> None:
        for arguments in (
            WHY,
            ("--instance", "--organization", *WHY),
            ("--organization", "--week", "1", *WHY),
            ("--campaign", "nothing", *WHY),
            ("--account", "nobody", *WHY),
            ("--organization", "--reason", "  "),
        ):
            assert run("pause", *arguments).code == 2
        assert run("pauses").out == "Nothing is paused.\n"

    def test_of_an_account_is_shown_in_the_list_of_accounts(self, run: Run, due: list[int]) -> None:
        assert run("pause", "--account", "ours", *WHY).code == 0
        assert "PAUSED: A storm." in run("accounts", "list").out
        (account,) = run("accounts", "list", "--json").lines
        assert (account["slug"], account["paused"]) == ("ours", "A storm.")


class TestResumeWithoutATerminal:
    def test_and_without_a_word_lists_what_waits_and_changes_nothing(
        self, run: Run, due: list[int], states: States
    ) -> None:
        run("pause", "--campaign", "month", *WHY)
        done = run("resume", "1")
        assert (done.code, done.out) == (2, "")
        assert "2 posts wait" in done.err
        assert f"{due[0]}: w1-" in done.err
        assert "on ours, due" in done.err
        assert "--keep-all" in done.err
        assert states(due) == [("scheduled", None)] * 3
        assert "PAUSED" in run("pauses").out
        asked = run("resume", "1", "--ask")
        assert (asked.code, "no terminal" in asked.err) == (2, True)

    def test_keeps_or_drops_all_by_an_option(self, run: Run, due: list[int], states: States) -> None:
        run("pause", "--account", "ours", *WHY)
        assert run("resume", "1", "--keep-all").out == "Resumed account ours: 2 kept, 0 moved, 0 dropped.\n"
        assert states(due) == [("scheduled", "resume.kept"), ("scheduled", "resume.kept"), ("scheduled", None)]
        run("pause", "--account", "ours", *WHY)
        (done,) = run("resume", "2", "--drop-all", "--json").lines
        # Of the two that were kept, the second is due in some minutes only.
        assert (done["dropped"], done["kept"], done["of"]) == (1, 0, "account ours")
        assert states(due)[0] == ("cancelled", "resume.dropped")
        ended = run("pauses", "--ended").out.splitlines()
        assert [line.partition(":")[0] for line in ended] == ["2", "1"]
        assert run("pauses").out == "Nothing is paused.\n"

    def test_needs_no_word_where_nothing_waits(self, run: Run) -> None:
        run("pause", "--organization", *WHY)
        assert run("resume", "1").out == "Resumed the whole organization: 0 kept, 0 moved, 0 dropped.\n"

    def test_of_what_is_not_paused_or_with_two_words_is_refused(self, run: Run, due: list[int]) -> None:
        assert run("resume", "1").code == 1
        run("pause", "--campaign", "month", *WHY)
        assert run("resume", "1", "--keep-all", "--drop-all").code == 2
        assert run("resume", "1", "--keep-all").code == 0
        again = run("resume", "1", "--keep-all")
        assert (again.code, "has ended" in again.err) == (1, True)


class TestResumeAtATerminal:
    def test_asks_about_each_post_until_it_understands(
        self, run: Run, due: list[int], states: States, tmp_path: Path
    ) -> None:
        run("pause", "--campaign", "month", *WHY)
        typed = "what?\nm\nnever\n2020-01-01T09:00\n2030-01-12T09:00\nd\n"
        code, out, asked = at_a_terminal(tmp_path, "resume", "1", answers=typed)
        assert (code, out) == (0, "Resumed campaign month: 0 kept, 1 moved, 1 dropped.\n")
        assert asked.count("keep, move or drop?") == 3
        assert "That is no time." in asked
        assert "That is past." in asked
        assert states(due) == [("scheduled", "resume.moved"), ("cancelled", "resume.dropped"), ("scheduled", None)]
        house = open_house(Settings(data_dir=tmp_path / "data"))
        try:
            with house.read() as scope:
                # A time without an offset is one of the campaign's zone.
                assert scope.get(Delivery, due[0]).due_at == datetime.fromisoformat("2030-01-12T09:00:00-05:00")
        finally:
            house.close()

    def test_asks_nothing_when_all_is_said_by_an_option(self, run: Run, due: list[int], tmp_path: Path) -> None:
        run("pause", "--campaign", "month", *WHY)
        done = at_a_terminal(tmp_path, "resume", "1", "--keep-all", answers="")
        assert done == (0, "Resumed campaign month: 2 kept, 0 moved, 0 dropped.\n", "")

    def test_changes_nothing_when_the_person_goes_away(
        self, run: Run, due: list[int], states: States, tmp_path: Path
    ) -> None:
        run("pause", "--campaign", "month", *WHY)
        # The end of input, typed on a line of its own.
        code, out, _ = at_a_terminal(tmp_path, "resume", "1", answers="k\n\x04")
        assert (code, out) == (1, "")
        assert states(due) == [("scheduled", None)] * 3
