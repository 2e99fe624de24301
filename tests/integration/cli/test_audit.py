"""The audit trail on the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.fixture
def told(run: Run) -> Callable[..., list[dict[str, Any]]]:
    assert run("accounts", "add", "ours", "--platform", "mastodon", "--via", "sandbox").code == 0

    def ask(*arguments: str) -> list[dict[str, Any]]:
        ran = run("audit", "--json", *arguments)
        assert ran.code == 0, ran.err
        lines: list[dict[str, Any]] = ran.lines
        return lines

    return ask


class TestAudit:
    def test_tells_what_was_done_here_by_whom(self, told: Callable[..., list[dict[str, Any]]], run: Run) -> None:
        (added,) = told("--subject", "account", "--action", "added")
        assert (added["actor"], added["via"], added["origin"], added["after"]["slug"]) == ("local", "local", "", "ours")
        assert "local: added account" in run("audit", "--account", "ours").out

    def test_finds_by_each_of_what_is_given_together(self, told: Callable[..., list[dict[str, Any]]]) -> None:
        found = [told("--account", "ours"), told("--words", "MASTODON ours"), told("--state", "connected")]
        assert [[row["subject"] for row in rows] for rows in found] == [["account"], ["account"], ["account"]]
        assert told("--words", "mastodon nowhere") == []
        assert told("--account", "ours", "--actor", "somebody else") == []
        assert told("--account", "ours", "--until", "2020-01-01T00:00:00Z") == []
        assert len(told("--account", "ours", "--since", "2020-01-01T00:00:00Z")) == 1

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("--since", "yesterday"), "no instant with an offset"),
            (("--since", "2027-01-11T09:00:00"), "no instant with an offset"),
            (("--account", "nobody"), "no account 'nobody'"),
            (("--instance", "--account", "ours"), "No account belongs to the instance"),
        ],
    )
    def test_refuses_what_it_cannot_look_for(self, run: Run, arguments: tuple[str, ...], said: str) -> None:
        ran = run("audit", *arguments)
        assert ran.code == 2
        assert said in ran.err
