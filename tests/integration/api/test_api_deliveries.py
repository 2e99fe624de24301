from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from api_client import Json, commit, made, ok, refused

Tick = Callable[[str], None]


def all_pages(api: httpx.Client, **params: object) -> list[Json]:
    items: list[Json] = []
    cursor: str | None = None
    while True:
        page = ok(api.get("/deliveries", params={**params, **({"cursor": cursor} if cursor else {})}))
        items += page["items"]
        if (cursor := page["next_cursor"]) is None:
            return items


class TestListingDeliveries:
    def test_pages_follow_time_and_leave_nothing_out(self, api: httpx.Client, planned: Json) -> None:
        items = all_pages(api, limit=7)
        due = [item["due"]["utc"] for item in items]
        assert due == sorted(due)
        assert len({item["id"] for item in items}) == len(items) == len(all_pages(api, limit=200))

    def test_a_row_that_comes_in_between_pages_neither_repeats_nor_hides_others(
        self, api: httpx.Client, deliveries: list[Json]
    ) -> None:
        first = ok(api.get("/deliveries", params={"limit": 5}))
        ok(api.post(f"/deliveries/{deliveries[20]['id']}/reschedule", json={"due_at": "2026-12-02T00:00:00Z"}))
        rest = all_pages(api, limit=200, cursor=first["next_cursor"])
        seen = [item["id"] for item in first["items"] + rest]
        assert len(seen) == len(set(seen))
        assert set(seen) >= {item["id"] for item in deliveries} - {deliveries[20]["id"]}

    def test_they_can_be_narrowed(self, api: httpx.Client, planned: Json) -> None:
        everything = all_pages(api, limit=200)
        week = all_pages(api, week=2, state=["scheduled", "held"], account="bluesky", campaign_id=planned["id"])
        assert [item["id"] for item in week] == [item["id"] for item in everything if item["week"] == 2]
        assert all_pages(api, state="published") == []

    def test_a_span_of_time_is_half_open_and_knows_offsets(self, api: httpx.Client, deliveries: list[Json]) -> None:
        first, second = deliveries[0]["due"]["utc"], deliveries[1]["due"]["local"]
        found = all_pages(api, **{"from": first, "to": second})
        assert [item["id"] for item in found] == [deliveries[0]["id"]]

    @pytest.mark.parametrize(
        "instant", ["2027-01-01T09:00:00", "2027-01-01", "1767200000", "soon", "0001-01-01T00:00:00+14:00"]
    )
    def test_a_time_without_an_offset_is_refused_with_how_to_write_one(
        self, api: httpx.Client, planned: Json, instant: str
    ) -> None:
        problem = refused(api.get("/deliveries", params={"from": instant}), 422, "validation.failed")
        assert problem["errors"][0]["field"] == "from"

    def test_the_message_of_a_naive_time_says_what_is_missing(self, api: httpx.Client) -> None:
        problem = refused(api.get("/deliveries", params={"to": "2027-01-01T09:00:00"}), 422, "validation.failed")
        assert "offset" in problem["detail"]

    @pytest.mark.parametrize(
        ("params", "status", "code"),
        [
            ({"state": "lost"}, 422, "validation.failed"),
            ({"limit": 0}, 422, "validation.failed"),
            ({"limit": 201}, 422, "validation.failed"),
            ({"week": -1}, 422, "validation.failed"),
            ({"campaign_id": 2**64}, 422, "validation.failed"),
            ({"campaign_id": 99}, 404, "not_found"),
            ({"account": "nobody"}, 422, "input.invalid"),
            ({"from": "2027-01-02T00:00:00Z", "to": "2027-01-01T00:00:00Z"}, 422, "input.invalid"),
            ({"cursor": "nonsense"}, 400, "cursor.invalid"),
            ({"cursor": "WzEsMl0"}, 200, ""),
            ({"cursor": "WzEsMiwzXQ"}, 400, "cursor.invalid"),
            ({"cursor": "WyJhIiwxXQ"}, 400, "cursor.invalid"),
            ({"cursor": "WzFlOTk5LDFd"}, 400, "cursor.invalid"),
            ({"cursor": "\ud7ff\u0000"}, 400, "cursor.invalid"),
        ],
    )
    def test_bad_parameters_are_refused(
        self, api: httpx.Client, planned: Json, params: Json, status: int, code: str
    ) -> None:
        response = api.get("/deliveries", params=params)
        if status == 200:
            ok(response)
        else:
            refused(response, status, code)


