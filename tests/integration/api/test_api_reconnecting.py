"""Accounts that lost their connection come back with new secrets; the network is a real server on loopback."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable, Iterator

import httpx
import pytest
from api_client import Json, commit, made, ok, refused

from app.bootstrap import House
from app.models import Account

Tick = Callable[[str], None]

#: Who each token belongs to on the server.
OWNERS = {"old-token": "1", "new-token": "1", "a-stranger-s-token": "2"}


class Server(http.server.BaseHTTPRequestHandler):
    """As much of the Mastodon API as a check of an account asks for."""

    def do_GET(self) -> None:
        token = (self.headers.get("authorization") or "").removeprefix("Bearer ")
        status, body = 404, {"error": "Record not found"}
        if self.path == "/api/v1/accounts/verify_credentials":
            owner = OWNERS.get(token)
            status, body = (401, {"error": "The access token is invalid"}) if owner is None else (200, {
                "id": owner, "username": f"agency{owner}", "acct": f"agency{owner}",
            })  # fmt: skip
        payload = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server) as listener:
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.server_port}"
        listener.shutdown()


@pytest.fixture
def settings_change() -> Json:
    return {"allow_private_targets": True}


@pytest.fixture
def account(api: httpx.Client, server: str) -> Json:
    body = {"slug": "ours", "platform": "mastodon", "via": "network", "server": server}
    account = made(api.post("/accounts", json=body | {"secrets": {"token": "old-token"}}))
    return ok(api.post(f"/accounts/{account['id']}/check"))


def lose(house: House, account: Json) -> None:
    """The network has refused the token."""
    with house.write() as scope:
        scope.get(Account, account["id"]).state = "needs_reconnect"


def secret(house: House, account: Json) -> dict[str, str]:
    return house.credentials(account["id"]).read()


class TestNewSecrets:
    def test_connect_an_account_again(self, api: httpx.Client, house: House, account: Json) -> None:
        lose(house, account)
        response = api.post(f"/accounts/{account['id']}/connect", json={"secrets": {"token": "new-token"}})
        assert (ok(response)["state"], ok(response)["state_reason"]) == ("connected", None)
        assert "new-token" not in response.text
        assert secret(house, account) == {"token": "new-token"}

    def test_that_the_network_refuses_change_nothing(self, api: httpx.Client, house: House, account: Json) -> None:
        address = f"/accounts/{account['id']}/connect"
        problem = refused(api.post(address, json={"secrets": {"token": "mistyped-token"}}), 422, "input.invalid")
        assert "mistyped-token" not in json.dumps(problem)
        assert problem["hint"]
        assert secret(house, account) == {"token": "old-token"}
        assert ok(api.get(f"/accounts/{account['id']}")) == account

    def test_of_another_account_are_refused(self, api: httpx.Client, house: House, account: Json) -> None:
        address = f"/accounts/{account['id']}/connect"
        problem = refused(api.post(address, json={"secrets": {"token": "a-stranger-s-token"}}), 409, "conflict")
        assert "agency2@" in problem["detail"]
        assert secret(house, account) == {"token": "old-token"}

    def test_wait_for_a_check_where_the_network_cannot_be_asked(
        self, api: httpx.Client, house: House, account: Json, server: str
    ) -> None:
        address = f"/accounts/{account['id']}"
        body = {"secrets": {"token": "new-token"}, "server": "http://127.0.0.1:9"}
        waiting = ok(api.post(f"{address}/connect", json=body))
        assert waiting["state"] == "needs_reconnect"
        assert waiting["state_reason"].startswith("Not checked yet")
        assert secret(house, account) == {"token": "new-token"}

        back = ok(api.post(f"{address}/connect", json={"secrets": {"token": "new-token"}, "server": f"{server}/"}))
        assert (back["state"], back["server"]) == ("connected", server)

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ({}, "input.invalid"),
            ({"secrets": {"token": ""}}, "input.invalid"),
            ({"secrets": {"token": "x", "password": "y"}}, "input.invalid"),
            ({"secrets": {"token": 7}}, "validation.failed"),
            ({"secrets": {"token": "a\u0000"}}, "validation.failed"),
            ({"secrets": {"token": "x"}, "server": "mastodon.example"}, "validation.failed"),
            ({"token": "x"}, "validation.failed"),
        ],
    )
    def test_that_cannot_be_used_are_refused(
        self, api: httpx.Client, house: House, account: Json, body: Json, code: str
    ) -> None:
        problem = refused(api.post(f"/accounts/{account['id']}/connect", json=body), 422, code)
        assert problem["hint"]
        assert secret(house, account) == {"token": "old-token"}

    def test_of_an_account_that_is_not_there_are_not_found(self, api: httpx.Client) -> None:
        refused(api.post("/accounts/77/connect", json={}), 404, "not_found")


class TestWhatWasHeld:
    def test_goes_on_after_reconnecting_and_what_is_late_is_missed(
        self, api: httpx.Client, deliveries: list[Json], tick: Tick
    ) -> None:
        account = deliveries[0]["account"]["id"]
        ok(api.post(f"/accounts/{account}/disconnect"))
        assert ok(api.get(f"/deliveries/{deliveries[0]['id']}"))["state"] in ("scheduled", "held")
        tick(deliveries[0]["due"]["utc"])
        held = ok(api.get(f"/deliveries/{deliveries[0]['id']}"))
        assert (held["state"], held["state_reason"]) == ("held", "account.disconnected")
        problem = refused(api.post(f"/deliveries/{deliveries[0]['id']}/retry"), 409, "delivery.state_refused")
        assert "econnect" in problem["hint"]

        assert ok(api.post(f"/accounts/{account}/connect"))["state"] == "connected"
        assert ok(api.get(f"/deliveries/{deliveries[0]['id']}"))["state"] == "scheduled"
        tick(deliveries[0]["due"]["utc"])
        assert ok(api.get(f"/deliveries/{deliveries[0]['id']}"))["state"] == "published"

    def test_does_not_follow_the_account_to_another_server_while_its_outcome_is_open(
        self, api: httpx.Client, house: House, account: Json, campaign: Json, clock: object
    ) -> None:
        confirm = {"facts": campaign["open_contact_facts"], "by": "Reviewer on duty", "method": "called"}
        made(api.post(f"/campaigns/{campaign['id']}/contact-confirmations", json=confirm))
        commit(api, campaign["id"])
        with house.database.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE delivery SET state = 'unknown' WHERE id = 1")
        body = {"secrets": {"token": "new-token"}, "server": "http://127.0.0.1:9"}
        refused(api.post(f"/accounts/{account['id']}/connect", json=body), 409, "conflict")
        assert ok(api.get(f"/accounts/{account['id']}"))["server"] == account["server"]


class TestAccountsWithoutSecrets:
    def test_take_none(self, api: httpx.Client) -> None:
        account = made(api.post("/accounts", json={"slug": "x", "platform": "x", "via": "sandbox"}))
        address = f"/accounts/{account['id']}/connect"
        refused(api.post(address, json={"secrets": {"token": "x"}}), 422, "input.invalid")
        refused(api.post(address, json={"server": "https://x.example"}), 422, "input.invalid")

    def test_come_back_after_a_disconnection(self, api: httpx.Client) -> None:
        body = {"slug": "page", "platform": "facebook", "via": "by_hand", "person": "Who posts"}
        account = made(api.post("/accounts", json=body))
        ok(api.post(f"/accounts/{account['id']}/disconnect"))
        problem = refused(api.post(f"/accounts/{account['id']}/check"), 409, "conflict")
        assert f"/accounts/{account['id']}/connect" in problem["hint"]
        assert ok(api.post(f"/accounts/{account['id']}/connect", json={}))["state"] == "connected"
