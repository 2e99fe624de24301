"""Where a person meets a pause: on the page, with what it holds, and with what it is of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest
from api_client import Json, made, ok
from api_token import ACTOR
from pauses_client import EVERYTHING, WHY, Later, pause, text_of
from sqlalchemy import event

from app.bootstrap import House

Tick = Callable[[str], None]


class TestShownEverywhere:
    @pytest.mark.parametrize("order", EVERYTHING)
    def test_on_every_delivery_it_holds_on_its_campaign_and_in_the_overview(
        self, api: httpx.Client, site: httpx.Client, deliveries: list[Json], order: Json
    ) -> None:
        ready = site.get("/readyz").json()
        paused = pause(api, order)
        shown = {"id": paused["id"], "scope": order["scope"], "reason": WHY, "started_by": ACTOR}
        for row in ok(api.get("/deliveries", params={"limit": 200}))["items"]:
            held = order["scope"] != "week" or row["week"] == 1
            assert (row["paused_by"] is not None) == held
            if held:
                assert row["paused_by"].items() >= shown.items()
        detail = ok(api.get(f"/deliveries/{deliveries[0]['id']}"))
        assert detail["paused_by"].items() >= shown.items()
        assert [one["id"] for one in ok(api.get("/campaigns/1"))["pauses"]] == [paused["id"]]
        page = text_of(site.get("/").text)
        assert "PAUSED" in page
        assert WHY in page
        assert f"focusweek resume {paused['id']}" in page
        assert f"/api/v1/pauses/{paused['id']}/resume" in page
        assert site.get("/readyz").json() == ready

        ok(api.post(f"/pauses/{paused['id']}/resume"))
        assert ok(api.get(f"/deliveries/{deliveries[0]['id']}"))["paused_by"] is None
        assert ok(api.get("/campaigns/1"))["pauses"] == []
        assert "PAUSED" not in site.get("/").text

    @pytest.mark.parametrize("scope", ["instance", "organization"])
    def test_a_wide_one_stands_at_the_top_of_the_page_with_who_and_since_when(
        self, api: httpx.Client, site: httpx.Client, deliveries: list[Json], later: Later, scope: str
    ) -> None:
        made(api.post("/pauses", json={"scope": scope, "reason": "<b>A storm.</b>"}))
        later(deliveries[0], 1)
        page = site.get("/").text
        assert "<b>A storm.</b>" not in page
        shown = text_of(page)
        top, _, rest = shown.partition("Campaigns Human")
        assert f"PAUSED: the whole {scope}" in top
        assert f"By {ACTOR} since 1 Dec 2026, 12:00 UTC" in top
        assert "1 post waits for it" in top
        assert "PAUSED" not in rest

    def test_one_of_an_account_that_no_campaign_uses_is_on_the_page_all_the_same(
        self, api: httpx.Client, site: httpx.Client
    ) -> None:
        made(api.post("/accounts", json={"slug": "idle", "platform": "x", "via": "sandbox"}))
        pause(api, {"scope": "account", "account": "idle"})
        assert "PAUSED: account idle" in text_of(site.get("/").text)

    def test_an_account_shows_its_own(self, api: httpx.Client, planned: Json) -> None:
        made(api.post("/accounts", json={"slug": "other", "platform": "x", "via": "sandbox"}))
        paused = pause(api, {"scope": "account", "account": "bluesky"})
        accounts = ok(api.get("/accounts"))["items"]
        assert [(a["slug"], a["paused_by"] and a["paused_by"]["id"]) for a in accounts] == [
            ("bluesky", paused["id"]),
            ("other", None),
        ]
        address = f"/accounts/{accounts[0]['id']}"
        for answer in (api.get(address), api.post(f"{address}/check"), api.post(f"{address}/connect")):
            assert ok(answer)["paused_by"]["reason"] == WHY

    def test_a_page_of_deliveries_costs_the_same_queries_whatever_its_length(
        self, api: httpx.Client, house: House, planned: Json
    ) -> None:
        pause(api, {"scope": "organization"})
        counts = []
        for limit in (1, 20, 200):
            with counted(house) as statements:
                ok(api.get("/deliveries", params={"limit": limit}))
            counts.append(len(statements))
        assert len(set(counts)) == 1


@contextmanager
def counted(house: House) -> Iterator[list[str]]:
    """Collect the statements that the house's database gets."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(house.database.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(house.database.engine, "before_cursor_execute", note)
