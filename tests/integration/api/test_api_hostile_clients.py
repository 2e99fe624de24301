"""What no honest client sends: hostile bodies, times that are none, cursors that were changed."""

from __future__ import annotations

import json

import httpx
import pytest
from api_client import Json, ok, refused

from app.bootstrap import House

JSON = {"content-type": "application/json"}


class TestHostileBodies:
    @pytest.mark.parametrize(
        "body",
        [
            b'{"year": Infinity}',
            b'{"year": -Infinity}',
            b'{"year": NaN}',
            b'{"year": 1e400}',
            b'{"year": 2027.5}',
            b'{"year": true}',
            b'{"pack_document": {"key": NaN}}',
            b'{"pack_document": "\\ud800"}',
            b'{"pack_document": "a: \\u0007"}',
            b'{"slug": "a", "slug": "B"}',
            b'{"name": "\\u202e\\n"}',
            b'{"pack_document": ' + b'{"a":' * 300 + b"1" + b"}" * 301,
            b'{"pack_document": ' + b'{"a":' * 900 + b"1" + b"}" * 901,
            b'{"pack_document": "' + b"[" * 9_000 + b'"}',
            b'{"pack_document": "' + b"- " * 9_000 + b'"}',
            b'{"pack_document": "a: &a [1,1]\\nb: &b [*a,*a]\\nc: &c [*b,*b]\\n"}',
        ],
    )
    def test_are_refused_with_a_problem_and_make_nothing(self, api: httpx.Client, body: bytes) -> None:
        response = api.post("/campaigns", content=body, headers=JSON)
        assert response.status_code in (400, 422), response.text
        refused(response, response.status_code, response.json()["code"])
        assert ok(api.get("/campaigns"))["items"] == []

    @pytest.mark.parametrize(
        "when",
        [
            "2027-01-05T10:00:00+99:00",
            "2027-02-30T10:00:00Z",
            "+292277026596-12-04T15:30:08Z",
            "9999-12-31T23:59:59-14:00",
        ],
    )
    def test_times_that_are_none_are_refused(self, api: httpx.Client, deliveries: list[Json], when: str) -> None:
        address = f"/deliveries/{deliveries[0]['id']}/reschedule"
        refused(api.post(address, json={"due_at": when}), 422, "validation.failed")

    def test_a_text_of_any_letters_is_checked_and_measured(self, api: httpx.Client) -> None:
        for text in ("\u0000", "\u202e#\u200b", "👩‍👩‍👧‍👦" * 2000, "#a" * 40_000, "[" * 90_000, "1" * 90_000):
            ok(api.post("/check", json={"text": text, "platform": "x"}))
        refused(api.post("/check", content=json.dumps({"text": "\ud800"}), headers=JSON), 422, "validation.failed")


class TestCursors:
    def test_of_one_list_do_not_work_for_another(self, api: httpx.Client, deliveries: list[Json]) -> None:
        of_deliveries = ok(api.get("/deliveries", params={"limit": 1}))["next_cursor"]
        refused(api.get("/accounts", params={"cursor": of_deliveries}), 400, "cursor.invalid")
        refused(api.get("/campaigns", params={"cursor": of_deliveries}), 400, "cursor.invalid")

    def test_that_were_changed_by_a_letter_never_fail_the_service(
        self, api: httpx.Client, house: House, deliveries: list[Json]
    ) -> None:
        cursor = ok(api.get("/deliveries", params={"limit": 1}))["next_cursor"]
        for at in range(0, len(cursor), 5):
            for letter in ("A", "\u00e9"):
                tampered = cursor[:at] + letter + cursor[at + 1 :]
                assert api.get("/deliveries", params={"limit": 1, "cursor": tampered}).status_code in (200, 400)
