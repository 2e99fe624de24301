from __future__ import annotations

import httpx
import pytest
from api_client import Json, made, ok, refused
from api_token import somebody
from sqlalchemy import select

from app.bootstrap import House
from app.models import Account, Credential, Organization

SANDBOX: Json = {"slug": "our-x", "platform": "x", "via": "sandbox"}
REAL: Json = {
    "slug": "our-mastodon",
    "platform": "mastodon",
    "via": "network",
    "server": "https://mastodon.invalid/",
    "secrets": {"token": "a-very-secret-token"},
}


class TestAddingAccounts:
    def test_a_sandbox_needs_a_slug_and_a_network(self, api: httpx.Client) -> None:
        account = made(api.post("/accounts", json=SANDBOX))
        assert (account["slug"], account["name"], account["state"]) == ("our-x", "our-x", "connected")
        assert ok(api.get(f"/accounts/{account['id']}")) == account

    def test_secrets_are_sealed_and_never_come_back(self, api: httpx.Client, house: House) -> None:
        response = api.post("/accounts", json=REAL)
        account = made(response)
        listed = api.get("/accounts")
        assert "a-very-secret-token" not in response.text + listed.text
        assert "secrets" not in account
        with house.read() as scope:
            sealed = scope.session.scalars(select(Credential.sealed)).one()
        assert b"a-very-secret-token" not in sealed
        assert house.credentials(account["id"]).read() == {"token": "a-very-secret-token"}

    def test_a_refusal_does_not_repeat_a_secret(self, api: httpx.Client) -> None:
        response = api.post("/accounts", json=REAL | {"via": "pigeon"})
        refused(response, 422, "validation.failed")
        assert "a-very-secret-token" not in response.text

    def test_a_slug_that_is_taken_is_a_conflict(self, api: httpx.Client) -> None:
        made(api.post("/accounts", json=SANDBOX))
        refused(api.post("/accounts", json=SANDBOX), 409, "already_exists")

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"platform": "myspace"}, "platform.unknown"),
            ({"slug": "No Slug"}, "validation.failed"),
            ({"slug": ""}, "validation.failed"),
            ({"via": "pigeon"}, "validation.failed"),
            ({"via": "by_hand"}, "input.invalid"),
            ({"via": "network"}, "input.invalid"),
            ({"min_gap_minutes": 0}, "validation.failed"),
            ({"name": "a\u0000b"}, "validation.failed"),
            ({"token": "x"}, "validation.failed"),
        ],
    )
    def test_what_cannot_be_used_adds_nothing(self, api: httpx.Client, change: Json, code: str) -> None:
        refused(api.post("/accounts", json=SANDBOX | change), 422, code)
        assert ok(api.get("/accounts"))["items"] == []

    @pytest.mark.parametrize("server", ["mastodon.example", "ftp://x.example", "https://a@b.example", "https://x/y z"])
    def test_a_server_is_a_plain_web_address(self, api: httpx.Client, server: str) -> None:
        refused(api.post("/accounts", json=REAL | {"server": server}), 422, "validation.failed")


class TestListingAccounts:
    def test_pages_follow_the_slug(self, api: httpx.Client) -> None:
        for slug in ("c", "a", "b"):
            made(api.post("/accounts", json=SANDBOX | {"slug": slug}))
        first = ok(api.get("/accounts", params={"limit": 2}))
        rest = ok(api.get("/accounts", params={"limit": 2, "cursor": first["next_cursor"]}))
        assert [a["slug"] for a in first["items"] + rest["items"]] == ["a", "b", "c"]

    def test_another_organization_s_account_is_not_there(self, api: httpx.Client, house: House) -> None:
        account = made(api.post("/accounts", json=SANDBOX))
        other_id = other_organization(house)
        with house.write(somebody(other_id)) as scope:
            other = Account(
                organization_id=other_id, slug="theirs", platform="x", via="sandbox", settings={},
                next_free_at=scope.now, created_at=scope.now,
            )  # fmt: skip
            scope.session.add(other)
            scope.session.flush()
            theirs = other.id
        assert [a["id"] for a in ok(api.get("/accounts"))["items"]] == [account["id"]]
        refused(api.get(f"/accounts/{theirs}"), 404, "not_found")
        refused(api.post(f"/accounts/{theirs}/disconnect"), 404, "not_found")


class TestCheckingAnAccount:
    def test_a_sandbox_is_always_there(self, api: httpx.Client) -> None:
        account = made(api.post("/accounts", json=SANDBOX))
        assert ok(api.post(f"/accounts/{account['id']}/check"))["state"] == "connected"

    def test_a_network_that_cannot_be_asked_says_nothing_of_the_credentials(self, api: httpx.Client) -> None:
        account = made(api.post("/accounts", json=REAL | {"server": "http://127.0.0.1:9"}))
        assert ok(api.post(f"/accounts/{account['id']}/check"))["state"] == "connected"

    def test_a_disconnected_one_has_nothing_to_ask_with(self, api: httpx.Client) -> None:
        account = made(api.post("/accounts", json=SANDBOX))
        ok(api.post(f"/accounts/{account['id']}/disconnect"))
        refused(api.post(f"/accounts/{account['id']}/check"), 409, "conflict")


class TestDisconnectingAnAccount:
    def test_its_secrets_are_forgotten(self, api: httpx.Client, house: House) -> None:
        account = made(api.post("/accounts", json=REAL))
        assert ok(api.post(f"/accounts/{account['id']}/disconnect"))["state"] == "disconnected"
        assert house.credentials(account["id"]).read() == {}

    def test_unknown_accounts_are_not_found(self, api: httpx.Client) -> None:
        for step in ("check", "disconnect"):
            refused(api.post(f"/accounts/77/{step}"), 404, "not_found")
        refused(api.get("/accounts/77"), 404, "not_found")


class TestPlatforms:
    def test_each_network_says_its_limits_and_ways(self, api: httpx.Client) -> None:
        items = {item["slug"]: item for item in ok(api.get("/platforms"))["items"]}
        assert items["x"]["limit"] == 280
        assert items["x"]["ways"] == ["sandbox", "by_hand"]
        assert items["bluesky"]["ways"] == ["sandbox", "by_hand", "network"]
        assert items["bluesky"]["secrets"] == ["identifier", "password"]


def other_organization(house: House) -> int:
    with house.database.write() as session:
        other = Organization(slug="other", name="Another agency", created_at=house.clock.now())
        session.add(other)
        session.flush()
        return other.id
