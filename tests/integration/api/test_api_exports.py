"""Exports, pack updates and urgent corrections, as a client of the API meets them."""

from __future__ import annotations

import base64
import copy

import httpx
import pytest
from api_client import Json, made, ok, refused

from app.packs.bundled import default_pack
from app.packs.reading import parse_pack

NEW_TEXT = "Housing is a need, and help is there. #Partner2Prevent"
NUMBER = {
    "pack_key": "hhs-htpm-2023",
    "kind": "number",
    "old": "1 (888) 373-7888",
    "reason": "The line has moved.",
}


class TestExports:
    @pytest.mark.parametrize(
        ("form", "media_type", "ending"),
        [
            ("pack", "application/yaml", ".yaml"),
            ("json", "application/json", ".json"),
            ("csv", "text/csv", ".csv"),
            ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"),
        ],
    )
    def test_are_downloaded_as_files(
        self, api: httpx.Client, campaign: Json, form: str, media_type: str, ending: str
    ) -> None:
        answer = api.get(f"/campaigns/{campaign['id']}/export", params={"format": form})
        assert answer.status_code == 200
        assert answer.headers["content-type"].partition(";")[0] == media_type
        name = f"{campaign['slug']}{ending}"
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
        assert (answer.headers["focusweek-rows"], answer.headers["focusweek-not-exported"]) == ("36", "0")
        if form == "pack":
            assert parse_pack(answer.text, name) == default_pack()

    def test_of_what_is_planned_tell_what_they_cannot_hold(self, api: httpx.Client, planned: Json) -> None:
        address = f"/campaigns/{planned['id']}/export"
        answer = api.get(address, params={"format": "buffer", "account": "bluesky"})
        assert answer.headers["content-disposition"].endswith('-bluesky-buffer.csv"')
        report = ok(api.get(f"{address}/report", params={"format": "buffer"}))
        assert str(report["rows"]) == answer.headers["focusweek-rows"]
        assert len(report["not_exported"]) == int(answer.headers["focusweek-not-exported"]) > 0
        assert all(one["why"] and one["due"]["utc"] for one in report["not_exported"])

    def test_of_no_format_account_or_campaign_are_refused(self, api: httpx.Client, campaign: Json) -> None:
        address = f"/campaigns/{campaign['id']}/export"
        refused(api.get(address, params={"format": "pdf"}), 422, "validation.failed")
        refused(api.get(address), 422, "validation.failed")
        refused(api.get(address, params={"format": "buffer", "account": "nobody"}), 404, "not_found")
        refused(api.get(address, params={"format": "csv", "account": "nobody"}), 422, "input.invalid")
        refused(api.get("/campaigns/99/export", params={"format": "csv"}), 404, "not_found")


class TestPackUpdates:
    @pytest.fixture
    def new(self) -> Json:
        document = default_pack().model_dump(mode="json") | {"version": "1.1"}
        document = copy.deepcopy(document)
        for post in document["posts"]:
            if post["key"] == "w2-federal-housing-programs":
                post["text"], post["links"] = NEW_TEXT, []
        return document

    def test_are_previewed_and_committed(self, api: httpx.Client, campaign: Json, new: Json) -> None:
        address = f"/campaigns/{campaign['id']}/pack-update"
        preview = ok(api.post(f"{address}/preview", json={"pack_document": new}))
        assert preview["counts"] == {"changed": 1, "unchanged": 35}
        assert [(post["key"], post["kind"]) for post in preview["posts"]] == [
            ("w2-federal-housing-programs", "changed")
        ]
        assert preview["posts"][0]["fields"][0]["theirs"]["text"] == NEW_TEXT
        done = ok(api.post(f"{address}/commit", json={"pack_document": new, "digest": preview["digest"]}))
        assert done == {"version": "1.1", "changed": 1, "added": 0, "left_out": 0, "kept": 0}
        refused(
            api.post(f"{address}/commit", json={"pack_document": new, "digest": preview["digest"]}), 409, "conflict"
        )

    def test_ask_where_both_have_changed(self, api: httpx.Client, campaign: Json, new: Json) -> None:
        rows = ok(api.get("/posts", params={"campaign_id": campaign["id"], "limit": 200}))["items"]
        row = next(row for row in rows if row["key"] == "w2-federal-housing-programs")
        ok(api.patch(f"/posts/{row['id']}", json={"text": "Ours. #Partner2Prevent", "links": []}))
        address = f"/campaigns/{campaign['id']}/pack-update"
        preview = ok(api.post(f"{address}/preview", json={"pack_document": new}))
        assert preview["counts"]["conflict"] == 1
        body = {"pack_document": new, "digest": preview["digest"]}
        problem = refused(api.post(f"{address}/commit", json=body), 422, "input.invalid")
        assert row["key"] in problem["detail"]
        ok(api.post(f"{address}/commit", json=body | {"choices": {row["key"]: "theirs"}}))
        assert ok(api.get(f"/posts/{row['id']}"))["text"] == NEW_TEXT

    def test_with_no_pack_or_a_draft_are_refused(self, api: httpx.Client, campaign: Json, new: Json) -> None:
        address = f"/campaigns/{campaign['id']}/pack-update/preview"
        refused(api.post(address, json={}), 422, "validation.failed")
        refused(api.post(address, json={"pack_document": new | {"confirmed": False}}), 422, "pack.invalid")
        refused(api.post(address, json={"pack": "no-such-pack"}), 404, "not_found")


