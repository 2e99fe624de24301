"""Lists as a client of the API asks for them: filtered, in an order, page after page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from api_client import Json, commit, made, ok, refused
from sqlalchemy import update

from app.bootstrap import House
from app.models import Campaign, Delivery, Post


def all_of(api: httpx.Client, noun: str, limit: int = 7, **params: Any) -> list[Json]:
    """Return a whole list, page after page."""
    found: list[Json] = []
    cursor: dict[str, str] = {}
    while True:
        page = ok(api.get(f"/{noun}", params={"limit": limit, **params, **cursor}))
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}


def ids(rows: list[Json]) -> list[int]:
    return [row["id"] for row in rows]


@pytest.fixture
def many(api: httpx.Client, planned: Json, house: House) -> list[Json]:
    """Deliveries on three accounts of two networks, in several states, changed at several times; by their times."""
    for slug, platform in (("second", "bluesky"), ("toots", "mastodon")):
        made(api.post("/accounts", json={"slug": slug, "platform": platform, "via": "sandbox"}))
    commit(api, 1)
    states = ("scheduled", "missed", "blocked", "held")
    with house.database.write() as session:
        for number in range(1, 200):
            since = datetime(2026, 12, 1, 12, tzinfo=UTC) + timedelta(minutes=number * 37 % 50)
            values = {"state": states[number % 4], "state_since": since, "state_reason": f"test.{number % 3}"}
            session.execute(update(Delivery).where(Delivery.id == number).values(**values))
    return all_of(api, "deliveries", 200)


class TestDeliveries:
    @pytest.mark.parametrize(
        ("params", "fits"),
        [
            ({"state": ["missed"]}, lambda row: row["state"] == "missed"),
            ({"state": ["missed", "held", "blocked"]}, lambda row: row["state"] in {"missed", "held", "blocked"}),
            ({"platform": "bluesky"}, lambda row: row["platform"] == "bluesky"),
            ({"platform": "bluesky", "state": ["missed", "held"]}, lambda row: row["platform"] == "bluesky"
             and row["state"] in {"missed", "held"}),
            ({"platform": "mastodon", "account": "second"}, lambda row: False),
            ({"platform": "linkedin"}, lambda row: False),
            ({"account": "second", "week": 2}, lambda row: (row["account"]["slug"], row["week"]) == ("second", 2)),
            ({"reason": "test.1"}, lambda row: row["state_reason"] == "test.1"),
            ({"post_id": 2}, lambda row: row["post"]["id"] == 2),
            ({"review_state": "draft"}, lambda row: row["post"]["id"] % 2 == 1),
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("sort", ["due", "-due", "updated", "-updated"])
    def test_are_filtered_and_ordered_page_after_page(
        self, api: httpx.Client, many: list[Json], house: House, params: Json, fits: Any, sort: str
    ) -> None:
        with house.database.write() as session:
            session.execute(update(Post).where(Post.id % 2 == 0).values(review_state="approved"))
            session.execute(update(Post).where(Post.id % 2 == 1).values(review_state="draft"))
        by = (lambda row: (row["due"]["utc"], row["id"])) if "due" in sort else (
            lambda row: (row["state_since"]["utc"], row["id"])
        )  # fmt: skip
        wanted = sorted(filter(fits, many), key=by, reverse=sort.startswith("-"))
        assert ids(all_of(api, "deliveries", sort=sort, **params)) == ids(wanted)

    def test_hide_and_repeat_nothing_when_rows_come_in_between(self, api: httpx.Client, many: list[Json]) -> None:
        first = ok(api.get("/deliveries", params={"limit": 5, "sort": "-due"}))
        moved = first["items"][0]["id"]
        ok(api.post(f"/deliveries/{moved}/reschedule", json={"due_at": "2027-12-01T00:00:00Z"}))
        second = ok(api.get("/deliveries", params={"limit": 5, "sort": "-due", "cursor": first["next_cursor"]}))
        assert ids(first["items"]) + ids(second["items"]) == ids(many[::-1][:10])

    def test_refuse_another_order_s_cursor(self, api: httpx.Client, many: list[Json]) -> None:
        cursors = {
            sort: ok(api.get("/deliveries", params={"limit": 1, "sort": sort}))["next_cursor"]
            for sort in ("due", "-due", "updated", "-updated")
        }
        for sort in cursors:
            for other, cursor in cursors.items():
                response = api.get("/deliveries", params={"limit": 1, "sort": sort, "cursor": cursor})
                if sort == other:
                    ok(response)
                else:
                    refused(response, 400, "cursor.invalid")

    @pytest.mark.parametrize(
        "params",
        [{"sort": "colour"}, {"reason": "No Code"}, {"platform": "a b"}, {"review_state": "odd"}, {"post_id": 0}],
    )
    def test_refuse_what_there_is_not(self, api: httpx.Client, planned: Json, params: Json) -> None:
        refused(api.get("/deliveries", params=params), 422, "validation.failed")


class TestPosts:
    @pytest.mark.parametrize("sort", ["position", "-position", "week", "-week", "updated", "-updated"])
    def test_are_ordered_page_after_page(self, api: httpx.Client, campaign: Json, sort: str) -> None:
        for post_id in (9, 4):
            ok(api.patch(f"/posts/{post_id}", json={"left_out": "for now"}))
        rows = all_of(api, "posts", campaign_id=1, sort=sort)
        assert len(rows) == len({row["id"] for row in rows}) == 36
        key = {"week": lambda row: row["week"], "updated": lambda row: row["updated"]["utc"]}.get(
            sort.lstrip("-"), lambda row: row["id"]
        )
        keys = [key(row) for row in rows]
        assert keys == sorted(keys, reverse=sort.startswith("-"))

    def test_are_found_by_what_they_or_a_variant_say(self, api: httpx.Client, campaign: Json) -> None:
        ok(api.patch("/posts/5", json={"text": "Look for 100%_ of the SIGNS."}))
        ok(api.patch("/posts/6", json={"variants": {"mastodon": "Only toots say zebra."}}))
        assert ids(all_of(api, "posts", campaign_id=1, text="100%_ of the signs")) == [5]
        assert ids(all_of(api, "posts", campaign_id=1, text="ZEBRA")) == [6]
        assert all_of(api, "posts", campaign_id=1, text="100_%") == []
        refused(api.get("/posts", params={"campaign_id": 1, "text": "a\0b"}), 422, "validation.failed")

    def test_are_found_by_network_review_and_whether_they_are_left_out(self, api: httpx.Client, campaign: Json) -> None:
        ok(api.patch("/posts/5", json={"platforms": ["x"]}))
        ok(api.patch("/posts/6", json={"left_out": "for now"}))
        assert 5 not in ids(all_of(api, "posts", campaign_id=1, platform="mastodon"))
        assert len(all_of(api, "posts", campaign_id=1, platform="mastodon")) == 35
        assert len(all_of(api, "posts", campaign_id=1, platform="x")) == 36
        assert 6 in ids(all_of(api, "posts", campaign_id=1, left_out=True))
        assert 6 not in ids(all_of(api, "posts", campaign_id=1, left_out=False))
        assert all_of(api, "posts", campaign_id=1, review_state="returned") == []
        refused(api.get("/posts", params={"campaign_id": 1, "platform": "nowhere"}), 422, "platform.unknown")


class TestAccountsCampaignsAndAlerts:
    def test_accounts(self, api: httpx.Client, planned: Json) -> None:
        for slug, platform in (("b", "mastodon"), ("a", "x"), ("c", "mastodon")):
            made(api.post("/accounts", json={"slug": slug, "platform": platform, "via": "sandbox"}))

        def slugs(**params: Any) -> list[str]:
            return [row["slug"] for row in all_of(api, "accounts", 1, **params)]

        assert slugs() == ["a", "b", "bluesky", "c"]
        assert slugs(sort="-slug") == ["c", "bluesky", "b", "a"]
        assert slugs(sort="platform") == ["bluesky", "b", "c", "a"]
        assert slugs(sort="-created") == ["c", "a", "b", "bluesky"]
        assert slugs(platform="mastodon", state="connected", via="sandbox") == ["b", "c"]
        assert slugs(state="needs_reconnect") == []

    def test_campaigns(self, api: httpx.Client, campaign: Json, house: House) -> None:
        made(api.post("/campaigns", json={"year": 2029, "name": "A first"}))
        made(api.post("/campaigns", json={"year": 2028, "name": "Z last"}))
        with house.database.write() as session:
            session.execute(
                update(Campaign).where(Campaign.id == 2).values(updated_at=datetime(2030, 1, 1, tzinfo=UTC))
            )
        assert ids(all_of(api, "campaigns", 1)) == [3, 2, 1]
        assert ids(all_of(api, "campaigns", 1, sort="created")) == [1, 2, 3]
        assert ids(all_of(api, "campaigns", 1, sort="year")) == [1, 3, 2]
        assert ids(all_of(api, "campaigns", 1, sort="-name")) == [3, 1, 2]
        assert ids(all_of(api, "campaigns", 1, sort="-updated"))[0] == 2
        assert ids(all_of(api, "campaigns", 1, year=2028)) == [3]
        assert all_of(api, "campaigns", 1, pack="other") == []

    def test_alerts(self, api: httpx.Client, many: list[Json], house: House) -> None:
        house.alerting.derive()
        newest = all_of(api, "alerts", 20)
        assert ids(newest) == sorted(ids(newest), reverse=True)
        assert ids(all_of(api, "alerts", 20, sort="opened")) == ids(newest)[::-1]
        mine = all_of(api, "alerts", 20, account="toots")
        assert ids(mine) == [row["id"] for row in newest if row["account"] == "toots"] != []
        one = newest[0]["delivery_id"]
        assert {row["delivery_id"] for row in all_of(api, "alerts", delivery_id=one)} == {one}
        cursor = ok(api.get("/alerts", params={"limit": 1, "sort": "opened"}))["next_cursor"]
        refused(api.get("/alerts", params={"cursor": cursor}), 400, "cursor.invalid")
