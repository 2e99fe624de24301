"""What people and programs do out of turn: twice at once, again and back, late, or before it is allowed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from api_client import Json, commit, made, ok, refused

from app.clock import VirtualClock

Tick = Callable[[str], None]
JSON = {"content-type": "application/json"}


def preview(api: httpx.Client, campaign: Json) -> Json:
    return ok(api.post(f"/campaigns/{campaign['id']}/plan/preview"))


def delivery(api: httpx.Client, row: Json) -> Json:
    return ok(api.get(f"/deliveries/{row['id']}"))


def confirm(api: httpx.Client, campaign: Json) -> None:
    body = {"facts": campaign["open_contact_facts"], "by": "Reviewer on duty", "method": "called"}
    made(api.post(f"/campaigns/{campaign['id']}/contact-confirmations", json=body))


def test_of_several_commits_of_one_preview_one_wins_and_the_others_are_told(api_on_each: httpx.Client) -> None:
    api = api_on_each
    campaign = made(api.post("/campaigns", json={"year": 2027}))
    made(api.post("/accounts", json={"slug": "x", "platform": "x", "via": "sandbox"}))
    digest = preview(api, campaign)["digest"]
    answers: list[httpx.Response] = []

    def commit_it() -> None:
        answers.append(api.post(f"/campaigns/{campaign['id']}/plan/commit", json={"digest": digest}))

    threads = [threading.Thread(target=commit_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    won = [answer for answer in answers if answer.status_code == 200]
    assert len(won) == 1
    for answer in answers:
        if answer not in won:
            refused(answer, 409, "plan.changed")
    planned = won[0].json()["added"]
    assert ok(api.get(f"/campaigns/{campaign['id']}"))["deliveries"] == {"scheduled": planned}


class TestPlanningAgain:
    def test_a_delivery_that_a_person_timed_keeps_its_time(
        self, api: httpx.Client, planned: Json, deliveries: list[Json]
    ) -> None:
        moved = "2027-01-05T15:15:00Z"
        ok(api.post(f"/deliveries/{deliveries[4]['id']}/reschedule", json={"due_at": moved}))
        ok(api.patch(f"/campaigns/{planned['id']}", json={"cadence": {"days_off": ["2027-01-05", "2027-01-06"]}}))
        assert commit(api, planned["id"])["moved"] > 0
        assert delivery(api, deliveries[4])["due"]["utc"] == moved

    def test_a_post_that_is_left_out_goes_and_comes_back(
        self, api: httpx.Client, planned: Json, deliveries: list[Json]
    ) -> None:
        post = deliveries[6]["post"]
        before = ok(api.get("/deliveries", params={"limit": 200}))["items"]
        ok(api.patch(f"/posts/{post['id']}", json={"left_out": "Under review."}))
        shown = preview(api, planned)
        assert {gone["post"] for gone in shown["removed"]} == {post["key"]}
        assert (post["key"], "Under review.") in {(left["post"], left["reason"]) for left in shown["left_out"]}
        commit(api, planned["id"])
        refused(api.get(f"/deliveries/{deliveries[6]['id']}"), 404, "not_found")

        ok(api.patch(f"/posts/{post['id']}", json={"left_out": None}))
        commit(api, planned["id"])
        after = ok(api.get("/deliveries", params={"limit": 200}))["items"]
        assert [d["due"] for d in after if d["post"] != post] == [d["due"] for d in before if d["post"] != post]
        (back,) = [d for d in after if d["post"] == post]
        assert (back["week"], back["state"]) == (deliveries[6]["week"], "scheduled")

    def test_what_was_cancelled_stays_so_through_every_change(
        self, api: httpx.Client, planned: Json, deliveries: list[Json]
    ) -> None:
        row = deliveries[3]
        ok(api.post(f"/deliveries/{row['id']}/cancel", json={"reason": "Not ours to say."}))
        ok(api.patch(f"/posts/{row['post']['id']}", json={"left_out": "Really."}))
        commit(api, planned["id"])
        ok(api.patch(f"/posts/{row['post']['id']}", json={"left_out": None}))
        commit(api, planned["id"])
        assert delivery(api, row)["state"] == "cancelled"
        same = [d for d in ok(api.get("/deliveries", params={"limit": 200}))["items"] if d["post"] == row["post"]]
        assert [d["state"] for d in same] == ["cancelled"]

    def test_what_is_out_is_neither_moved_nor_planned_twice(
        self, api: httpx.Client, planned: Json, deliveries: list[Json], tick: Tick
    ) -> None:
        tick(deliveries[0]["due"]["utc"])
        out = delivery(api, deliveries[0])
        assert out["state"] == "published"
        ok(api.patch(f"/campaigns/{planned['id']}", json={"cadence": {"slots": ["11:11"]}}))
        commit(api, planned["id"])
        assert delivery(api, deliveries[0]) == out
        again = ok(api.get("/deliveries", params={"limit": 200, "campaign_id": planned["id"]}))["items"]
        keys = [(d["post"]["key"], d["account"]["slug"], d["occurrence"]) for d in again]
        assert len(keys) == len(set(keys))


class TestStartingInMidCampaign:
    def test_nothing_is_planned_into_the_past_and_what_has_no_place_is_told(
        self, api: httpx.Client, campaign: Json, clock: VirtualClock
    ) -> None:
        clock.move_to(datetime(2027, 1, 16, 17, 0, tzinfo=UTC))
        made(api.post("/accounts", json={"slug": "x", "platform": "x", "via": "sandbox"}))
        shown = preview(api, campaign)
        assert shown["added"]
        assert min(planned["utc"] for planned in shown["added"]) > "2027-01-16T17:00:00Z"
        assert {planned["week"] for planned in shown["added"]} == {3, 4}
        assert {gone["week"] for gone in shown["unplaced"]} == {1, 2}
        assert all(gone["message"] and gone["choices"] for gone in shown["unplaced"])
        assert commit(api, campaign["id"])["added"] == shown["planned"]

    def test_after_the_campaign_everything_is_told_and_nothing_planned(
        self, api: httpx.Client, campaign: Json, clock: VirtualClock
    ) -> None:
        clock.move_to(datetime(2027, 3, 1, tzinfo=UTC))
        made(api.post("/accounts", json={"slug": "x", "platform": "x", "via": "sandbox"}))
        shown = preview(api, campaign)
        assert (shown["planned"], shown["added"]) == (0, [])
        assert {gone["week"] for gone in shown["unplaced"]} == {1, 2, 3, 4}
        assert commit(api, campaign["id"])["added"] == 0


class TestPausedDeliveries:
    def test_what_falls_due_in_a_pause_waits_where_it_is_seen_and_goes_out_after_it(
        self, api: httpx.Client, site: httpx.Client, planned: Json, deliveries: list[Json], tick: Tick
    ) -> None:
        address = f"/campaigns/{planned['id']}"
        made(api.post(f"{address}/pause", json={"reason": "The hotline is down."}))
        tick(deliveries[0]["due"]["utc"])
        assert delivery(api, deliveries[0])["state"] == "scheduled"
        page = site.get("/").text
        assert "PAUSED" in page
        assert "The hotline is down." in page
        refused(api.post(f"{address}/resume"), 409, "pause.undecided")
        ok(api.post(f"{address}/resume", json={"rest": "keep"}))
        tick(deliveries[0]["due"]["utc"])
        assert delivery(api, deliveries[0])["state"] == "published"

    def test_one_that_outlasts_its_window_is_missed_and_says_so(
        self, api: httpx.Client, planned: Json, deliveries: list[Json], tick: Tick
    ) -> None:
        made(api.post(f"/campaigns/{planned['id']}/pause", json={"reason": "A storm.", "week": 1}))
        due = datetime.fromisoformat(deliveries[0]["due"]["utc"])
        tick((due + timedelta(minutes=61)).isoformat())
        missed = delivery(api, deliveries[0])
        assert (missed["state"], missed["state_detail"]) == ("missed", "Its window passed during a pause.")


class TestUnconfirmedContacts:
    @pytest.mark.parametrize(
        "account",
        [
            {"platform": "facebook", "via": "by_hand", "person": "Who posts"},
            {
                "platform": "mastodon",
                "via": "network",
                "server": "https://mastodon.invalid",
                "secrets": {"token": "x"},
            },
        ],
    )
    def test_keep_real_accounts_back_until_they_are_confirmed(
        self, api: httpx.Client, campaign: Json, account: Json
    ) -> None:
        made(api.post("/accounts", json={"slug": "real"} | account))
        address = f"/campaigns/{campaign['id']}/plan/commit"
        problem = refused(api.post(address, json={"digest": preview(api, campaign)["digest"]}), 403, "not_allowed")
        assert "real" in problem["detail"]
        assert "confirm" in problem["hint"]
        post = ok(api.get("/posts", params={"campaign_id": campaign["id"], "limit": 1}))["items"][0]
        (shown,) = ok(api.get(f"/posts/{post['id']}/preview"))["items"]
        assert not shown["sendable"]
        assert "contact.unconfirmed" in [finding["code"] for finding in shown["findings"]]

        confirm(api, campaign)
        assert commit(api, campaign["id"])["added"] > 0

    def test_one_that_is_left_out_of_the_confirmation_is_named(self, api: httpx.Client, campaign: Json) -> None:
        body = {"slug": "page", "platform": "facebook", "via": "by_hand", "person": "Who posts"}
        made(api.post("/accounts", json=body))
        kept_back = "voice"
        facts = [key for key in campaign["open_contact_facts"] if key != kept_back]
        confirmation: Json = {"facts": facts, "by": "Reviewer on duty", "method": "called"}
        made(api.post(f"/campaigns/{campaign['id']}/contact-confirmations", json=confirmation))
        assert ok(api.get(f"/campaigns/{campaign['id']}"))["open_contact_facts"] == [kept_back]
        digest = preview(api, campaign)["digest"]
        refused(api.post(f"/campaigns/{campaign['id']}/plan/commit", json={"digest": digest}), 403, "not_allowed")


class TestPostedByHand:
    def test_what_nobody_confirms_is_missed_and_can_be_handed_over_again(
        self, api: httpx.Client, campaign: Json, tick: Tick, approve_all: Callable[[], None]
    ) -> None:
        body = {"slug": "page", "platform": "facebook", "via": "by_hand", "person": "Who posts"}
        made(api.post("/accounts", json=body))
        confirm(api, campaign)
        approve_all()
        commit(api, campaign["id"])
        first = ok(api.get("/deliveries", params={"limit": 1}))["items"][0]
        due = datetime.fromisoformat(first["due"]["utc"])
        tick(due.isoformat())
        assert delivery(api, first)["state"] == "handed_over"
        for hours in (1, 6, 12, 25, 49):
            tick((due + timedelta(hours=hours)).isoformat())
        missed = delivery(api, first)
        assert (missed["state"], missed["state_reason"]) == ("missed", "by_hand.unconfirmed")
        url = {"url": "https://www.facebook.com/agency/posts/1"}
        refused(api.post(f"/deliveries/{first['id']}/posted-by-hand", json=url), 409, "delivery.state_refused")

        ok(api.post(f"/deliveries/{first['id']}/send-now"))
        tick((due + timedelta(hours=50)).isoformat())
        assert delivery(api, first)["state"] == "handed_over"
        assert ok(api.post(f"/deliveries/{first['id']}/posted-by-hand", json=url))["url"] == url["url"]


class TestEditingWhatIsScheduled:
    def test_the_new_text_goes_out_once_it_is_approved(
        self, api: httpx.Client, deliveries: list[Json], tick: Tick, approve_all: Callable[[], None]
    ) -> None:
        text = "A corrected text. #Partner2Prevent National Human Trafficking Hotline: 1-888-373-7888"
        ok(api.patch(f"/posts/{deliveries[0]['post']['id']}", json={"text": text, "links": []}))
        assert delivery(api, deliveries[0])["parts"][0]["text"] == text
        approve_all()
        tick(deliveries[0]["due"]["utc"])
        out = delivery(api, deliveries[0])
        assert (out["state"], [part["text"] for part in out["parts"]]) == ("published", [text])

    def test_one_that_breaks_a_rule_is_blocked_with_the_reason_until_it_is_mended(
        self,
        api: httpx.Client,
        site: httpx.Client,
        deliveries: list[Json],
        tick: Tick,
        approve_all: Callable[[], None],
    ) -> None:
        address = f"/posts/{deliveries[0]['post']['id']}"
        ok(api.patch(address, json={"text": "Call 1-888-373-7889 today. #Partner2Prevent", "links": []}))
        tick(deliveries[0]["due"]["utc"])
        blocked = delivery(api, deliveries[0])
        assert (blocked["state"], blocked["parts_out"]) == ("blocked", 0)
        assert "mention.wrong_number" in [f["code"] for f in blocked["findings"] if f["level"] == "error"]
        assert blocked["state_detail"]
        assert blocked["post"]["key"] in site.get("/").text

        ok(api.patch(address, json={"text": "Call 1-888-373-7888 today. #Partner2Prevent"}))
        again = delivery(api, deliveries[0])
        assert (again["state"], again["due"]) == ("scheduled", blocked["due"])
        assert "mention.wrong_number" not in [finding["code"] for finding in again["findings"]]
        approve_all()
        tick(deliveries[0]["due"]["utc"])
        assert delivery(api, deliveries[0])["state"] == "published"

    def test_the_new_text_stays_where_nobody_approves_it(
        self, api: httpx.Client, deliveries: list[Json], tick: Tick
    ) -> None:
        text = "A corrected text. #Partner2Prevent National Human Trafficking Hotline: 1-888-373-7888"
        ok(api.patch(f"/posts/{deliveries[0]['post']['id']}", json={"text": text, "links": []}))
        tick(deliveries[0]["due"]["utc"])
        stayed = delivery(api, deliveries[0])
        assert (stayed["state"], stayed["parts_out"]) == ("blocked", 0)
        assert "approval.missing" in [finding["code"] for finding in stayed["findings"]]


class TestLeavingOutWhatIsScheduled:
    @pytest.mark.parametrize(
        ("change", "back", "code"),
        [
            ({"left_out": "Under review."}, {"left_out": None}, "post.left_out"),
            ({"platforms": ["linkedin"]}, {"platforms": None}, "post.not_for_account"),
            ({"accounts": []}, {"accounts": None}, "post.not_for_account"),
        ],
    )
    def test_it_does_not_go_out_until_it_is_taken_in_again(
        self, api: httpx.Client, deliveries: list[Json], tick: Tick, change: Json, back: Json, code: str
    ) -> None:
        row = deliveries[0]
        ok(api.patch(f"/posts/{row['post']['id']}", json=change))
        tick(row["due"]["utc"])
        blocked = delivery(api, row)
        assert blocked["state"] == "blocked"
        assert code in [finding["code"] for finding in blocked["findings"]]

        ok(api.patch(f"/posts/{row['post']['id']}", json=back))
        tick(row["due"]["utc"])
        assert delivery(api, row)["state"] == "published"
