"""The same thing done to many rows, as a client of the API does it: each wholly or not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import httpx
import pytest
from api_client import Json, made, ok, refused
from sqlalchemy import select, update

from app.bootstrap import House
from app.models import Alert, AuditEvent, Delivery, DeliveryEvent, Post

Tick = Callable[[str], None]


def bulk(api: httpx.Client, noun: str, action: str, ids: list[int], **values: object) -> list[Json]:
    items: list[Json] = ok(api.post(f"/{noun}/bulk", json={"action": action, "ids": ids, **values}))["items"]
    assert [item["id"] for item in items] == list(dict.fromkeys(ids))
    return items


def codes(items: list[Json]) -> list[str | None]:
    return [item["problem"] and item["problem"]["code"] for item in items]


def put(house: House, row_id: int, **values: object) -> None:
    with house.database.write() as session:
        session.execute(update(Delivery).where(Delivery.id == row_id).values(**values))


class TestManyDeliveries:
    def test_are_moved_each_by_so_much(self, api: httpx.Client, deliveries: list[Json]) -> None:
        ids = [row["id"] for row in deliveries]
        items = bulk(api, "deliveries", "reschedule", ids[::-1], shift_minutes=90)
        assert {item["state"] for item in items} == {"scheduled"}
        for row in deliveries:
            after = ok(api.get(f"/deliveries/{row['id']}"))["due"]["utc"]
            due = datetime.fromisoformat(row["due"]["utc"]) + timedelta(minutes=90)
            assert datetime.fromisoformat(after) == due

    def test_are_moved_to_one_time(self, api: httpx.Client, deliveries: list[Json]) -> None:
        ids = [row["id"] for row in deliveries[:3]]
        bulk(api, "deliveries", "reschedule", ids, due_at="2027-01-12T09:00:00-05:00")
        page = ok(api.get("/deliveries", params={"from": "2027-01-12T14:00:00Z", "to": "2027-01-12T14:00:01Z"}))
        assert {row["id"] for row in page["items"]} >= set(ids)

    def test_are_changed_each_by_itself(self, api: httpx.Client, deliveries: list[Json], house: House) -> None:
        first, second, third = (row["id"] for row in deliveries[:3])
        put(house, second, state="published")
        items = bulk(api, "deliveries", "cancel", [third, 999_999, second, first, third], reason="Not ours.")
        assert codes(items) == [None, "not_found", "delivery.state_refused", None]
        assert [item["state"] for item in items] == ["cancelled", None, "published", "cancelled"]
        assert ok(api.get(f"/deliveries/{first}"))["state_detail"] == "Not ours."
        # What was refused has left no trace.
        with house.database.read() as session:
            events = session.scalars(select(DeliveryEvent).where(DeliveryEvent.delivery_id == second)).all()
        assert [event.to_state for event in events] == []

    def test_are_tried_again_and_sent_now(self, api: httpx.Client, deliveries: list[Json], house: House) -> None:
        first, second = (row["id"] for row in deliveries[:2])
        put(house, first, state="failed")
        assert codes(bulk(api, "deliveries", "retry", [first, second])) == [None, "delivery.state_refused"]
        assert codes(bulk(api, "deliveries", "send_now", [second])) == [None]
        assert ok(api.get(f"/deliveries/{second}"))["due"]["utc"] == "2026-12-01T12:00:00Z"

    @pytest.mark.parametrize(
        "body",
        [
            {"action": "reschedule", "ids": [1]},
            {"action": "reschedule", "ids": [1], "due_at": "2027-01-12T09:00:00Z", "shift_minutes": 5},
            {"action": "reschedule", "ids": [1], "shift_minutes": 10**12},
            {"action": "cancel", "ids": [1], "shift_minutes": 5},
            {"action": "retry", "ids": [1], "reason": "x"},
            {"action": "publish", "ids": [1]},
            {"action": "retry", "ids": []},
            {"action": "retry", "ids": [0]},
            {"action": "retry", "ids": list(range(1, 1002))},
        ],
    )
    def test_are_not_changed_by_what_makes_no_sense(self, api: httpx.Client, planned: Json, body: Json) -> None:
        refused(api.post("/deliveries/bulk", json=body), 422, "validation.failed")

    def test_into_the_past_is_refused_for_each(self, api: httpx.Client, deliveries: list[Json]) -> None:
        items = bulk(api, "deliveries", "reschedule", [deliveries[0]["id"]], due_at="2026-01-01T00:00:00Z")
        assert codes(items) == ["input.invalid"]


class TestManyPosts:
    def test_are_left_out_and_taken_in(self, api: httpx.Client, campaign: Json) -> None:
        assert {i["state"] for i in bulk(api, "posts", "leave_out", [2, 3], reason="Not for us.")} == {"left_out"}
        assert ok(api.get("/posts/2"))["left_out"] == "Not for us."
        listed = ok(api.get("/posts", params={"campaign_id": 1, "left_out": True}))["items"]
        assert {row["id"] for row in listed} >= {2, 3}
        assert {i["state"] for i in bulk(api, "posts", "take_in", [3, 2])} == {"planned"}
        assert ok(api.get("/posts/2"))["left_out"] is None

    def test_get_a_week_each_by_itself(self, api: httpx.Client, campaign: Json) -> None:
        before = ok(api.get("/posts/3"))
        assert codes(bulk(api, "posts", "set_week", [2, 999_999], week=3)) == [None, "not_found"]
        assert codes(bulk(api, "posts", "set_week", [2, 3], week=9)) == ["input.invalid"] * 2
        assert (ok(api.get("/posts/2"))["week"], ok(api.get("/posts/3"))) == (3, before)

    def test_get_and_lose_networks(self, api: httpx.Client, campaign: Json) -> None:
        ok(api.patch("/posts/2", json={"platforms": ["x"]}))
        bulk(api, "posts", "add_platforms", [2], platforms=["mastodon", "x"])
        assert ok(api.get("/posts/2"))["platforms"] == ["x", "mastodon"]
        items = bulk(api, "posts", "remove_platforms", [2, 3], platforms=["x"])
        assert codes(items) == [None, "conflict"]
        assert ok(api.get("/posts/2"))["platforms"] == ["mastodon"]
        assert codes(bulk(api, "posts", "remove_platforms", [2], platforms=["mastodon"])) == ["conflict"]
        body = {"action": "add_platforms", "ids": [2], "platforms": ["nowhere"]}
        refused(api.post("/posts/bulk", json=body), 422, "platform.unknown")

    def test_raise_the_version_of_what_was_changed_only(self, api: httpx.Client, campaign: Json) -> None:
        bulk(api, "posts", "take_in", [2])
        assert ok(api.get("/posts/2"))["version"] == 1
        bulk(api, "posts", "set_week", [2], week=4)
        assert ok(api.get("/posts/2"))["version"] == 2

    @pytest.mark.parametrize(
        "body",
        [
            {"action": "leave_out", "ids": [2]},
            {"action": "set_week", "ids": [2]},
            {"action": "add_platforms", "ids": [2]},
            {"action": "delete", "ids": [2], "reason": "x"},
            {"action": "take_in", "ids": [2], "week": 1},
        ],
    )
    def test_are_not_changed_by_what_makes_no_sense(self, api: httpx.Client, campaign: Json, body: Json) -> None:
        refused(api.post("/posts/bulk", json=body), 422, "validation.failed")


class TestDeletingPosts:
    def test_takes_what_was_planned_of_them_along(
        self, api: httpx.Client, deliveries: list[Json], house: House
    ) -> None:
        post = deliveries[0]["post"]["id"]
        assert api.delete(f"/posts/{post}").status_code == 204
        refused(api.get(f"/posts/{post}"), 404, "not_found")
        refused(api.get(f"/deliveries/{deliveries[0]['id']}"), 404, "not_found")
        refused(api.delete(f"/posts/{post}"), 404, "not_found")

    def test_closes_alerts_of_what_was_planned(self, api: httpx.Client, deliveries: list[Json], house: House) -> None:
        row = deliveries[0]
        put(house, row["id"], state="missed")
        house.alerting.derive()
        api.delete(f"/posts/{row['post']['id']}")
        with house.database.read() as session:
            (alert,) = session.scalars(select(Alert).where(Alert.delivery_id == row["id"])).all()
        assert alert.closed_at is not None

    def test_that_were_attempted_is_refused(
        self, api: httpx.Client, deliveries: list[Json], house: House, tick: Tick
    ) -> None:
        row = deliveries[0]
        put(house, row["id"], handed_over_at=datetime.fromisoformat(row["due"]["utc"]))
        refused(api.delete(f"/posts/{row['post']['id']}"), 409, "conflict")
        assert codes(bulk(api, "posts", "delete", [row["post"]["id"], 1])) == ["conflict", None]
        assert ok(api.get(f"/posts/{row['post']['id']}"))["id"] == row["post"]["id"]

    def test_that_are_about_to_be_sent_is_refused(
        self, api: httpx.Client, deliveries: list[Json], house: House
    ) -> None:
        row = deliveries[0]
        due = datetime.fromisoformat(row["due"]["utc"])
        put(house, row["id"], state="sending", lease="dispatch", lease_until=due)
        refused(api.delete(f"/posts/{row['post']['id']}"), 409, "conflict")

    def test_goes_on_record_with_what_they_said(self, api: httpx.Client, campaign: Json, house: House) -> None:
        new = made(api.post("/posts", json={"campaign_id": 1, "week": 1, "text": "A text nobody wants."}))
        assert api.delete(f"/posts/{new['id']}").status_code == 204
        with house.database.read() as session:
            query = select(AuditEvent).where(AuditEvent.subject == "post", AuditEvent.subject_id == new["id"])
            last = session.scalars(query.order_by(AuditEvent.id.desc())).first()
            assert session.get(Post, new["id"]) is None
        assert last is not None
        assert (last.action, (last.before or {})["text"]) == ("removed", "A text nobody wants.")
