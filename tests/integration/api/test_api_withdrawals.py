"""Taking back what is out, as a client of the API does it: found, deleted, corrected."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from api_client import Json, made, ok, refused

from app.bootstrap import House
from app.clock import VirtualClock
from app.delivery.options import EngineOptions
from app.platforms.sandbox.faults import Fault
from app.settings import Settings

Tick = Callable[[str], None]
REASON = {"reason": "The number is wrong."}
WRONG = "Help is there: (212) 555 0142. Learn more at https://www.dhs.gov/blue-campaign/ or 1-888-373-7888."


def later(row: Json, minutes: float) -> str:
    return (datetime.fromisoformat(row["due"]["utc"]) + timedelta(minutes=minutes)).isoformat()


@pytest.fixture
def house(tmp_path: Path, start_sqlite: bytes, clock: VirtualClock) -> Iterator[House]:
    """The house with an engine that does everything within its tick."""
    (tmp_path / "focusweek.sqlite3").write_bytes(start_sqlite)
    house = House(Settings(data_dir=tmp_path), clock=clock, options=EngineOptions(workers=0))
    with house.write():
        pass
    yield house
    house.close()


@pytest.fixture
def first(deliveries: list[Json]) -> Json:
    return deliveries[0]


@pytest.fixture
def out(api: httpx.Client, first: Json, tick: Tick, approve_all: Callable[[], None]) -> Json:
    """The first delivery, with a wrong number, published."""
    ok(api.patch(f"/posts/{first['post']['id']}", json={"text": WRONG, "links": []}))
    approve_all()
    tick(later(first, 0))
    row = ok(api.get(f"/deliveries/{first['id']}"))
    assert row["state"] == "published", row["state_detail"]
    return row


def again(api: httpx.Client, tick: Tick, row: Json, minutes: float = 1) -> Json:
    tick(later(row, minutes))
    return ok(api.get(f"/deliveries/{row['id']}"))


class TestSearching:
    @pytest.mark.parametrize(
        "asked",
        [
            {"number": "1-212-555-0142"},
            {"link": "http://dhs.gov/blue-campaign"},
            {"words": "LEARN help"},
            {"number": "212 555 0142", "words": "help", "campaign_id": 1},
        ],
    )
    def test_finds_what_is_out(self, api: httpx.Client, out: Json, asked: Json) -> None:
        (hit,) = ok(api.get("/published-search", params=asked))["items"]
        assert hit["delivery"]["id"] == out["id"]
        assert [part["text"] for part in hit["parts"]] == [part["text"] for part in out["parts"]]
        assert hit["parts"][0]["url"] == out["url"]

    def test_finds_nothing_else(self, api: httpx.Client, out: Json) -> None:
        page = ok(api.get("/published-search", params={"number": "1-212-555-0143"}))
        assert page == {"items": [], "next_cursor": None}

    @pytest.mark.parametrize("asked", [{}, {"number": "x"}, {"link": "no link"}, {"words": "!"}, {"campaign_id": 1}])
    def test_for_nothing_is_refused(self, api: httpx.Client, campaign: Json, asked: Json) -> None:
        refused(api.get("/published-search", params=asked), 422, "input.invalid")

    def test_in_a_campaign_that_is_not_there_finds_none(self, api: httpx.Client, campaign: Json) -> None:
        refused(api.get("/published-search", params={"words": "x", "campaign_id": 99}), 404, "not_found")

    def test_takes_only_its_own_cursors(self, api: httpx.Client, campaign: Json) -> None:
        refused(api.get("/published-search", params={"words": "x", "cursor": "abc"}), 400, "cursor.invalid")


class TestOneDelivery:
    def test_is_taken_back_and_its_record_stays(self, api: httpx.Client, house: House, tick: Tick, out: Json) -> None:
        asked = ok(api.post(f"/deliveries/{out['id']}/withdraw", json=REASON))
        assert (asked["state"], asked["read_back"]) == ("withdrawing", None)
        assert asked["withdrawal"]["reason"] == "The number is wrong."
        assert asked["withdrawal"]["asked_by"]
        assert asked["withdrawal"]["next_try"]
        done = again(api, tick, out)
        assert (done["state"], house.feed.list()) == ("withdrawn", [])
        assert done["withdrawal"]["withdrawn"]
        assert done["withdrawal"]["by_hand"] is None
        assert done["parts"] == out["parts"]
        assert done["attempts"][0]["part_results"][0]["retracted"]
        refused(api.post(f"/deliveries/{out['id']}/withdraw", json=REASON), 409, "delivery.state_refused")

    @pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": " "}, {"reason": 5}, {"reason": "x", "more": 1}])
    def test_needs_a_reason(self, api: httpx.Client, out: Json, body: Json) -> None:
        refused(api.post(f"/deliveries/{out['id']}/withdraw", json=body), 422, "validation.failed")

    def test_that_is_not_out_is_not_taken_back(self, api: httpx.Client, deliveries: list[Json]) -> None:
        address = f"/deliveries/{deliveries[1]['id']}"
        for step, body in (("withdraw", REASON), ("withdraw-and-correct", REASON), ("withdrawn-by-hand", {})):
            refused(api.post(f"{address}/{step}", json=body), 409, "delivery.state_refused")
        refused(api.post(f"{address}/withdraw-again"), 409, "delivery.state_refused")

    def test_that_is_not_there_is_not_found(self, api: httpx.Client, campaign: Json) -> None:
        for step, body in (("withdraw", REASON), ("withdraw-and-correct", REASON), ("withdrawn-by-hand", {})):
            refused(api.post(f"/deliveries/999/{step}", json=body), 404, "not_found")
        refused(api.post("/deliveries/999/withdraw-again"), 404, "not_found")

    def test_is_read_back_two_minutes_after_it_went_out(self, api: httpx.Client, tick: Tick, out: Json) -> None:
        assert out["read_back"]["result"] is None
        assert out["read_back"]["next_look"]["utc"] == later(out, 2).replace("+00:00", "Z")
        done = again(api, tick, out, 3)
        assert done["read_back"] == {"result": "same", "detail": None, "next_look": None}


class TestByHand:
    @pytest.fixture
    def by_link(self, api: httpx.Client, house: House, first: Json, tick: Tick) -> Json:
        """A delivery in doubt of which a person said where it stands."""
        with house.read() as scope:
            house.platforms.faults.plan(f"{scope.organization_id}/bluesky", Fault.UNKNOWN_FOR_GOOD)
        address = f"/deliveries/{first['id']}"
        for minutes in range(0, 120, 2):
            tick(later(first, minutes))
            if ok(api.get(address))["state"] == "needs_review":
                break
        url = "https://bsky.example/profile/agency/post/1"
        ok(api.post(f"{address}/resolve-review", json={"decision": "went_out", "url": url}))
        row: Json = ok(api.post(f"{address}/withdraw", json=REASON))
        assert url in row["withdrawal"]["by_hand"]
        assert row["withdrawal"]["next_try"] is None
        return row

    def test_it_waits_for_a_person_on_the_start_page_until_it_is_gone(
        self, api: httpx.Client, site: httpx.Client, by_link: Json
    ) -> None:
        address = f"/deliveries/{by_link['id']}"
        link = f'href="/api/v1{address}"'
        assert link in site.get("/").text
        ok(api.post(f"{address}/withdrawn-by-hand", json={"gone": False, "detail": "The page is closed."}))
        page = site.get("/").text
        assert link in page
        assert "withdraw failed" in page
        ok(api.post(f"{address}/withdrawn-by-hand", json={}))
        assert link not in site.get("/").text

    def test_it_is_gone_when_a_person_says_so(self, api: httpx.Client, by_link: Json) -> None:
        done = ok(api.post(f"/deliveries/{by_link['id']}/withdrawn-by-hand", json={}))
        assert (done["state"], done["state_reason"]) == ("withdrawn", "withdraw.confirmed")

    def test_it_stays_when_a_person_says_why(self, api: httpx.Client, by_link: Json) -> None:
        address = f"/deliveries/{by_link['id']}"
        refused(api.post(f"{address}/withdrawn-by-hand", json={"gone": False}), 422, "validation.failed")
        refused(api.post(f"{address}/withdrawn-by-hand", json={"detail": "why"}), 422, "validation.failed")
        stays = ok(api.post(f"{address}/withdrawn-by-hand", json={"gone": False, "detail": "no access"}))
        assert stays["state_detail"].startswith("no access. Still out: ")
        stays = ok(api.post(f"{address}/withdrawn-by-hand", json={"gone": False, "detail": "The page is closed."}))
        assert stays["state"] == "withdraw_failed"
        assert "The page is closed." in stays["withdrawal"]["by_hand"]
        assert ok(api.post(f"{address}/withdraw-again"))["state"] == "withdrawing"


class TestMany:
    def test_are_taken_back_each_with_its_own_answer(
        self, api: httpx.Client, out: Json, deliveries: list[Json]
    ) -> None:
        ahead = deliveries[1]["id"]
        body = REASON | {"delivery_ids": [999, out["id"], ahead, out["id"]]}
        items = ok(api.post("/withdrawals", json=body))["items"]
        assert [(one["delivery_id"], one["state"]) for one in items] == [
            (999, None),
            (out["id"], "withdrawing"),
            (ahead, "scheduled"),
        ]
        assert [one["problem"] and one["problem"]["code"] for one in items] == [
            "not_found",
            None,
            "delivery.state_refused",
        ]
        assert all(one["problem"]["hint"] for one in items if one["problem"])

    def test_asked_for_twice_are_as_good_as_once(self, api: httpx.Client, out: Json) -> None:
        body = REASON | {"delivery_ids": [out["id"]]}
        answers = [ok(api.post("/withdrawals", json=body)) for _ in range(2)]
        assert answers[0] == answers[1]

    @pytest.mark.parametrize("ids", [[], [0], ["x"], list(range(1, 1002)), None])
    def test_are_one_to_a_thousand(self, api: httpx.Client, campaign: Json, ids: object) -> None:
        refused(api.post("/withdrawals", json=REASON | {"delivery_ids": ids}), 422, "validation.failed")

    def test_of_a_thousand_that_are_not_there_each_is_answered(self, api: httpx.Client, campaign: Json) -> None:
        body = REASON | {"delivery_ids": list(range(1001, 2001)), "correct": True}
        items = ok(api.post("/withdrawals", json=body))["items"]
        assert len(items) == 1000
        assert {one["problem"]["code"] for one in items} == {"not_found"}


class TestACorrection:
    def test_is_a_draft_with_the_same_content_that_no_plan_takes_in(
        self, api: httpx.Client, out: Json, planned: Json
    ) -> None:
        old = ok(api.get(f"/posts/{out['post']['id']}"))
        done = ok(api.post(f"/deliveries/{out['id']}/withdraw-and-correct", json=REASON))
        assert done["delivery"]["state"] == "withdrawing"
        draft = ok(api.get(f"/posts/{done['draft']['id']}"))
        assert draft["key"] == f"{old['key']}-correction"
        same = ("text", "links", "week", "section", "resource", "language", "platforms", "accounts", "variants")
        assert {name: draft[name] for name in same} == {name: old[name] for name in same}
        assert draft["left_out"].startswith(f"Draft that corrects delivery {out['id']}")
        plan = ok(api.post("/campaigns/1/plan/preview"))
        assert draft["key"] in {one["post"] for one in plan["left_out"]}
        assert draft["key"] not in {one["post"] for one in plan["added"]}

    def test_is_planned_when_a_person_has_taken_it_in(self, api: httpx.Client, out: Json) -> None:
        draft = ok(api.post(f"/deliveries/{out['id']}/withdraw-and-correct", json=REASON))["draft"]
        before = ok(api.post("/campaigns/1/plan/preview"))
        ok(api.patch(f"/posts/{draft['id']}", json={"left_out": None}))
        after = ok(api.post("/campaigns/1/plan/preview"))
        assert draft["key"] not in {one["post"] for one in before["added"]}
        assert draft["key"] in {one["post"] for one in after["added"]}

    def test_is_one_for_each_post_however_many_of_its_deliveries_are_taken_back(
        self, api: httpx.Client, tick: Tick, out: Json
    ) -> None:
        made(api.post("/accounts", json={"slug": "second", "platform": "bluesky", "via": "sandbox"}))
        preview = ok(api.post("/campaigns/1/plan/preview"))
        ok(api.post("/campaigns/1/plan/commit", json={"digest": preview["digest"]}))
        rows = ok(api.get("/deliveries", params={"account": "second", "limit": 200}))["items"]
        twin = next(row for row in rows if row["post"]["id"] == out["post"]["id"])
        ok(api.post(f"/deliveries/{twin['id']}/send-now"))
        tick(later(out, 1))
        found = ok(api.get("/published-search", params={"number": "212.555.0142"}))["items"]
        ids = [hit["delivery"]["id"] for hit in found]
        assert sorted(ids) == sorted([out["id"], twin["id"]])
        answers = ok(api.post("/withdrawals", json=REASON | {"delivery_ids": ids, "correct": True}))["items"]
        assert len({one["draft"]["id"] for one in answers}) == 1
        once_more = ok(api.post(f"/deliveries/{ids[0]}/withdraw-and-correct", json=REASON))
        assert once_more["draft"] == answers[0]["draft"]

    def test_of_a_correction_is_numbered(self, api: httpx.Client, out: Json) -> None:
        draft = ok(api.post(f"/deliveries/{out['id']}/withdraw-and-correct", json=REASON))["draft"]
        ok(api.patch(f"/posts/{draft['id']}", json={"left_out": None}))
        second = ok(api.post(f"/deliveries/{out['id']}/withdraw-and-correct", json=REASON))["draft"]
        assert second["key"] == f"{out['post']['key']}-correction-2"
