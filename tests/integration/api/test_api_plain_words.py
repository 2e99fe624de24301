"""What a refused request is told: what was expected, in words, with an example to follow."""

from __future__ import annotations

import httpx
import pytest
from api_client import Json, ok, refused

INSTANT = "2027-01-11T14:00:00Z"


class TestAFieldThatCannotBeUsed:
    @pytest.mark.parametrize("when", ["tomorrow", "2027-13-01T10:00:00Z", "2027-01-11T25:00:00Z", "x" * 400, 5, None])
    def test_a_time_that_is_none_is_told_how_times_are_written(
        self, api: httpx.Client, deliveries: list[Json], when: object
    ) -> None:
        problem = refused(
            api.post(f"/deliveries/{deliveries[0]['id']}/reschedule", json={"due_at": when}), 422, "validation.failed"
        )
        assert problem["detail"].startswith("due_at: expected a time in ISO 8601 with its offset")
        assert INSTANT in problem["detail"]

    def test_a_day_that_is_none_is_told_how_days_are_written(self, api: httpx.Client, planned: Json) -> None:
        for day in ("soon", 5.5, "2027-01-11T10:00:00"):
            problem = refused(api.patch("/posts/1", json={"pins": [day]}), 422, "validation.failed")
            assert problem["detail"] == "pins[0]: expected a day such as 2027-01-11"

    @pytest.mark.parametrize("reason", ["", "   "])
    def test_an_empty_text_must_not_be_empty(self, api: httpx.Client, reason: str) -> None:
        problem = refused(api.post("/pauses", json={"scope": "instance", "reason": reason}), 422, "validation.failed")
        assert problem["detail"] == "reason: this must not be empty"

    def test_an_empty_list_must_not_be_empty(self, api: httpx.Client) -> None:
        problem = refused(api.post("/withdrawals", json={"delivery_ids": [], "reason": "x"}), 422, "validation.failed")
        assert problem["detail"] == "delivery_ids: this must not be empty"

    @pytest.mark.parametrize(
        ("address", "body", "said"),
        [
            ("/deliveries/1/posted-by-hand", {"url": "javascript:alert(1)"}, "url: expected a web address such as"),
            ("/deliveries/1/posted-by-hand", {"url": "www.example.com/1"}, "url: expected a web address such as"),
            ("/pauses", {"scope": "account", "account": "Our X", "reason": "x"}, "account: expected lower-case"),
            (
                "/accounts",
                {"slug": "a", "platform": "mastodon", "via": "network", "server": "social.example"},
                "server: expected a server's address such as https://social.example",
            ),
            (
                "/alert-channels",
                {"name": "desk", "via": "email", "target": "a@b.example", "kinds": ["A B"]},
                "kinds[0]: expected a kind's name",
            ),
        ],
    )
    def test_a_wrong_form_is_told_the_right_one(
        self, api: httpx.Client, deliveries: list[Json], address: str, body: Json, said: str
    ) -> None:
        problem = refused(api.post(address, json=body), 422, "validation.failed")
        assert problem["detail"].startswith(said)

    def test_no_body_at_all_is_told_to_send_one(self, api: httpx.Client) -> None:
        problem = refused(api.post("/pauses", headers={"content-type": "application/json"}), 422, "validation.failed")
        assert problem["detail"] == "the request has no body"
        assert "body" in problem["hint"]


class TestAnUnknownId:
    @pytest.mark.parametrize(
        ("address", "many"),
        [("/deliveries", "deliveries"), ("/posts", "posts"), ("/alert-channels", "alert channels")],
    )
    def test_is_told_what_to_list(self, api: httpx.Client, address: str, many: str) -> None:
        problem = refused(api.get(f"{address}/999"), 404, "not_found")
        assert problem["hint"] == f"List the {many} to see which there are."


class TestSummaries:
    def test_are_plain_english(self, api: httpx.Client) -> None:
        paths = ok(api.get("/openapi.json"))["paths"]
        summaries = {operation["summary"] for path in paths.values() for operation in path.values()}
        assert {"List fill-ins", "Renew the secret of an alert channel"} <= summaries
        assert not [summary for summary in summaries if " s " in summary or "fill ins" in summary]
