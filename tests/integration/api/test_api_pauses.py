from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from api_client import Json, commit, made, ok, refused
from api_token import ACTOR
from pauses_client import EVERYTHING, WHY, Later, pause

from app.bootstrap import House
from app.clock import VirtualClock
from app.models import Organization, Pause

Tick = Callable[[str], None]


class TestPausing:
    @pytest.mark.parametrize("order", EVERYTHING)
    def test_anything_holds_its_deliveries_until_it_is_resumed(
        self, api: httpx.Client, deliveries: list[Json], later: Later, order: Json
    ) -> None:
        made_now = pause(api, order)
        assert (made_now["scope"], made_now["reason"], made_now["started_by"]) == (order["scope"], WHY, ACTOR)
        later(deliveries[0], 1)
        assert ok(api.get(f"/deliveries/{deliveries[0]['id']}"))["state"] == "scheduled"
        detail = ok(api.get(f"/pauses/{made_now['id']}"))
        assert (detail["waiting_count"], [w["delivery_id"] for w in detail["waiting"]]) == (1, [deliveries[0]["id"]])
        assert detail["waiting"][0]["due"] == deliveries[0]["due"]

        resumed = ok(api.post(f"/pauses/{made_now['id']}/resume", json={"rest": "keep"}))
        assert (resumed["kept"], resumed["moved"], resumed["dropped"]) == (1, 0, 0)
        later(deliveries[0], 2)
        assert ok(api.get(f"/deliveries/{deliveries[0]['id']}"))["state"] == "published"

    @pytest.mark.parametrize("order", EVERYTHING)
    def test_the_same_thing_twice_is_a_conflict_that_says_who_and_why(
        self, api: httpx.Client, planned: Json, order: Json
    ) -> None:
        pause(api, order)
        problem = refused(api.post("/pauses", json=order | {"reason": "Again."}), 409, "conflict")
        assert WHY in problem["detail"]
        assert ACTOR in problem["detail"]

    def test_things_within_one_another_are_paused_each_by_itself(self, api: httpx.Client, planned: Json) -> None:
        made_now = [pause(api, order) for order in EVERYTHING]
        assert len({one["id"] for one in made_now}) == len(EVERYTHING)

    @pytest.mark.parametrize(
        "body",
        [
            {"scope": "organization"},
            {"scope": "organization", "reason": " "},
            {"scope": "everything", "reason": "x"},
            {"scope": "campaign", "reason": "x"},
            {"scope": "week", "campaign_id": 1, "reason": "x"},
            {"scope": "account", "reason": "x"},
            {"scope": "instance", "campaign_id": 1, "reason": "x"},
            {"scope": "campaign", "campaign_id": 1, "account": "bluesky", "reason": "x"},
        ],
    )
    def test_an_order_that_names_too_little_or_too_much_is_refused(
        self, api: httpx.Client, planned: Json, body: Json
    ) -> None:
        refused(api.post("/pauses", json=body), 422, "validation.failed")
        assert ok(api.get("/pauses"))["items"] == []

    def test_what_is_not_there_cannot_be_paused(self, api: httpx.Client, planned: Json) -> None:
        refused(api.post("/pauses", json={"scope": "campaign", "campaign_id": 9, "reason": "x"}), 404, "not_found")
        unknown = {"scope": "account", "account": "nobody", "reason": "x"}
        refused(api.post("/pauses", json=unknown), 422, "input.invalid")
        no_week = {"scope": "week", "campaign_id": 1, "week": 9, "reason": "x"}
        refused(api.post("/pauses", json=no_week), 422, "input.invalid")
        refused(api.get("/pauses/77"), 404, "not_found")
        refused(api.post("/pauses/77/resume"), 404, "not_found")

    def test_of_several_at_once_one_wins_and_the_others_are_told(self, api_on_each: httpx.Client) -> None:
        made(api_on_each.post("/accounts", json={"slug": "bluesky", "platform": "bluesky", "via": "sandbox"}))
        for order in EVERYTHING[:2] + EVERYTHING[4:]:
            answers: list[httpx.Response] = []

            def ask(order: Json = order, answers: list[httpx.Response] = answers) -> None:
                answers.append(api_on_each.post("/pauses", json=order | {"reason": WHY}))

            threads = [threading.Thread(target=ask) for _ in range(6)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]
            for answer in answers:
                if answer.status_code == 409:
                    refused(answer, 409, "conflict")


