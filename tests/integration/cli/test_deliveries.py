"""`focusweek deliveries`, `posts`, `webhooks` and `calendar`, as a person runs them beside the service."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.bootstrap import House, open_house
from app.clock import VirtualClock
from app.delivery.options import EngineOptions
from app.models import Campaign, Delivery
from app.packs.bundled import default_pack
from app.platforms.base import Via
from app.services.accounts import NewAccount, add_account
from app.services.campaigns import create_campaign
from app.services.contacts import confirm_contacts, contact_facts
from app.services.plans import commit_plan, preview_plan
from app.settings import Settings

#: So far ahead that it is not past when the commands run, on the machine's own clock.
YEAR = datetime.now(UTC).year + 2


@pytest.fixture
def planned(tmp_path: Path) -> list[int]:
    """A service's data with a planned campaign: one account of a network, one that a person posts to. Returns ids."""
    clock = VirtualClock(datetime(YEAR - 1, 12, 1, tzinfo=UTC))
    house = open_house(Settings(data_dir=tmp_path / "data"), clock=clock, options=EngineOptions(workers=0))
    try:
        with house.write() as scope:
            create_campaign(scope, default_pack(), year=YEAR, slug="month")
            add_account(scope, house.vault, NewAccount("bluesky", "bluesky", Via.SANDBOX))
            add_account(scope, house.vault, NewAccount("page", "facebook", Via.BY_HAND, person="somebody"))
            campaign = scope.get(Campaign, 1)
            facts = [fact.key for fact in contact_facts(scope.session, campaign)]
            confirm_contacts(scope, campaign, facts, by="somebody", method="called")
            commit_plan(scope, campaign, preview_plan(scope, campaign).digest)
        return _ids(house, "bluesky")
    finally:
        house.close()


def _ids(house: House, slug: str) -> list[int]:
    with house.read() as scope:
        query = scope.query(Delivery).where(Delivery.account_id == {"bluesky": 1, "page": 2}[slug])
        return [row.id for row in scope.session.scalars(query.order_by(Delivery.due_at, Delivery.id))]


@pytest.fixture
def put(tmp_path: Path):
    """Put a delivery into a state, as the engine would have left it."""

    def call(delivery_id: int, **values: object) -> None:
        house = open_house(Settings(data_dir=tmp_path / "data"))
        try:
            with house.write() as scope:
                row = scope.get(Delivery, delivery_id)
                for name, value in values.items():
                    setattr(row, name, value)
        finally:
            house.close()

    return call


class TestListing:
    def test_shows_what_is_asked_for(self, run, planned) -> None:
        ran = run("deliveries", "--account", "bluesky", "--state", "scheduled", "--limit", "3", "--json")
        assert (ran.code, [line["id"] for line in ran.lines]) == (0, planned[:3])
        ran = run("deliveries", "--account", "bluesky", "--sort", "-due", "--limit", "1", "--json")
        assert [line["id"] for line in ran.lines] == planned[-1:]
        ran = run("deliveries", "--campaign", "month", "--limit", "2")
        assert (ran.code, ran.out.count("scheduled")) == (0, 2)
        assert "There are more than 2" in ran.out

    @pytest.mark.parametrize(
        "given", [("--state", "lost"), ("--account", "nobody"), ("--campaign", "none"), ("--sort", "colour")]
    )
    def test_says_what_there_is_not(self, run, planned, given) -> None:
        ran = run("deliveries", *given)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith("focusweek: There is no ")


