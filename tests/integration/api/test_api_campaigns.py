from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from api_client import Json, made, ok, refused

from app.packs.reading import read_pack

OTHER_PACK = Path(__file__).parents[2] / "fixtures" / "packs" / "agua-segura.yaml"


@pytest.fixture
def other_pack() -> str:
    return OTHER_PACK.read_text(encoding="utf-8")


@pytest.fixture
def other_pack_object() -> Json:
    pack: Json = read_pack(OTHER_PACK).model_dump(mode="json")
    return pack


class TestCreatingACampaign:
    def test_the_bundled_pack_becomes_a_campaign_of_a_year(self, api: httpx.Client) -> None:
        response = api.post("/campaigns", json={"year": 2027})

        campaign = made(response)
        assert (campaign["slug"], campaign["year"]) == ("hhs-htpm-2023-2027", 2027)
        assert campaign["window"]["starts_on"] == "2027-01-01"
        assert [week["starts_on"] for week in campaign["window"]["weeks"]] == [
            "2027-01-01", "2027-01-08", "2027-01-15", "2027-01-22",
        ]  # fmt: skip
        assert campaign["posts"] == 36
        assert campaign["open_contact_facts"]
        assert campaign["open_fill_ins"]
        assert response.headers["location"] == f"/api/v1/campaigns/{campaign['id']}"

    def test_without_a_year_it_is_the_next_window_that_is_not_over(self, api: httpx.Client) -> None:
        assert made(api.post("/campaigns", json={}))["year"] == 2027

    def test_a_pack_may_be_sent_along_as_yaml(self, api: httpx.Client, other_pack: str) -> None:
        campaign = made(api.post("/campaigns", json={"pack_document": other_pack, "year": 2027, "slug": "mine"}))
        assert (campaign["slug"], campaign["pack_key"]) == ("mine", "agua-segura")

    def test_a_pack_may_be_sent_along_as_json(self, api: httpx.Client, other_pack_object: Json) -> None:
        campaign = made(api.post("/campaigns", json={"pack_document": other_pack_object, "year": 2027}))
        assert campaign["pack_key"] == "agua-segura"

    def test_an_invalid_pack_is_refused_with_lines_and_fields(self, api: httpx.Client, other_pack: str) -> None:
        broken = other_pack.replace("time_zone: America/Puerto_Rico", "time_zone: America/Nowhere")
        problem = refused(api.post("/campaigns", json={"pack_document": broken}), 422, "pack.invalid")
        assert any(error["field"] == "time_zone" and error["line"] > 1 for error in problem["errors"])
        assert ok(api.get("/campaigns"))["items"] == []

    @pytest.mark.parametrize("document", ["", "- a list", "{", "a: &x [*x]", "null", 12, [], {}])
    def test_a_document_that_is_no_pack_is_refused(self, api: httpx.Client, document: object) -> None:
        response = api.post("/campaigns", json={"pack_document": document})
        assert response.status_code == 422

    def test_an_unknown_bundled_pack_is_not_found(self, api: httpx.Client) -> None:
        problem = refused(api.post("/campaigns", json={"pack": "no-such-pack"}), 404, "not_found")
        assert "hhs-htpm-2023" in problem["hint"]

    def test_a_pack_and_a_document_at_once_are_refused(self, api: httpx.Client) -> None:
        refused(api.post("/campaigns", json={"pack": "a", "pack_document": "b"}), 422, "validation.failed")

    def test_a_slug_that_is_taken_is_a_conflict(self, api: httpx.Client, campaign: Json) -> None:
        refused(api.post("/campaigns", json={"year": campaign["year"]}), 409, "already_exists")

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"year": 1}, "year"),
            ({"year": 10**30}, "year"),
            ({"year": "soon"}, "year"),
            ({"slug": "Not A Slug"}, "slug"),
            ({"slug": "x" * 65}, "slug"),
            ({"name": ""}, "name"),
            ({"name": "x" * 201}, "name"),
            ({"colour": "red"}, "colour"),
        ],
    )
    def test_a_field_that_cannot_be_used_is_named(self, api: httpx.Client, body: Json, field: str) -> None:
        problem = refused(api.post("/campaigns", json=body), 422, "validation.failed")
        assert [error["field"] for error in problem["errors"]] == [field]

    def test_an_unknown_time_zone_is_refused(self, api: httpx.Client) -> None:
        refused(api.post("/campaigns", json={"year": 2027, "time_zone": "Mars/Olympus"}), 422, "input.invalid")


