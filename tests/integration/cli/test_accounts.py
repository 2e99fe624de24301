from __future__ import annotations

from collections.abc import Callable
from typing import Any

Run = Callable[..., Any]
SECRET = {"FOCUSWEEK_ACCOUNT_SECRET": "a-secret-token"}


class TestConnect:
    def test_brings_a_sandbox_back_and_is_the_same_when_done_again(self, run: Run) -> None:
        assert run("accounts", "add", "ours", "--platform", "x", "--via", "sandbox").code == 0
        (account,) = run("accounts", "connect", "ours", "--json").lines
        assert (account["slug"], account["state"]) == ("ours", "connected")
        assert run("accounts", "connect", "ours").out == "ours (x, sandbox) connected: connected.\n"

    def test_keeps_a_secret_that_could_not_be_checked_and_never_shows_it(self, run: Run) -> None:
        there = ("--server", "http://127.0.0.1:9")
        assert run("accounts", "add", "ours", "--platform", "mastodon", *there, **SECRET).code == 0
        done = run("accounts", "connect", "ours", **SECRET)
        assert done.code == 0
        assert "needs_reconnect" in done.out
        assert "Not checked yet" in done.out
        assert "a-secret-token" not in done.out + done.err

    def test_says_what_is_missing_or_wrong(self, run: Run) -> None:
        unknown = run("accounts", "connect", "nobody")
        assert (unknown.code, "focusweek accounts list" in unknown.err) == (2, True)
        there = ("--server", "http://127.0.0.1:9")
        assert run("accounts", "add", "ours", "--platform", "mastodon", *there, **SECRET).code == 0
        missing = run("accounts", "connect", "ours", FOCUSWEEK_ACCOUNT_SECRET="")
        assert (missing.code, "needs token" in missing.err) == (2, True)
        wrong = run("accounts", "connect", "ours", "--server", "mastodon", **SECRET)
        assert (wrong.code, "no server's address" in wrong.err) == (2, True)
