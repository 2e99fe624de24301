"""What the two databases could take differently."""

from __future__ import annotations

import threading
from pathlib import Path

import httpx
import pytest
from api_client import commit, made, ok, refused
from sqlalchemy import update

from app.bootstrap import House
from app.models import Delivery
from app.packs.reading import read_pack

OTHER_PACK = Path(__file__).parents[2] / "fixtures" / "packs" / "agua-segura.yaml"


def test_a_campaign_is_made_planned_and_paged(api_on_each: httpx.Client) -> None:
    api = api_on_each
    campaign = made(api.post("/campaigns", json={"year": 2027}))
    made(api.post("/accounts", json={"slug": "bluesky", "platform": "bluesky", "via": "sandbox"}))
    done = commit(api, campaign["id"])

    seen: list[int] = []
    params: dict[str, object] = {"limit": 10}
    while True:
        page = ok(api.get("/deliveries", params=params))
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
    assert len(seen) == len(set(seen)) == done["added"]


def test_accounts_and_posts_are_paged_by_text_and_number(api_on_each: httpx.Client) -> None:
    api = api_on_each
    for slug in ("b-2", "b1", "a_1", "a"):
        made(api.post("/accounts", json={"slug": slug, "platform": "x", "via": "sandbox"}))
    seen: list[str] = []
    params: dict[str, object] = {"limit": 1}
    while True:
        page = ok(api.get("/accounts", params=params))
        seen += [item["slug"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
    assert sorted(seen) == ["a", "a_1", "b-2", "b1"]


@pytest.mark.parametrize("bad", ["a\u0000b", "\u0000"])
def test_text_that_a_database_cannot_keep_is_refused_everywhere(api_on_each: httpx.Client, bad: str) -> None:
    api = api_on_each
    campaign = made(api.post("/campaigns", json={"year": 2027}))["id"]
    confirm = {"facts": [bad], "by": "A", "method": "called"}
    for method, address, body in (
        ("POST", "/campaigns", {"name": bad}),
        ("POST", "/campaigns", {"pack": bad}),
        ("POST", "/campaigns", {"time_zone": bad}),
        ("POST", "/campaigns", {"pack_document": {"key": bad}}),
        ("PATCH", f"/campaigns/{campaign}", {"name": bad}),
        ("PUT", f"/campaigns/{campaign}/fill-ins", {"values": {bad: "x"}}),
        ("POST", f"/campaigns/{campaign}/contact-confirmations", confirm),
        ("POST", f"/campaigns/{campaign}/pause", {"reason": bad}),
        ("POST", f"/campaigns/{campaign}/plan/commit", {"digest": bad}),
        ("POST", "/posts", {"campaign_id": campaign, "week": 1, "text": bad}),
        ("POST", "/accounts", {"slug": bad, "platform": "x", "via": "sandbox"}),
    ):
        refused(api.request(method, address, json=body), 422, "validation.failed")
    for address in ("/deliveries", "/posts", "/campaigns", "/accounts"):
        params = {"account": bad, "language": bad, "cursor": bad, "campaign_id": campaign}
        assert api.get(address, params=params).status_code in (400, 422)


def test_of_two_that_take_the_same_name_at_once_one_is_told_so(api_on_each: httpx.Client) -> None:
    statuses: list[int] = []

    def add() -> None:
        body = {"slug": "same", "platform": "x", "via": "sandbox"}
        statuses.append(api_on_each.post("/accounts", json=body).status_code)

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201, *[409] * 7]


def test_every_field_of_a_pack_is_kept_at_its_longest(api_on_each: httpx.Client) -> None:
    api = api_on_each
    pack = read_pack(OTHER_PACK).model_dump(mode="json")
    pack |= {"key": "k" * 80, "title": "T" * 1000, "version": "v" * 1000}
    pack["posts"][0] |= {"key": "p" * 80, "section": "S" * 1000, "resource": "R" * 1000}
    pack["contact"]["claims"] = [{"key": "c" * 80, "value": "V" * 1000}]

    campaign = made(api.post("/campaigns", json={"pack_document": pack, "year": 2027}))
    assert (campaign["slug"], campaign["name"]) == (f"{'k' * 80}-2027", f"{'T' * 1000} 2027")
    confirm = {"facts": ["c" * 80], "by": "Reviewer on duty", "method": "called"}
    made(api.post(f"/campaigns/{campaign['id']}/contact-confirmations", json=confirm))
    assert "c" * 80 not in ok(api.get(f"/campaigns/{campaign['id']}"))["open_contact_facts"]

    post = ok(api.get("/posts", params={"campaign_id": campaign["id"], "limit": 1}))["items"][0]
    assert (post["key"], post["section"], post["resource"]) == ("p" * 80, "S" * 1000, "R" * 1000)
    given = {name: post[name] for name in ("section", "resource", "text", "links", "pins")}
    assert ok(api.patch(f"/posts/{post['id']}", json=given))["section"] == post["section"]


def test_a_name_longer_than_its_column_is_refused(api_on_each: httpx.Client) -> None:
    refused(api_on_each.post("/campaigns", json={"name": "x" * 201}), 422, "validation.failed")


class TestTakingBack:
    """Many deliveries at once, some of them not to be taken back, with one draft for each post."""

    @pytest.fixture
    def ids(self, api_on_each: httpx.Client, house_on_each: House) -> list[int]:
        api = api_on_each
        campaign = made(api.post("/campaigns", json={"year": 2027}))
        made(api.post("/accounts", json={"slug": "bluesky", "platform": "bluesky", "via": "sandbox"}))
        commit(api, campaign["id"])
        with house_on_each.write() as scope:
            # As a person said it of them: out at an address.
            out = update(Delivery).values(state="published", remote_url="https://example.org/1")
            ids = list(scope.session.scalars(scope.query(Delivery).with_only_columns(Delivery.id)))
            scope.session.execute(out.where(Delivery.id.in_(ids[:-1])))
        return sorted(ids)

    def test_is_whole_for_each(self, api_on_each: httpx.Client, ids: list[int]) -> None:
        body = {"delivery_ids": ids, "reason": "A wrong number.", "correct": True}
        answers = ok(api_on_each.post("/withdrawals", json=body, timeout=60))["items"]
        refused_ones = [one for one in answers if one["problem"]]
        assert len(refused_ones) == 1
        assert refused_ones[0]["state"] == "scheduled"
        assert {one["state"] for one in answers if not one["problem"]} == {"withdrawing"}
        drafts = {one["draft"]["id"] for one in answers if one["draft"]}
        rows = ok(api_on_each.get("/deliveries", params={"limit": 200, "state": "withdrawing"}))["items"]
        posts = {row["post"]["id"] for row in rows}
        assert len(rows) == len(ids) - 1
        assert len(drafts) == len(posts)
        assert posts.isdisjoint(drafts)

    def test_is_done_once_where_two_ask_at_the_same_time(self, api_on_each: httpx.Client, ids: list[int]) -> None:
        statuses: list[int] = []

        def ask(order: list[int]) -> None:
            body = {"delivery_ids": order, "reason": "A wrong number.", "correct": True}
            statuses.append(api_on_each.post("/withdrawals", json=body, timeout=60).status_code)

        askers = [threading.Thread(target=ask, args=(order,)) for order in (ids, ids[::-1])]
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join()
        assert statuses == [200, 200]
        events = ok(api_on_each.get(f"/deliveries/{ids[0]}"))["events"]
        assert [event["reason"] for event in events].count("withdraw.asked") == 1