class TestReadingCampaigns:
    def test_the_list_is_paged_newest_first(self, api: httpx.Client) -> None:
        for number in range(3):
            made(api.post("/campaigns", json={"year": 2027, "slug": f"campaign-{number}"}))

        first = ok(api.get("/campaigns", params={"limit": 2}))
        rest = ok(api.get("/campaigns", params={"limit": 2, "cursor": first["next_cursor"]}))

        assert [row["slug"] for row in first["items"]] == ["campaign-2", "campaign-1"]
        assert [row["slug"] for row in rest["items"]] == ["campaign-0"]
        assert rest["next_cursor"] is None

    def test_one_is_read_by_its_id(self, api: httpx.Client, campaign: Json) -> None:
        assert ok(api.get(f"/campaigns/{campaign['id']}")) == campaign

    @pytest.mark.parametrize("row", ["999", "0", "-1", str(2**63), str(10**40), "abc", "1.5"])
    def test_an_id_that_nothing_has_is_not_found(self, api: httpx.Client, campaign: Json, row: str) -> None:
        refused(api.get(f"/campaigns/{row}"), 404, "not_found")


class TestChangingACampaign:
    def test_what_is_given_changes_and_the_rest_stays(self, api: httpx.Client, campaign: Json) -> None:
        body = {"lateness_minutes": 90, "cadence": {"slots": ["08:15", "17:00"], "weekends_off": True}}
        changed = ok(api.patch(f"/campaigns/{campaign['id']}", json=body))

        assert changed["lateness_minutes"] == 90
        assert changed["cadence"]["slots"] == ["08:15", "17:00"]
        assert changed["cadence"]["weekends_off"] is True
        assert changed["cadence"]["min_gap_minutes"] == campaign["cadence"]["min_gap_minutes"]
        assert changed["name"] == campaign["name"]
        assert changed["version"] > campaign["version"]

    def test_levels_of_rules_may_be_raised(self, api: httpx.Client, campaign: Json) -> None:
        changed = ok(api.patch(f"/campaigns/{campaign['id']}", json={"levels": {"language.victim": "error"}}))
        assert changed["levels"] == {"language.victim": "error"}

    def test_a_rule_that_protects_readers_cannot_fall(self, api: httpx.Client, campaign: Json) -> None:
        body = {"levels": {"mention.missing": "note"}}
        refused(api.patch(f"/campaigns/{campaign['id']}", json=body), 422, "input.invalid")
        assert ok(api.get(f"/campaigns/{campaign['id']}"))["levels"] == {}

    def test_a_rule_that_there_is_not_is_refused_with_those_that_there_are(
        self, api: httpx.Client, campaign: Json
    ) -> None:
        body = {"levels": {"language.victims": "error"}}
        problem = refused(api.patch(f"/campaigns/{campaign['id']}", json=body), 422, "input.invalid")
        assert "Did you mean language.victim?" in problem["hint"]
        assert "statistic.uncited" in problem["hint"]
        for code in problem["hint"].partition("are: ")[2].rstrip(".").split(", "):
            ok(api.patch(f"/campaigns/{campaign['id']}", json={"levels": {code: "error"}}))

    @pytest.mark.parametrize(
        "body",
        [
            {"name": None},
            {"lateness_minutes": 0},
            {"lateness_minutes": None},
            {"cadence": {"slots": []}},
            {"cadence": {"slots": ["09:00+02:00"]}},
            {"cadence": {"slots": ["25:00"]}},
            {"cadence": {"holiday_country": "usa"}},
            {"cadence": {"unknown": 1}},
            {"levels": {"Not A Code": "error"}},
            {"levels": {"language.victim": "loud"}},
            {"slug": "another"},
        ],
    )
    def test_what_cannot_be_used_changes_nothing(self, api: httpx.Client, campaign: Json, body: Json) -> None:
        refused(api.patch(f"/campaigns/{campaign['id']}", json=body), 422, "validation.failed")
        assert ok(api.get(f"/campaigns/{campaign['id']}")) == campaign

    def test_an_unknown_campaign_is_not_found(self, api: httpx.Client) -> None:
        refused(api.patch("/campaigns/7", json={}), 404, "not_found")