class TestUrgentCorrections:
    def test_stop_what_is_ahead_and_are_seen_by_the_organization(self, api: httpx.Client, planned: Json) -> None:
        issued = made(api.post("/withdrawn-facts", json=NUMBER))
        (counts,) = issued["organizations"]
        assert counts["blocked"] > 20
        assert (counts["published"], counts["handed_over"], counts["replaced"]) == (0, 0, 0)
        assert issued["fact"]["done"]
        blocked = ok(api.get("/deliveries", params={"state": "blocked", "limit": 200}))["items"]
        assert len(blocked) == counts["blocked"]
        listed = ok(api.get("/withdrawn-facts"))["items"]
        assert [fact["old"] for fact in listed] == [NUMBER["old"]]
        address = f"/withdrawn-facts/{issued['fact']['id']}"
        assert ok(api.get(address)) == listed[0]
        assert ok(api.get(f"{address}/published")) == {"items": [], "next_cursor": None}

    def test_issued_twice_are_refused_and_can_be_lifted(self, api: httpx.Client, planned: Json) -> None:
        issued = made(api.post("/withdrawn-facts", json=NUMBER))
        refused(api.post("/withdrawn-facts", json=NUMBER | {"old": "8883737888"}), 409, "already_exists")
        address = f"/withdrawn-facts/{issued['fact']['id']}"
        assert api.delete(address).status_code == 204
        refused(api.delete(address), 404, "not_found")
        refused(api.get(address), 404, "not_found")
        assert ok(api.get("/deliveries", params={"state": "blocked"}))["items"] == []

    @pytest.mark.parametrize(
        "change", [{"kind": "rumour"}, {"old": ""}, {"reason": ""}, {"pack_key": "Not A Key"}, {"old": "a\x00b"}]
    )
    def test_that_are_none_are_refused(self, api: httpx.Client, campaign: Json, change: Json) -> None:
        refused(api.post("/withdrawn-facts", json=NUMBER | change), 422, "validation.failed")

    def test_of_a_pack_that_nobody_uses_are_refused(self, api: httpx.Client, campaign: Json) -> None:
        refused(api.post("/withdrawn-facts", json=NUMBER | {"pack_key": "nobodys"}), 422, "input.invalid")


class TestPackDrafts:
    def test_say_where_each_item_stands(self, api: httpx.Client) -> None:
        toolkit = b"Sample Social Media Posts\n\n- Wash your hands. #CleanHands\n"
        body = {"file_name": "toolkit.txt", "content": base64.b64encode(toolkit).decode()}
        draft = ok(api.post("/pack-drafts", json=body))
        found = {item["item"]: item["drawn_from"] for item in draft["items"]}
        assert found["posts[0]"] == "line 3"
        assert any(said.startswith("contact") for said in draft["missing"])
        refused(api.post("/campaigns", json={"pack_document": draft["text"]}), 422, "pack.invalid")

    @pytest.mark.parametrize("content", ["no base64!", base64.b64encode(b"%PDF-broken").decode(), ""])
    def test_of_what_is_no_toolkit_are_refused(self, api: httpx.Client, content: str) -> None:
        refused(api.post("/pack-drafts", json={"file_name": "x", "content": content}), 422, "input.invalid")
