"""Deliveries whose outcome only a person can settle: brought about by scripted faults, through the real engine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import httpx
import pytest
from api_client import Json, ok, refused

from app.bootstrap import House
from app.platforms.sandbox.faults import Fault

Tick = Callable[[str], None]
Run = Callable[..., Json]
URL = "https://bsky.example/profile/agency/post/1"
LONG = " ".join(f"This is sentence number {number} of a post that takes more than one part." for number in range(12))
MENTION = "National Human Trafficking Hotline: call 1-888-373-7888."


@pytest.fixture
def run(api: httpx.Client, house: House, deliveries: list[Json], tick: Tick) -> Run:
    """Send the first delivery under a script of faults, and let the engine work on for hours; return it."""

    def run(*faults: Fault | None, hours: int = 3) -> Json:
        with house.read() as scope:
            house.platforms.faults.plan(f"{scope.organization_id}/bluesky", *faults)
        due = datetime.fromisoformat(deliveries[0]["due"]["utc"])
        for minutes in range(0, hours * 60, 2):
            tick((due + timedelta(minutes=minutes)).isoformat())
            row = ok(api.get(f"/deliveries/{deliveries[0]['id']}"))
            if row["state"] in ("published", "needs_review", "failed", "held"):
                break
        return row

    return run


@pytest.fixture
def long_post(api: httpx.Client, deliveries: list[Json], approve_all: Callable[[], None]) -> None:
    """The first delivery's post, too long for one part."""
    text = f"{LONG} {MENTION} #Partner2Prevent"
    ok(api.patch(f"/posts/{deliveries[0]['post']['id']}", json={"text": text, "links": []}))
    approve_all()


def again(api: httpx.Client, tick: Tick, row: Json) -> Json:
    """Let the engine go on a minute after it was asked to."""
    ready = ok(api.get(f"/deliveries/{row['id']}"))["ready"]["utc"]
    tick((datetime.fromisoformat(ready) + timedelta(minutes=1)).isoformat())
    return ok(api.get(f"/deliveries/{row['id']}"))


def in_feed(house: House) -> list[str]:
    return [post.text for post in house.feed.list()]


class TestWhatTheNetworkCanTell:
    def test_a_post_whose_answer_was_lost_is_found_and_not_sent_twice(self, run: Run, house: House) -> None:
        row = run(Fault.UNKNOWN_ACCEPTED)
        assert (row["state"], row["attempts_made"]) == ("published", 1)
        assert row["url"].startswith("/sandbox?post=")
        assert "unknown" in [event["to_state"] for event in row["events"]]
        assert len(in_feed(house)) == 1

    def test_a_post_that_is_proved_not_to_be_there_is_sent_again(self, run: Run, house: House) -> None:
        row = run(Fault.UNKNOWN_LOST)
        assert row["state"] == "published"
        assert [attempt["outcome"] for attempt in row["attempts"]][-1] == "published"
        assert len(row["attempts"]) == 2
        assert len(in_feed(house)) == 1