class TestFillIns:
    def test_a_value_fills_one_and_null_opens_it_again(self, api: httpx.Client, campaign: Json) -> None:
        key = campaign["open_fill_ins"][0]
        address = f"/campaigns/{campaign['id']}/fill-ins"

        filled = ok(api.put(address, json={"values": {key: "https://www.example.gov/p"}}))
        assert {item["key"]: item["value"] for item in filled["items"]}[key] == "https://www.example.gov/p"
        assert key not in ok(api.get(f"/campaigns/{campaign['id']}"))["open_fill_ins"]

        opened = ok(api.put(address, json={"values": {key: None}}))
        assert {item["key"]: item["value"] for item in opened["items"]}[key] is None
        assert ok(api.get(address)) == opened

    @pytest.mark.parametrize(
        ("key", "value", "word"),
        [
            ("proclamation-link", "the proclamation", "web address"),
            ("proclamation-link", "javascript:alert(1)", "web address"),
            ("proclamation-link", "https://exa mple.gov", "web address"),
            ("proclamation-day", "the first", "number"),
            ("proclamation-day", "\u0663", "number"),
        ],
    )
    def test_a_value_of_another_kind_is_refused_with_what_to_write(
        self, api: httpx.Client, campaign: Json, key: str, value: str, word: str
    ) -> None:
        address = f"/campaigns/{campaign['id']}/fill-ins"
        problem = refused(api.put(address, json={"values": {key: value}}), 422, "input.invalid")
        assert key in problem["detail"]
        assert word in problem["detail"]
        assert "such as" in problem["hint"]

    def test_a_link_and_a_number_are_taken(self, api: httpx.Client, campaign: Json) -> None:
        values = {"proclamation-link": " https://www.example.gov/p?q=1 ", "proclamation-day": "31"}
        filled = ok(api.put(f"/campaigns/{campaign['id']}/fill-ins", json={"values": values}))
        held = {item["key"]: item["value"] for item in filled["items"]}
        assert (held["proclamation-link"], held["proclamation-day"]) == ("https://www.example.gov/p?q=1", "31")

    @pytest.mark.parametrize("values", [{"no-such-key": "x"}, {"no-such-key": None}])
    def test_an_unknown_key_is_refused(self, api: httpx.Client, campaign: Json, values: Json) -> None:
        refused(api.put(f"/campaigns/{campaign['id']}/fill-ins", json={"values": values}), 422, "input.invalid")

    @pytest.mark.parametrize("value", ["", "  ", "two\nlines"])
    def test_a_value_that_cannot_stand_in_a_text_is_refused(
        self, api: httpx.Client, campaign: Json, value: str
    ) -> None:
        values = {campaign["open_fill_ins"][0]: value}
        refused(api.put(f"/campaigns/{campaign['id']}/fill-ins", json={"values": values}), 422, "input.invalid")

    def test_a_campaign_that_is_not_there_has_none(self, api: httpx.Client) -> None:
        refused(api.get("/campaigns/5/fill-ins"), 404, "not_found")
        refused(api.put("/campaigns/5/fill-ins", json={"values": {"a": "b"}}), 404, "not_found")


