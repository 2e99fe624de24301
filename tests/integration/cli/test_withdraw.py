"""`focusweek withdraw`, as a person runs it beside the service."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.bootstrap import open_house
from app.clock import VirtualClock
from app.delivery.options import EngineOptions
from app.models import Campaign, Delivery
from app.packs.bundled import default_pack
from app.platforms.base import Via
from app.services.accounts import NewAccount, add_account
from app.services.approvals import approve_everything
from app.services.campaigns import create_campaign
from app.services.plans import commit_plan, preview_plan
from app.settings import Settings

REASON = ("--reason", "The number is wrong.")
YEAR = 2027


@pytest.fixture
def out(tmp_path: Path) -> int:
    """A service's data in which one delivery is published; returns its id."""
    clock = VirtualClock(datetime(2026, 12, 1, tzinfo=UTC))
    house = open_house(Settings(data_dir=tmp_path / "data"), clock=clock, options=EngineOptions(workers=0))
    try:
        with house.write() as scope:
            create_campaign(scope, default_pack(), year=YEAR)
            add_account(scope, house.vault, NewAccount("bluesky", "bluesky", Via.SANDBOX))
            campaign = scope.get(Campaign, 1)
            commit_plan(scope, campaign, preview_plan(scope, campaign).digest)
            approve_everything(scope, campaign, by="a reviewer")
        with house.read() as scope:
            first = scope.session.scalars(scope.query(Delivery).order_by(Delivery.due_at)).first()
        assert first is not None
        clock.advance(first.due_at - clock.now() + timedelta(seconds=1))
        house.engine.confirm_clock()
        house.engine.tick()
        with house.read() as scope:
            assert scope.get(Delivery, first.id).state == "published"
    finally:
        house.close()
    return first.id


class TestWithdrawing:
    def test_shows_what_says_the_number_and_takes_it_back(self, run, out) -> None:
        ran = run("withdraw", "--number", "(888) 373 7888", *REASON, "--yes")
        assert (ran.code, ran.err) == (0, "")
        assert "1 to take back" in ran.out
        assert f"{out}: withdrawing" in ran.out
        ran = run("withdraw", "--id", str(out), *REASON, "--yes", "--json", "--correct")
        (answer,) = ran.lines
        assert (ran.code, answer["id"], answer["state"], answer["problem"]) == (0, out, "withdrawing", None)
        assert answer["draft"].endswith("-correction")

    def test_asks_before_and_does_nothing_where_nobody_can_answer(self, run, out) -> None:
        ran = run("withdraw", "--id", str(out), *REASON)
        assert ran.code == 2
        assert "--yes" in ran.err
        assert run("withdraw", "--id", str(out), *REASON, "--yes").code == 0

    def test_says_in_words_that_nothing_that_is_out_says_it(self, run, out) -> None:
        ran = run("withdraw", "--number", "1-212-555-0143", *REASON, "--yes")
        assert (ran.code, ran.out) == (0, "Nothing that is out says that; nothing was taken back.\n")
        assert run("withdraw", "--number", "1-212-555-0143", *REASON, "--yes", "--json").out == ""

    def test_of_what_is_not_out_says_why_and_fails(self, run, out) -> None:
        ran = run("withdraw", "--id", str(out + 1), *REASON, "--yes", "--json")
        (answer,) = ran.lines
        assert (ran.code, answer["problem"]["code"]) == (1, "delivery.state_refused")

    def test_of_nothing_found_does_nothing(self, run, out) -> None:
        ran = run("withdraw", "--words", "unheard-of", *REASON, "--yes", "--json")
        assert (ran.code, ran.out) == (0, "")

    @pytest.mark.parametrize(
        "given", [(), ("--id", "1", "--words", "x"), ("--number", "x"), ("--link", "nowhere"), ("--id", "999999")]
    )
    def test_needs_to_know_what(self, run, out, given) -> None:
        ran = run("withdraw", *given, *REASON, "--yes")
        assert ran.code in {1, 2}
        assert ran.err.startswith("focusweek: ")

    def test_needs_a_reason(self, run) -> None:
        assert run("withdraw", "--id", "1", "--reason", " ", "--yes").code == 2