class TestListing:
    def test_shows_what_is_in_force_newest_first_in_pages_and_what_has_ended_apart(
        self, api: httpx.Client, planned: Json
    ) -> None:
        ids = [pause(api, order)["id"] for order in EVERYTHING]
        ok(api.post(f"/pauses/{ids[1]}/resume"))
        first = ok(api.get("/pauses", params={"limit": 3}))
        rest = ok(api.get("/pauses", params={"limit": 3, "cursor": first["next_cursor"]}))
        assert [one["id"] for one in first["items"] + rest["items"]] == [ids[4], ids[3], ids[2], ids[0]]
        assert rest["next_cursor"] is None
        (ended,) = ok(api.get("/pauses", params={"ended": True}))["items"]
        assert (ended["id"], ended["ended_by"], ended["ended"]["utc"]) == (ids[1], ACTOR, "2026-12-01T12:00:00Z")
        assert [one["account"] for one in first["items"]] == ["bluesky", None, None]

    def test_leaves_out_what_other_organizations_have_paused(self, api: httpx.Client, house: House) -> None:
        pause(api, {"scope": "organization"})
        with house.write_instance() as scope:
            other = Organization(slug="other", name="Other", created_at=scope.now)
            scope.session.add(other)
            scope.session.flush()
            theirs = Pause(
                scope="organization", organization_id=other.id, reason="x", started_by="x", started_at=scope.now
            )
            scope.session.add(theirs)
            scope.session.flush()
            hidden = theirs.id
        assert len(ok(api.get("/pauses"))["items"]) == 1
        refused(api.get(f"/pauses/{hidden}"), 404, "not_found")
        refused(api.post(f"/pauses/{hidden}/resume"), 404, "not_found")