class TestReadingADelivery:
    def test_before_any_attempt_it_shows_what_would_go_out(self, api: httpx.Client, deliveries: list[Json]) -> None:
        detail = ok(api.get(f"/deliveries/{deliveries[0]['id']}"))
        assert (detail["state"], detail["composed_now"], detail["attempts"]) == ("scheduled", True, [])
        assert detail["parts"]
        assert all(set(part) == {"text", "length"} for part in detail["parts"])

    def test_once_out_it_shows_attempts_parts_and_events(
        self, api: httpx.Client, deliveries: list[Json], tick: Tick
    ) -> None:
        tick(deliveries[0]["due"]["utc"])
        detail = ok(api.get(f"/deliveries/{deliveries[0]['id']}"))

        assert (detail["state"], detail["composed_now"]) == ("published", False)
        (attempt,) = detail["attempts"]
        assert (attempt["outcome"], attempt["parts"]) == ("published", detail["parts"])
        assert attempt["part_results"][0]["outcome"] == "published"
        assert detail["url"].startswith("/sandbox?post=")
        assert detail["published"]["utc"] == detail["due"]["utc"]
        assert [event["to_state"] for event in detail["events"]][-1] == "published"

    @pytest.mark.parametrize("row", ["999", str(2**70), "x"])
    def test_an_id_that_nothing_has_is_not_found(self, api: httpx.Client, row: str) -> None:
        refused(api.get(f"/deliveries/{row}"), 404, "not_found")


class TestMovingADelivery:
    def test_it_gets_a_new_time(self, api: httpx.Client, deliveries: list[Json]) -> None:
        body = {"due_at": "2027-01-05T10:15:00-05:00"}
        moved = ok(api.post(f"/deliveries/{deliveries[0]['id']}/reschedule", json=body))
        assert moved["due"] == {"utc": "2027-01-05T15:15:00Z", "local": "2027-01-05T10:15:00-05:00"}

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ({}, "validation.failed"),
            ({"due_at": "2027-01-05T10:15:00"}, "validation.failed"),
            ({"due_at": 1_800_000_000}, "validation.failed"),
            ({"due_at": "2026-11-01T00:00:00Z"}, "input.invalid"),
        ],
    )
    def test_a_time_that_is_past_or_unclear_is_refused(
        self, api: httpx.Client, deliveries: list[Json], body: Json, code: str
    ) -> None:
        refused(api.post(f"/deliveries/{deliveries[0]['id']}/reschedule", json=body), 422, code)
        assert ok(api.get(f"/deliveries/{deliveries[0]['id']}"))["due"] == deliveries[0]["due"]

    def test_what_is_out_cannot_be_moved(self, api: httpx.Client, deliveries: list[Json], tick: Tick) -> None:
        tick(deliveries[0]["due"]["utc"])
        body = {"due_at": "2027-01-20T10:00:00Z"}
        refused(api.post(f"/deliveries/{deliveries[0]['id']}/reschedule", json=body), 409, "delivery.state_refused")


class TestCancellingADelivery:
    def test_the_reason_is_kept(self, api: httpx.Client, deliveries: list[Json]) -> None:
        address = f"/deliveries/{deliveries[0]['id']}"
        cancelled = ok(api.post(f"{address}/cancel", json={"reason": "The resource was withdrawn."}))
        assert (cancelled["state"], cancelled["state_detail"]) == ("cancelled", "The resource was withdrawn.")
        assert "The resource was withdrawn." in [event["detail"] for event in ok(api.get(address))["events"]]

    def test_it_stays_cancelled_when_planned_again(
        self, api: httpx.Client, planned: Json, deliveries: list[Json]
    ) -> None:
        ok(api.post(f"/deliveries/{deliveries[0]['id']}/cancel"))
        commit(api, planned["id"])
        assert ok(api.get(f"/deliveries/{deliveries[0]['id']}"))["state"] == "cancelled"

    def test_it_is_final(self, api: httpx.Client, deliveries: list[Json]) -> None:
        address = f"/deliveries/{deliveries[0]['id']}"
        ok(api.post(f"{address}/cancel"))
        for step in ("cancel", "retry", "send-now"):
            refused(api.post(f"{address}/{step}"), 409, "delivery.state_refused")

    def test_a_reason_that_is_no_text_is_refused(self, api: httpx.Client, deliveries: list[Json]) -> None:
        address = f"/deliveries/{deliveries[0]['id']}/cancel"
        for reason in ("", "x" * 501, 7, "a\u0000"):
            refused(api.post(address, json={"reason": reason}), 422, "validation.failed")


