"""What a person meets when the machine, the settings or the input are not as they should be."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
SECRET = {"FOCUSWEEK_ACCOUNT_SECRET": "a-secret-token"}


class TestADataDirectoryThatCannotBeUsed:
    def test_a_file_in_its_place_is_named_with_the_setting(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        done = run("status", FOCUSWEEK_DATA_DIR=str(tmp_path / "file"))
        assert (done.code, done.out) == (1, "")
        assert "is a file" in done.err
        assert "FOCUSWEEK_DATA_DIR" in done.err

    def test_a_folder_that_cannot_be_made_is_named_with_the_setting(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        done = run("accounts", "list", FOCUSWEEK_DATA_DIR=str(tmp_path / "file" / "below"))
        assert done.code == 1
        assert "cannot be made" in done.err
        assert "FOCUSWEEK_DATA_DIR" in done.err

    def test_a_damaged_database_is_said_to_be_damaged_and_left_as_it_is(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "data").mkdir()
        database = tmp_path / "data" / "focusweek.sqlite3"
        database.write_bytes(b"no database at all. " * 500)
        done = run("status")
        assert done.code == 1
        assert "damaged" in done.err
        assert "backup" in done.err
        assert database.read_bytes() == b"no database at all. " * 500

    def test_a_rehearsal_says_that_own_accounts_could_not_be_read(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "focusweek.sqlite3").write_bytes(b"no database at all. " * 500)
        done = run("rehearse", "--year", "2027", "--json")
        assert done.code == 0
        assert done.lines[0]["planned"] == 148
        assert "built-in" in done.err


class TestSettingsWithNonsense:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("LOG_LEVEL", "LOUD"),
            ("PUBLISH_DEADLINE_SECONDS", "inf"),
            ("SEND_LEASE_SECONDS", "nan"),
            ("SETTLE_SECONDS", "1e300"),
            ("ALLOWED_HOSTS", " , "),
            ("CREDENTIALS_KEYS", "junk"),
        ],
    )
    def test_are_refused_by_the_variables_name(self, run: Run, name: str, value: str) -> None:
        done = run("status", **{f"FOCUSWEEK_{name}": value})
        assert (done.code, done.out) == (1, "")
        assert f"FOCUSWEEK_{name}" in done.err

    def test_a_log_level_may_be_written_in_any_case(self, run: Run) -> None:
        assert run("status", FOCUSWEEK_LOG_LEVEL="debug").code == 0


class TestClosedStreams:
    def closed(self, tmp_path: Path, redirection: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(  # noqa: S603 - our own command; only a shell closes a stream before Python starts
            ["/bin/sh", "-c", f'exec "$@" {redirection}', "sh", sys.executable, "-m", "app.cli.main", *arguments],
            capture_output=True,
            timeout=100,
            check=False,
            env=os.environ | {"FOCUSWEEK_DATA_DIR": str(tmp_path / "data")},
        )

    def test_a_closed_input_is_bad_input(self, tmp_path: Path) -> None:
        done = self.closed(tmp_path, "<&-", "check")
        assert (done.returncode, done.stdout) == (2, b"")
        assert b"standard input is closed" in done.stderr.lower()

    def test_a_closed_output_fails_with_its_reason(self, tmp_path: Path) -> None:
        done = self.closed(tmp_path, ">&-", "plan", "--year", "2027", "--json")
        assert done.returncode == 1
        assert b"standard output is closed" in done.stderr.lower()

    def test_closed_standard_error_changes_no_result(self, tmp_path: Path) -> None:
        done = self.closed(tmp_path, "</dev/null 2>&-", "measure", "--platform", "x")
        assert (done.returncode, done.stdout) == (0, b"")

    def test_a_message_for_closed_standard_error_does_not_go_to_the_output(self, tmp_path: Path) -> None:
        done = self.closed(tmp_path, "2>&-", "measure", "--platform", "nowhere")
        assert (done.returncode, done.stdout) == (2, b"")


class TestAccounts:
    @pytest.mark.parametrize("slug", ["a b", "", "Ours", "a\nb", "x" * 65, "-"])
    def test_a_name_that_is_no_slug_is_refused(self, run: Run, slug: str) -> None:
        done = run("accounts", "add", "--platform", "x", "--via", "sandbox", "--", slug)
        assert (done.code, done.out) == (2, "")
        assert "short name" in done.err
        assert run("accounts", "list", "--json").lines == []

    def test_without_a_terminal_the_variable_for_the_secret_is_named(self, run: Run) -> None:
        there = ("--platform", "mastodon", "--server", "https://social.example")
        added = run("accounts", "add", "ours", *there, FOCUSWEEK_ACCOUNT_SECRET="")
        assert added.code == 2
        assert "FOCUSWEEK_ACCOUNT_SECRET" in added.err

    def test_a_check_that_could_not_be_made_is_not_called_a_check(self, run: Run) -> None:
        there = ("--platform", "mastodon", "--server", "http://127.0.0.1:9")
        assert run("accounts", "add", "ours", *there, **SECRET).code == 0
        done = run("accounts", "check", "ours")
        assert done.code == 1
        assert "could not be asked" in done.err
        assert "checked" not in done.out


class TestWords:
    def test_the_version_is_told(self, run: Run) -> None:
        done = run("--version")
        assert done.code == 0
        assert done.out.startswith("focusweek ")

    def test_one_bad_entry_is_one_problem(self, run: Run, tmp_path: Path) -> None:
        good = Path("docs/pack-format.md").read_text().split("```yaml\n")[1].split("```")[0]
        pack = tmp_path / "pack.yaml"
        pack.write_text(
            good + "languages:\n"
            "  - language: en\n"
            "    rules: [{code: language.a, kind: term, terms: [{forms: [a], instead: [b]}]}]\n"
        )
        done = run("pack", "validate", str(pack))
        assert done.code == 2
        assert "instead" in done.err
        assert "at least 1 entry" not in done.err

    def test_a_post_left_out_on_some_accounts_is_said_with_the_accounts(self, run: Run, tmp_path: Path) -> None:
        good = Path("docs/pack-format.md").read_text().split("```yaml\n")[1].split("```")[0]
        pack = tmp_path / "pack.yaml"
        pack.write_text(good.rstrip() + "\n    platforms: [x, bluesky]\n")
        done = run("plan", "--pack", str(pack), "--year", "2027", "--json")
        assert [line["account"] for line in done.lines] == ["bluesky", "x"]
        assert "left out: keep-close on mastodon:" in done.err
        assert "left out: keep-close on threads:" in done.err
