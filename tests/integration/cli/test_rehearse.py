from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.packs.bundled import default_pack
from app.platforms.registry import NETWORKS
from app.text.counting import fits, length
from app.text.hashtags import find_hashtags

Run = Callable[..., Any]
ACCOUNTS = {"x", "bluesky", "mastodon", "threads"}
OPEN = {post.key for post in default_pack().posts if post.fill_ins}
PINNED = {post.key: post.pins for post in default_pack().posts if post.pins}
WEEKS = {1: (1, 7), 2: (8, 14), 3: (15, 21), 4: (22, 28)}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    from app.bootstrap import rehearsal_stage  # noqa: PLC0415 - the module's one rehearsal
    from app.cli.rehearsals import report_view  # noqa: PLC0415
    from app.services.rehearsals import rehearse  # noqa: PLC0415

    with rehearsal_stage() as stage:
        return report_view(rehearse(stage, default_pack(), year=2027))


class TestRehearsalOf2027:
    def test_sends_the_34_posts_without_open_fill_ins_on_every_account(self, report: dict[str, Any]) -> None:
        out = {(p["post"], p["account"]) for p in report["published"]}
        assert out == {
            (post.key, account) for post in default_pack().posts if post.key not in OPEN for account in ACCOUNTS
        }
        assert report["by_state"] == {"published": 140, "blocked": 8}
        assert report["planned"] == 148

    def test_holds_back_the_two_with_open_fill_ins_with_the_reason(self, report: dict[str, Any]) -> None:
        assert {(h["post"], h["account"]) for h in report["held_back"]} == {(p, a) for p in OPEN for a in ACCOUNTS}
        assert all(h["state"] == "blocked" and "text.placeholder" in h["reason"] for h in report["held_back"])

    def test_keeps_every_post_in_its_week_and_pins_on_their_dates(self, report: dict[str, Any]) -> None:
        pins: dict[tuple[str, str], list[date]] = {}
        for p in report["published"]:
            day = datetime.fromisoformat(p["at"]).astimezone(ZoneInfo("America/New_York")).date()
            if p["post"] in PINNED:
                pins.setdefault((p["post"], p["account"]), []).append(day)
            else:
                first, last = WEEKS[p["week"]]
                assert date(2027, 1, first) <= day <= date(2027, 1, last), p
        assert all(days == [date(2027, 1, 1), date(2027, 1, 11)] for days in pins.values())
        assert len(pins) == len(ACCOUNTS)

    def test_sends_nothing_over_length_without_mention_or_with_three_hashtags(self, report: dict[str, Any]) -> None:
        for p in report["published"]:
            profile = NETWORKS[p["platform"]].profile
            texts = [part["text"] for part in p["parts"]]
            assert all(fits(text, profile) for text in texts), p
            assert [part["length"] for part in p["parts"]] == [length(text, profile) for text in texts]
            assert sum(len(find_hashtags(text, profile.hashtags)) for text in texts) <= 2, p
            assert "1-888-373-7888" in texts[0] or "humantraffickinghotline.org" in texts[0], p


class TestRehearseCommand:
    def test_sends_the_held_back_ones_too_once_they_are_filled(self, run: Run) -> None:
        fills = [
            part for fill in default_pack().fill_ins for part in ("--fill", f"{fill.key}=https://www.example.gov/")
        ]
        (report,) = run("rehearse", "--year", "2027", *fills, "--json").lines
        assert (report["by_state"], report["held_back"]) == ({"published": 148}, [])

    def test_of_a_past_year_and_in_another_zone_works_as_well(self, run: Run) -> None:
        (report,) = run("rehearse", "--year", "2024", "--zone", "Pacific/Auckland", "--json").lines
        assert report["by_state"]["published"] == 140

    def test_prints_what_went_out_and_what_was_held_back_and_why(self, run: Run) -> None:
        ran = run("rehearse", "--year", "2027")
        assert "140 of 148" in ran.out
        assert "8 held back" in ran.out
        assert "[link to proclamation]" in ran.out

    def test_leaves_nothing_behind(self, run: Run, tmp_path: Any) -> None:
        run("rehearse", "--year", "2027")
        assert not (tmp_path / "data").exists()


class TestNoNetwork:
    def test_opening_a_socket_during_a_rehearsal_is_an_error(self) -> None:
        import socket  # noqa: PLC0415

        from app.services.no_network import SocketOpenedError, no_network  # noqa: PLC0415

        with no_network(), pytest.raises(SocketOpenedError):
            socket.socket()