class TestContactFacts:
    def test_a_confirmation_carries_who_how_and_when(self, api: httpx.Client, campaign: Json) -> None:
        key = campaign["open_contact_facts"][0]
        body = {"facts": [key], "by": "Reviewer on duty", "method": "called"}
        facts = made(api.post(f"/campaigns/{campaign['id']}/contact-confirmations", json=body))

        confirmed = {item["key"]: item["confirmation"] for item in facts["items"]}[key]
        assert (confirmed["by"], confirmed["method"]) == ("Reviewer on duty", "called")
        assert confirmed["at"] == {"utc": "2026-12-01T12:00:00Z", "local": "2026-12-01T07:00:00-05:00"}
        assert ok(api.get(f"/campaigns/{campaign['id']}/contact-facts")) == facts
        assert key not in ok(api.get(f"/campaigns/{campaign['id']}"))["open_contact_facts"]

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ({"facts": ["no-such-fact"], "by": "A", "method": "called"}, "input.invalid"),
            ({"facts": [], "by": "A", "method": "called"}, "validation.failed"),
            ({"facts": ["voice"], "by": "  ", "method": "called"}, "validation.failed"),
            ({"facts": ["voice"], "by": "A", "method": "dreamt"}, "validation.failed"),
        ],
    )
    def test_what_confirms_nothing_is_refused(self, api: httpx.Client, campaign: Json, body: Json, code: str) -> None:
        refused(api.post(f"/campaigns/{campaign['id']}/contact-confirmations", json=body), 422, code)

    def test_an_unknown_campaign_is_not_found(self, api: httpx.Client) -> None:
        refused(api.get("/campaigns/5/contact-facts"), 404, "not_found")
        body = {"facts": ["voice"], "by": "A", "method": "called"}
        refused(api.post("/campaigns/5/contact-confirmations", json=body), 404, "not_found")


class TestPausing:
    def test_a_campaign_stands_still_until_it_is_resumed(self, api: httpx.Client, campaign: Json) -> None:
        address = f"/campaigns/{campaign['id']}"
        pause = made(api.post(f"{address}/pause", json={"reason": "The hotline is down."}))
        assert (pause["week"], pause["reason"]) == (None, "The hotline is down.")
        assert ok(api.get(address))["pauses"] == [pause]

        ok(api.post(f"{address}/resume"))
        assert ok(api.get(address))["pauses"] == []

    def test_a_week_is_paused_by_itself(self, api: httpx.Client, campaign: Json) -> None:
        address = f"/campaigns/{campaign['id']}"
        made(api.post(f"{address}/pause", json={"reason": "Under review.", "week": 2}))
        refused(api.post(f"{address}/resume", json={}), 409, "conflict")
        assert ok(api.post(f"{address}/resume", json={"week": 2}))["week"] == 2

    def test_what_is_paused_cannot_be_paused_again(self, api: httpx.Client, campaign: Json) -> None:
        made(api.post(f"/campaigns/{campaign['id']}/pause", json={"reason": "One."}))
        refused(api.post(f"/campaigns/{campaign['id']}/pause", json={"reason": "Two."}), 409, "conflict")

    def test_what_is_not_paused_cannot_be_resumed(self, api: httpx.Client, campaign: Json) -> None:
        refused(api.post(f"/campaigns/{campaign['id']}/resume"), 409, "conflict")

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ({}, "validation.failed"),
            ({"reason": " "}, "validation.failed"),
            ({"reason": "x", "week": 0}, "validation.failed"),
            ({"reason": "x", "week": 9}, "input.invalid"),
        ],
    )
    def test_a_pause_needs_a_reason_and_a_week_of_the_campaign(
        self, api: httpx.Client, campaign: Json, body: Json, code: str
    ) -> None:
        refused(api.post(f"/campaigns/{campaign['id']}/pause", json=body), 422, code)

    def test_an_unknown_campaign_is_not_found(self, api: httpx.Client) -> None:
        refused(api.post("/campaigns/5/pause", json={"reason": "x"}), 404, "not_found")
        refused(api.post("/campaigns/5/resume", json={}), 404, "not_found")