class TestChanging:
    def test_moves_to_a_time_or_by_minutes(self, run, planned) -> None:
        ran = run("deliveries", "reschedule", str(planned[0]), "--to", f"{YEAR}-01-12T09:00:00-05:00")
        assert (ran.code, ran.out) == (0, f"{planned[0]}: scheduled\n")
        assert run("deliveries", "reschedule", str(planned[0]), "--by-minutes", "90").code == 0
        (line,) = [line for line in run("deliveries", "--json").lines if line["id"] == planned[0]]
        assert line["due"] == f"{YEAR}-01-12T15:30:00Z"

    @pytest.mark.parametrize(
        "given", [(), ("--to", "tomorrow"), ("--to", "2030-01-12T09:00:00"), ("--to", "x", "--by-minutes", "1")]
    )
    def test_moves_nothing_without_a_time(self, run, planned, given) -> None:
        ran = run("deliveries", "reschedule", str(planned[0]), *given)
        assert (ran.code, ran.out) == (2, "")

    def test_cancels_several_and_says_of_each_what_became_of_it(self, run, planned) -> None:
        first, second = planned[:2]
        assert run("deliveries", "cancel", str(first), "--reason", "Not ours.").code == 0
        ran = run("deliveries", "cancel", str(second), str(first), "999999", "--json")
        assert ran.code == 1
        codes = [line["problem"] and line["problem"]["code"] for line in ran.lines]
        assert (codes, ran.lines[0]["state"]) == ([None, "delivery.state_refused", "not_found"], "cancelled")

    def test_tries_again_and_sends_now(self, run, planned, put) -> None:
        put(planned[0], state="missed")
        assert run("deliveries", "retry", str(planned[0])).out == f"{planned[0]}: scheduled\n"
        assert run("deliveries", "send-now", str(planned[1])).code == 0
        (line,) = [line for line in run("deliveries", "--json").lines if line["id"] == planned[1]]
        assert datetime.fromisoformat(line["due"]) <= datetime.now(UTC) + timedelta(minutes=1)

    def test_settles_what_needs_review_and_what_was_posted_by_hand(self, run, planned, put) -> None:
        put(planned[0], state="needs_review")
        url = "https://www.example.com/posts/1"
        ran = run("deliveries", "resolve-review", str(planned[0]), "went-out", "--url", url, "--json")
        assert (ran.code, ran.lines[0]["state"], ran.lines[0]["url"]) == (0, "published", url)
        (by_hand, *_) = [line["id"] for line in run("deliveries", "--account", "page", "--json").lines]
        put(by_hand, state="handed_over", handed_over_at=datetime.now(UTC))
        assert run("deliveries", "posted-by-hand", str(by_hand), url).out == f"{by_hand}: published\n"
        assert run("deliveries", "resolve-review", str(planned[1]), "perhaps").code == 2
        assert run("deliveries", "resolve-review", str(planned[1]), "send-again").code == 1


class TestPosts:
    def test_are_listed_left_out_taken_in_and_deleted(self, run, planned) -> None:
        posts = run("posts", "list", "month", "--week", "4", "--json").lines
        ids = [str(post["id"]) for post in posts]
        assert len(ids) == 3
        assert run("posts", "leave-out", *ids, "--reason", "Not for us.").code == 0
        assert all(post["left_out"] for post in run("posts", "list", "month", "--week", "4", "--json").lines)
        assert run("posts", "take-in", ids[0]).out == f"{ids[0]}: planned\n"
        assert run("posts", "set-week", ids[0], "--week", "7").code == 1
        assert run("posts", "remove-platforms", ids[0], "--platform", "bluesky").code == 1
        assert run("posts", "delete", *ids, "--yes").code == 0
        assert run("posts", "list", "month", "--week", "4", "--json").lines == []


class TestWebhooksAndCalendars:
    def test_a_webhook_s_secret_and_a_calendar_s_address_are_shown_once(self, run, planned) -> None:
        made = run("webhooks", "add", "https://receiver.example/x?key=abc", "--kind", "missed", "--json")
        (webhook,) = made.lines
        assert webhook["secret"].startswith("whsec_")
        listed = run("webhooks", "--json")
        assert webhook["secret"] not in listed.out
        assert "key=abc" not in listed.out
        assert run("webhooks", "off", "1").out == "Webhook 1 is off.\n"
        assert run("webhooks", "new-secret", "1", "--json").lines[0]["secret"] != webhook["secret"]
        assert run("webhooks", "log", "1").out == "It was told nothing in the last 30 days.\n"
        assert run("webhooks", "resend", "1", "1").code == 1
        assert run("webhooks", "remove", "1").code == 0

        (feed,) = run("calendar", "add", "month", "--for", "newsroom", "--json").lines
        assert feed["url"].endswith(".ics")
        assert feed["url"] not in run("calendar", "list", "month").out
        assert run("calendar", "revoke", "month", "1").code == 0
        assert "revoked" in run("calendar", "list", "month").out