class TestResuming:
    def test_without_a_word_on_what_waits_is_refused_with_the_list(
        self, api: httpx.Client, deliveries: list[Json], later: Later
    ) -> None:
        paused = pause(api, {"scope": "organization"})
        later(deliveries[1], 1)
        problem = refused(api.post(f"/pauses/{paused['id']}/resume"), 409, "pause.undecided")
        assert problem["waiting_count"] == 2
        assert [one["delivery_id"] for one in problem["waiting"]] == [row["id"] for row in deliveries[:2]]
        assert "keep, move or drop" in problem["hint"]
        assert problem["waiting"] == ok(api.get(f"/pauses/{paused['id']}"))["waiting"]
        assert ok(api.get("/pauses"))["items"] == [paused]

    def test_each_is_kept_moved_or_dropped(
        self, api: httpx.Client, deliveries: list[Json], later: Later, tick: Tick, clock: VirtualClock
    ) -> None:
        paused = pause(api, {"scope": "campaign", "campaign_id": 1})
        later(deliveries[2], 1)
        kept, moved, dropped = (row["id"] for row in deliveries[:3])
        when = (clock.now() + timedelta(days=1)).isoformat()
        decisions = [
            {"delivery_id": kept, "do": "keep"},
            {"delivery_id": moved, "do": "move", "due_at": when},
            {"delivery_id": dropped, "do": "drop"},
        ]
        resumed = ok(api.post(f"/pauses/{paused['id']}/resume", json={"decisions": decisions}))
        assert (resumed["kept"], resumed["moved"], resumed["dropped"]) == (1, 1, 1)
        assert (resumed["id"], resumed["ended_by"]) == (paused["id"], ACTOR)
        tick(clock.now().isoformat())
        rows = [ok(api.get(f"/deliveries/{row}")) for row in (kept, moved, dropped)]
        assert [row["state"] for row in rows] == ["published", "scheduled", "cancelled"]
        assert rows[1]["due"]["utc"] == when.replace("+00:00", "Z")
        assert [row["events"][-1]["reason"] for row in rows[1:]] == ["resume.moved", "resume.dropped"]
        assert {row["events"][-1]["actor"] for row in rows[1:]} == {ACTOR}

    def test_a_campaign_by_its_own_address_asks_as_well(
        self, api: httpx.Client, deliveries: list[Json], later: Later
    ) -> None:
        made(api.post("/campaigns/1/pause", json={"reason": WHY, "week": 1}))
        later(deliveries[0], 90)
        problem = refused(api.post("/campaigns/1/resume", json={"week": 1}), 409, "pause.undecided")
        assert [(one["delivery_id"], one["state"]) for one in problem["waiting"]] == [(deliveries[0]["id"], "missed")]
        answer = {"week": 1, "decisions": [{"delivery_id": deliveries[0]["id"], "do": "drop"}]}
        assert ok(api.post("/campaigns/1/resume", json=answer))["dropped"] == 1

    def test_twice_is_a_conflict(self, api: httpx.Client, planned: Json) -> None:
        paused = pause(api, {"scope": "instance"})
        ok(api.post(f"/pauses/{paused['id']}/resume", json={}))
        refused(api.post(f"/pauses/{paused['id']}/resume", json={}), 409, "conflict")

    @pytest.mark.parametrize(
        "body",
        [
            {"rest": "move"},
            {"decisions": [{"delivery_id": 1, "do": "send"}]},
            {"decisions": [{"delivery_id": 1, "do": "move"}]},
            {"decisions": [{"delivery_id": 1, "do": "move", "due_at": "2027-01-12T09:00:00"}]},
            {"decisions": [{"delivery_id": 1, "do": "keep", "due_at": "2027-01-12T09:00:00Z"}]},
            {"decisions": [{"delivery_id": 1, "do": "keep"}, {"delivery_id": 1, "do": "drop"}]},
        ],
    )
    def test_an_answer_that_cannot_be_meant_is_refused(
        self, api: httpx.Client, deliveries: list[Json], later: Later, body: Json
    ) -> None:
        paused = pause(api, {"scope": "organization"})
        later(deliveries[0], 1)
        refused(api.post(f"/pauses/{paused['id']}/resume", json=body), 422, "validation.failed")
        assert ok(api.get("/pauses"))["items"] == [paused]

    def test_a_move_into_the_past_is_refused(self, api: httpx.Client, deliveries: list[Json], later: Later) -> None:
        paused = pause(api, {"scope": "organization"})
        later(deliveries[0], 1)
        move = {"delivery_id": deliveries[0]["id"], "do": "move", "due_at": deliveries[0]["due"]["utc"]}
        address = f"/pauses/{paused['id']}/resume"
        refused(api.post(address, json={"decisions": [move]}), 422, "input.invalid")
        assert ok(api.get("/pauses"))["items"] == [paused]

    def test_what_was_kept_keeps_its_time_when_the_campaign_is_planned_anew(
        self, api: httpx.Client, planned: Json, deliveries: list[Json], later: Later, clock: VirtualClock
    ) -> None:
        paused = pause(api, {"scope": "organization"})
        later(deliveries[1], 1)
        first, second = (row["id"] for row in deliveries[:2])
        when = (clock.now() + timedelta(hours=30)).isoformat().replace("+00:00", "Z")
        move = {"delivery_id": first, "do": "move", "due_at": when}
        ok(api.post(f"/pauses/{paused['id']}/resume", json={"decisions": [move], "rest": "keep"}))
        before = [ok(api.get(f"/deliveries/{row}"))["due"] for row in (first, second)]
        ok(
            api.patch(
                f"/campaigns/{planned['id']}",
                json={"cadence": {"days_off": ["2027-01-01", "2027-01-02", "2027-01-03"]}},
            )
        )
        assert commit(api, planned["id"])["moved"] > 0
        assert [ok(api.get(f"/deliveries/{row}"))["due"] for row in (first, second)] == before
        assert before[0]["utc"] == when
