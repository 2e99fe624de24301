"""Webhooks as an admin sets them up over the API."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from alert_servers import Receiver, webhook_server
from api_client import Json, made, ok, refused
from sqlalchemy import update

from app.bootstrap import House
from app.models import Delivery

URL = "https://receiver.example/focusweek"


@pytest.fixture
def settings_change() -> Json:
    return {"allow_private_targets": True}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    with webhook_server(receiver):
        yield receiver


@pytest.fixture
def webhook(api: httpx.Client, receiver: Receiver) -> Json:
    return made(api.post("/webhooks", json={"url": receiver.url, "description": "duty desk"}))


class TestAWebhook:
    def test_shows_its_secret_once_and_never_its_address_s_query(self, api: httpx.Client, webhook: Json) -> None:
        assert webhook["secret"].startswith("whsec_")
        assert webhook["url"].endswith("/alerts?…")
        (listed,) = ok(api.get("/webhooks"))["items"]
        assert listed == ok(api.get(f"/webhooks/{webhook['id']}"))
        assert listed == {name: value for name, value in webhook.items() if name != "secret"}

    def test_leaves_neither_secret_nor_query_in_the_audit_trail(
        self, api: httpx.Client, webhook: Json, house: House
    ) -> None:
        ok(api.post(f"/webhooks/{webhook['id']}/new-secret"))
        with house.database.read() as session:
            rows = session.connection().exec_driver_sql("SELECT before, after, words FROM audit_event").all()
        said = str(rows)
        assert "duty desk" in said
        assert "whsec_" not in said
        assert "part-of-the-address" not in said

    @pytest.mark.parametrize(
        "body",
        [
            {"url": "ftp://receiver.example/"},
            {"url": "https://user:word@receiver.example/"},
            {"url": "https://receiver.example/#part"},
            {"url": "https://"},
            {"url": URL, "kinds": ["lost"]},
            {"url": URL, "kinds": []},
        ],
    )
    def test_that_leads_nowhere_or_gets_nothing_is_refused(self, api: httpx.Client, body: Json) -> None:
        refused(api.post("/webhooks", json=body), 422, "input.invalid")

    def test_is_changed_turned_off_and_removed(self, api: httpx.Client, webhook: Json) -> None:
        where = f"/webhooks/{webhook['id']}"
        assert ok(api.patch(where, json={"kinds": ["missed", "missed"]}))["kinds"] == ["missed"]
        assert ok(api.patch(where, json={"kinds": None, "description": None}))["kinds"] is None
        assert ok(api.patch(where, json={"state": "off"}))["state"] == "off"
        refused(api.patch(where, json={}), 422, "validation.failed")
        ok(api.post(f"{where}/test"))
        assert api.delete(where).status_code == 204
        refused(api.get(where), 404, "not_found")

    def test_s_kinds_are_listed(self, api: httpx.Client) -> None:
        kinds = {item["kind"] for item in ok(api.get("/webhook-kinds"))["items"]}
        assert kinds == {
            "published", "failed", "unknown", "missed", "needs_review", "withdrawn", "review_asked",
            "account_needs_reconnect",
        }  # fmt: skip


class TestTryingItOut:
    def test_says_that_the_receiver_took_it(self, api: httpx.Client, webhook: Json, receiver: Receiver) -> None:
        tried = ok(api.post(f"/webhooks/{webhook['id']}/test"))
        assert tried == {"sent": True, "status": 200, "detail": "The receiver took it."}
        (body,) = receiver.bodies()
        assert body["type"] == "webhook.test"
        (message,) = ok(api.get(f"/webhooks/{webhook['id']}/messages"))["items"]
        assert (message["kind"], message["state"], [one["status"] for one in message["tries"]]) == (
            "test",
            "sent",
            [200],
        )

    def test_says_what_went_wrong_and_tries_no_more(
        self, api: httpx.Client, webhook: Json, receiver: Receiver, house: House
    ) -> None:
        receiver.status = 500
        tried = ok(api.post(f"/webhooks/{webhook['id']}/test"))
        assert (tried["sent"], tried["status"]) == (False, 500)
        house.webhooks.sender.run()
        assert len(receiver.got) == 1
        assert ok(api.get(f"/webhooks/{webhook['id']}"))["failing_since"] is None


class TestTheLog:
    def test_shows_every_try_and_sends_again_by_hand(
        self, api: httpx.Client, webhook: Json, receiver: Receiver, house: House, deliveries: list[Json]
    ) -> None:
        where = f"/webhooks/{webhook['id']}/messages"
        # A person settles it, and the news is told.
        with house.database.write() as session:
            session.execute(update(Delivery).where(Delivery.id == 1).values(state="needs_review"))
        ok(api.post("/deliveries/1/resolve-review", json={"decision": "went_out", "url": "https://www.example.com/1"}))
        house.webhooks.newsroom.run()
        receiver.status = 503
        house.webhooks.sender.run()
        (waiting,) = ok(api.get(where, params={"state": "waiting", "kind": "published"}))["items"]
        assert waiting["body"]["data"]["url"] == "https://www.example.com/1"
        assert waiting["next_try"] is not None
        receiver.status = 200
        ok(api.post(f"{where}/{waiting['id']}/resend"))
        house.webhooks.sender.run()
        message = ok(api.get(f"{where}/{waiting['id']}"))
        assert (message["state"], [one["status"] for one in message["tries"]]) == ("sent", [503, 200])
        for headers, body in receiver.got:
            assert headers["webhook-id"] == message["message_id"]
            assert b"1-888" not in body
        assert ok(api.get(where, params={"state": "given_up"}))["items"] == []

    def test_of_another_webhook_shows_nothing(self, api: httpx.Client, webhook: Json) -> None:
        other = made(api.post("/webhooks", json={"url": URL}))
        ok(api.post(f"/webhooks/{webhook['id']}/test"))
        refused(api.get(f"/webhooks/{other['id']}/messages/1"), 404, "not_found")
        refused(api.post(f"/webhooks/{other['id']}/messages/1/resend"), 404, "not_found")
        ok(api.patch(f"/webhooks/{webhook['id']}", json={"state": "off"}))
        refused(api.post(f"/webhooks/{webhook['id']}/messages/1/resend"), 409, "conflict")