class TestSendingADelivery:
    def test_now_makes_it_due_now(self, api: httpx.Client, deliveries: list[Json], tick: Tick) -> None:
        address = f"/deliveries/{deliveries[9]['id']}"
        assert ok(api.post(f"{address}/send-now"))["due"]["utc"] == "2026-12-01T12:00:00Z"
        tick("2026-12-01T12:00:00+00:00")
        assert ok(api.get(address))["state"] == "published"

    def test_again_brings_back_what_was_missed(self, api: httpx.Client, deliveries: list[Json], tick: Tick) -> None:
        tick("2027-01-02T12:00:00+00:00")
        address = f"/deliveries/{deliveries[0]['id']}"
        assert ok(api.get(address))["state"] == "missed"
        assert ok(api.post(f"{address}/retry"))["state"] == "scheduled"

    def test_what_waits_for_its_time_cannot_be_tried_again(self, api: httpx.Client, deliveries: list[Json]) -> None:
        refused(api.post(f"/deliveries/{deliveries[0]['id']}/retry"), 409, "delivery.state_refused")


class TestPostingByHand:
    @pytest.fixture
    def handed_over(self, api: httpx.Client, campaign: Json, tick: Tick, approve_all: Callable[[], None]) -> Json:
        body = {"slug": "page", "platform": "facebook", "via": "by_hand", "person": "Who posts"}
        made(api.post("/accounts", json=body))
        confirm = {"facts": campaign["open_contact_facts"], "by": "Reviewer on duty", "method": "called"}
        made(api.post(f"/campaigns/{campaign['id']}/contact-confirmations", json=confirm))
        commit(api, campaign["id"])
        approve_all()
        first = ok(api.get("/deliveries", params={"limit": 1}))["items"][0]
        tick(first["due"]["utc"])
        return ok(api.get(f"/deliveries/{first['id']}"))

    def test_the_text_is_there_to_copy_and_the_link_records_it(self, api: httpx.Client, handed_over: Json) -> None:
        assert (handed_over["state"], handed_over["handed_over_to"]) == ("handed_over", "Who posts")
        assert handed_over["parts"][0]["text"]

        url = "https://www.facebook.com/agency/posts/1"
        done = ok(api.post(f"/deliveries/{handed_over['id']}/posted-by-hand", json={"url": url}))
        assert (done["state"], done["url"]) == ("published", url)

    @pytest.mark.parametrize("url", ["", "facebook.com/x", "javascript:alert(1)", "https://x y", None])
    def test_a_link_that_is_none_is_refused(self, api: httpx.Client, handed_over: Json, url: object) -> None:
        address = f"/deliveries/{handed_over['id']}/posted-by-hand"
        refused(api.post(address, json={"url": url}), 422, "validation.failed")

    def test_what_was_not_handed_over_cannot_be_confirmed(self, api: httpx.Client, deliveries: list[Json]) -> None:
        address = f"/deliveries/{deliveries[0]['id']}/posted-by-hand"
        refused(api.post(address, json={"url": "https://example.com/1"}), 409, "delivery.state_refused")


class TestResolvingAReview:
    @pytest.mark.parametrize("decision", ["went_out", "send_again", "send_rest"])
    def test_what_needs_no_review_is_refused(self, api: httpx.Client, deliveries: list[Json], decision: str) -> None:
        address = f"/deliveries/{deliveries[0]['id']}/resolve-review"
        refused(api.post(address, json={"decision": decision}), 409, "delivery.state_refused")

    @pytest.mark.parametrize(
        "body", [{}, {"decision": "guess"}, {"decision": "send_again", "url": "https://example.com"}]
    )
    def test_a_decision_that_is_none_is_refused(self, api: httpx.Client, deliveries: list[Json], body: Json) -> None:
        address = f"/deliveries/{deliveries[0]['id']}/resolve-review"
        refused(api.post(address, json=body), 422, "validation.failed")


class TestUnknownDeliveries:
    @pytest.mark.parametrize(
        ("step", "body"),
        [
            ("reschedule", {"due_at": "2027-01-05T10:00:00Z"}),
            ("cancel", {}),
            ("retry", {}),
            ("send-now", {}),
            ("posted-by-hand", {"url": "https://example.com/1"}),
            ("resolve-review", {"decision": "send_again"}),
        ],
    )
    def test_no_step_finds_them(self, api: httpx.Client, step: str, body: Json) -> None:
        refused(api.post(f"/deliveries/12345/{step}", json=body), 404, "not_found")