class TestWhatNobodyCanTell:
    @pytest.fixture
    def doubtful(self, run: Run) -> Json:
        row = run(Fault.UNKNOWN_FOR_GOOD)
        assert (row["state"], row["state_reason"]) == ("needs_review", "cannot_tell")
        assert row["state_detail"]
        return row

    def test_is_shown_as_waiting_for_a_person(self, site: httpx.Client, doubtful: Json) -> None:
        page = site.get("/").text
        assert "Waiting for a person" in page
        assert "needs review" in page

    def test_went_out_when_a_person_found_it(self, api: httpx.Client, house: House, doubtful: Json) -> None:
        address = f"/deliveries/{doubtful['id']}/resolve-review"
        problem = refused(api.post(address, json={"decision": "went_out"}), 422, "input.invalid")
        assert "address" in problem["detail"]
        done = ok(api.post(address, json={"decision": "went_out", "url": URL}))
        assert (done["state"], done["url"]) == ("published", URL)
        assert in_feed(house) == []
        refused(api.post(address, json={"decision": "send_again"}), 409, "delivery.state_refused")

    def test_is_sent_again_when_a_person_found_nothing(
        self, api: httpx.Client, house: House, tick: Tick, doubtful: Json
    ) -> None:
        address = f"/deliveries/{doubtful['id']}/resolve-review"
        assert ok(api.post(address, json={"decision": "send_again"}))["state"] == "scheduled"
        done = again(api, tick, doubtful)
        assert done["state"] == "published"
        assert [attempt["generation"] for attempt in done["attempts"]] == [1, 2]
        assert len(in_feed(house)) == 1

    def test_has_no_rest_to_send(self, api: httpx.Client, doubtful: Json) -> None:
        address = f"/deliveries/{doubtful['id']}/resolve-review"
        refused(api.post(address, json={"decision": "send_rest"}), 409, "delivery.state_refused")

    def test_can_be_cancelled(self, api: httpx.Client, house: House, doubtful: Json) -> None:
        assert ok(api.post(f"/deliveries/{doubtful['id']}/cancel"))["state"] == "cancelled"
        assert in_feed(house) == []


@pytest.mark.usefixtures("long_post")
class TestAThreadThatCannotFinish:
    @pytest.fixture
    def begun(self, run: Run) -> Json:
        row = run(None, Fault.REFUSED)
        assert (row["state"], row["parts_out"]) == ("needs_review", 1)
        assert len(row["parts"]) > 2
        return row

    def test_is_sent_to_its_end_when_a_person_says_so(
        self, api: httpx.Client, house: House, tick: Tick, begun: Json
    ) -> None:
        address = f"/deliveries/{begun['id']}/resolve-review"
        assert ok(api.post(address, json={"decision": "send_rest"}))["state"] == "scheduled"
        done = again(api, tick, begun)
        assert (done["state"], done["parts_out"]) == ("published", len(begun["parts"]))
        assert sorted(in_feed(house)) == sorted(part["text"] for part in begun["parts"])

    def test_is_finished_as_it_stands_without_an_address(self, api: httpx.Client, house: House, begun: Json) -> None:
        done = ok(api.post(f"/deliveries/{begun['id']}/resolve-review", json={"decision": "went_out"}))
        assert (done["state"], done["parts_out"]) == ("published", 1)
        assert done["url"].startswith("/sandbox?post=")
        assert len(in_feed(house)) == 1

    def test_is_neither_sent_from_its_beginning_nor_cancelled(self, api: httpx.Client, begun: Json) -> None:
        address = f"/deliveries/{begun['id']}"
        refused(api.post(f"{address}/resolve-review", json={"decision": "send_again"}), 409, "delivery.state_refused")
        refused(api.post(f"{address}/cancel"), 409, "delivery.state_refused")


class TestWhatTheNetworkRefuses:
    def test_a_refused_token_holds_what_waits_until_the_account_is_connected_again(
        self, api: httpx.Client, house: House, run: Run, tick: Tick, deliveries: list[Json]
    ) -> None:
        row = run(Fault.SIGNED_OUT)
        account = f"/accounts/{row['account']['id']}"
        assert (row["state"], ok(api.get(account))["state"]) == ("held", "needs_reconnect")
        waiting = f"/deliveries/{deliveries[-1]['id']}"
        assert ok(api.get(waiting))["state"] == "held"

        ok(api.post(f"{account}/connect"))
        assert ok(api.get(waiting))["state"] == "scheduled"
        assert again(api, tick, row)["state"] == "published"
        assert len(in_feed(house)) == 1

    def test_a_refused_text_has_failed_and_can_be_tried_again(self, api: httpx.Client, run: Run, tick: Tick) -> None:
        row = run(Fault.REFUSED)
        assert (row["state"], row["parts_out"]) == ("failed", 0)
        assert row["state_detail"]
        ok(api.post(f"/deliveries/{row['id']}/retry"))
        assert again(api, tick, row)["state"] == "published"
