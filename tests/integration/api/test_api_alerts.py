from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from api_client import Json, made, ok, refused
from sqlalchemy import select, update

from app.bootstrap import House
from app.clock import VirtualClock
from app.models import Account, Alert, AlertChannel, Delivery, Organization

WEBHOOK: Json = {"name": "desk", "via": "webhook", "target": "http://127.0.0.1:9/hook?key=in-the-address"}
EMAIL: Json = {"name": "mail", "via": "email", "target": "alerts@agency.example"}


@pytest.fixture
def settings_change() -> Json:
    return {
        "allow_private_targets": True,
        "smtp_host": "127.0.0.1",
        "smtp_port": 9,
        "smtp_from": "focusweek@agency.example",
        "public_url": "https://focusweek.agency.example",
    }


def wrong(house: House, deliveries: list[Json], *states: str) -> None:
    """Put the first deliveries into these states and let a round look."""
    with house.write() as scope:
        for delivery, state in zip(deliveries, states, strict=False):
            values = {"state": state, "state_since": scope.now, "state_detail": f"It is {state}."}
            scope.session.execute(update(Delivery).where(Delivery.id == delivery["id"]).values(**values))
    house.alerting.derive()


class TestAlerts:
    def test_are_none_while_nothing_is_wrong(self, api: httpx.Client, house: House) -> None:
        house.alerting.derive()
        assert ok(api.get("/alerts")) == {"items": [], "next_cursor": None}

    def test_say_what_is_wrong_where_and_what_to_do(
        self, api: httpx.Client, house: House, deliveries: list[Json]
    ) -> None:
        wrong(house, deliveries, "missed")
        (alert,) = ok(api.get("/alerts"))["items"]
        delivery = deliveries[0]
        assert (alert["kind"], alert["severity"], alert["title"]) == ("missed", "urgent", "Missed")
        assert (alert["detail"], alert["account"], alert["delivery_id"]) == ("It is missed.", "bluesky", delivery["id"])
        assert alert["due"] == delivery["due"]
        assert alert["opened"] == {"utc": "2026-12-01T12:00:00Z", "local": "2026-12-01T07:00:00-05:00"}
        assert alert["closed"] is None
        assert alert["link"] == f"https://focusweek.agency.example/api/v1/deliveries/{delivery['id']}"
        assert "cancel it" in alert["next"]

    def test_are_listed_by_kind_campaign_and_whether_they_are_over(
        self, api: httpx.Client, house: House, deliveries: list[Json]
    ) -> None:
        wrong(house, deliveries, "missed", "failed", "missed")

        def found(**params: object) -> list[str]:
            return [alert["kind"] for alert in ok(api.get("/alerts", params=params))["items"]]

        assert sorted(found()) == ["failed", "missed", "missed"]
        assert found(kind="failed") == found(kind="failed", campaign_id=1) == ["failed"]
        assert found(closed=True) == []
        wrong(house, deliveries[1:], "cancelled")
        assert sorted(found()) == ["missed", "missed"]
        assert found(closed=True) == ["failed"]
        refused(api.get("/alerts", params={"kind": "nonsense"}), 422, "input.invalid")
        refused(api.get("/alerts", params={"campaign_id": 77}), 404, "not_found")

    def test_come_in_pages_the_newest_first(self, api: httpx.Client, house: House, deliveries: list[Json]) -> None:
        wrong(house, deliveries, *["missed"] * 5)
        seen: list[int] = []
        params: Json = {"limit": 2}
        while True:
            page = ok(api.get("/alerts", params=params))
            seen += [alert["id"] for alert in page["items"]]
            if page["next_cursor"] is None:
                break
            params["cursor"] = page["next_cursor"]
        assert seen == sorted(seen, reverse=True)
        assert len(seen) == 5
        refused(api.get("/alerts", params={"cursor": "nonsense"}), 400, "cursor.invalid")

    def test_of_another_organization_are_not_there(self, api: httpx.Client, house: House) -> None:
        with house.database.write() as session:
            other = Organization(slug="other", name="Another agency", created_at=house.clock.now())
            session.add(other)
            session.flush()
            session.add(Account(
                organization_id=other.id, slug="theirs", platform="x", via="sandbox", settings={},
                next_free_at=house.clock.now(), created_at=house.clock.now(),
                token_expires_at=house.clock.now() + timedelta(days=2),
            ))  # fmt: skip
            channel = AlertChannel(
                organization_id=other.id, name="theirs", via="email", target="x@y.example", created_at=house.clock.now()
            )
            session.add(channel)
            session.flush()
            theirs = channel.id
        house.alerting.derive()
        with house.database.read() as session:
            assert session.scalars(select(Alert.kind)).all() == ["token_expires"]
        assert ok(api.get("/alerts"))["items"] == []
        assert ok(api.get("/alert-channels"))["items"] == []
        refused(api.get(f"/alert-channels/{theirs}"), 404, "not_found")
        refused(api.delete(f"/alert-channels/{theirs}", headers={"content-type": "application/json"}), 404, "not_found")
        refused(api.post(f"/alert-channels/{theirs}/test", json={}), 404, "not_found")

    def test_have_kinds_with_words(self, api: httpx.Client) -> None:
        kinds = {item["kind"]: item for item in ok(api.get("/alert-kinds"))["items"]}
        assert {"unknown", "needs_review", "held", "missed", "blocked", "token_expires"} <= kinds.keys()
        assert all(item["next"] and item["meaning"] and item["title"] for item in kinds.values())


class TestTheRealRulesAhead:
    def test_a_pinned_post_with_an_open_contact_fact_rings_three_days_ahead(
        self, api: httpx.Client, house: House, clock: VirtualClock, planned: Json
    ) -> None:
        with house.database.write() as session:
            session.execute(update(Account).values(via="by_hand", person="Duty desk", version=Account.version + 1))
        clock.advance(timedelta(days=27))
        house.alerting.derive()
        assert ok(api.get("/alerts"))["items"] == []
        clock.advance(timedelta(days=1, hours=22))
        house.alerting.derive()
        alerts = ok(api.get("/alerts"))["items"]
        assert alerts
        assert {alert["kind"] for alert in alerts} == {"blocked"}
        assert all("confirmed" in alert["detail"] for alert in alerts)
        due = [alert["due"]["local"] for alert in alerts]
        assert all(day.startswith("2027-01-01") for day in due), due

        facts = ok(api.get("/campaigns/1"))["open_contact_facts"]
        confirm = {"facts": facts, "by": "Reviewer on duty", "method": "called"}
        made(api.post("/campaigns/1/contact-confirmations", json=confirm))
        house.alerting.derive()
        assert ok(api.get("/alerts"))["items"] == []


class TestChannels:
    def test_a_webhook_s_secret_is_shown_once(self, api: httpx.Client, house: House) -> None:
        response = api.post("/alert-channels", json=WEBHOOK)
        channel = made(response)
        secret = channel.pop("secret")
        assert secret.startswith("whsec_")
        assert channel == ok(api.get(f"/alert-channels/{channel['id']}"))
        assert (channel["state"], channel["kinds"], channel["digest_minutes"]) == ("on", None, 15)
        listed = api.get("/alert-channels")
        assert secret not in listed.text
        assert "in-the-address" not in listed.text + response.text
        assert response.headers["location"] == f"/api/v1/alert-channels/{channel['id']}"
        with house.read() as scope:
            sealed = scope.session.scalars(select(AlertChannel.sealed)).one()
        assert sealed is not None
        assert house.vault.decrypt(sealed) == {"secret": secret}

    def test_a_new_secret_replaces_the_old_one(self, api: httpx.Client) -> None:
        channel = made(api.post("/alert-channels", json=WEBHOOK))
        renewed = ok(api.post(f"/alert-channels/{channel['id']}/new-secret", json={}))["secret"]
        assert renewed.startswith("whsec_")
        assert renewed != channel["secret"]
        mail = made(api.post("/alert-channels", json=EMAIL))
        assert mail["secret"] is None
        refused(api.post(f"/alert-channels/{mail['id']}/new-secret", json={}), 409, "conflict")

    def test_each_field_can_be_changed(self, api: httpx.Client) -> None:
        channel = made(api.post("/alert-channels", json=EMAIL))
        address = f"/alert-channels/{channel['id']}"
        changes: list[Json] = [
            {"name": "night desk"}, {"target": "night@agency.example"}, {"kinds": ["needs_review", "missed"]},
            {"kinds": None}, {"digest_minutes": 60}, {"state": "off"}, {"state": "on"},
        ]  # fmt: skip
        for change in changes:
            assert ok(api.patch(address, json=change)).items() >= change.items()

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"via": "pigeon"}, "validation.failed"),
            ({"name": ""}, "validation.failed"),
            ({"name": "a\u0000b"}, "validation.failed"),
            ({"name": "a\nb"}, "validation.failed"),
            ({"digest_minutes": 0}, "validation.failed"),
            ({"kinds": ["nonsense"]}, "input.invalid"),
            ({"kinds": []}, "input.invalid"),
            ({"secret": "mine"}, "validation.failed"),
            ({"target": "ftp://receiver.example"}, "input.invalid"),
            ({"target": "https://name:password@receiver.example"}, "input.invalid"),
            ({"target": "https://"}, "input.invalid"),
            ({"target": "https://x:99999/"}, "input.invalid"),
            ({"via": "email", "target": "two@x.example, three@x.example"}, "input.invalid"),
            ({"via": "email", "target": "a@x.example\r\nBcc: b@x.example"}, "validation.failed"),
            ({"via": "email", "target": "nobody"}, "input.invalid"),
        ],
    )
    def test_what_cannot_be_used_adds_nothing(self, api: httpx.Client, change: Json, code: str) -> None:
        refused(api.post("/alert-channels", json=WEBHOOK | change), 422, code)
        assert ok(api.get("/alert-channels"))["items"] == []

    def test_a_change_that_cannot_be_used_changes_nothing(self, api: httpx.Client) -> None:
        channel = made(api.post("/alert-channels", json=EMAIL))
        made(api.post("/alert-channels", json=WEBHOOK))
        address = f"/alert-channels/{channel['id']}"
        refused(api.patch(address, json={}), 422, "validation.failed")
        refused(api.patch(address, json={"kinds": ["nonsense"], "name": "x"}), 422, "input.invalid")
        refused(api.patch(address, json={"target": "nobody"}), 422, "input.invalid")
        refused(api.patch(address, json={"name": "desk"}), 409, "already_exists")
        refused(api.patch(address, json={"via": "webhook"}), 422, "validation.failed")
        before = {name: channel[name] for name in ("name", "target", "kinds", "digest_minutes", "state")}
        assert ok(api.get(address)).items() >= before.items()

    def test_a_name_that_is_taken_is_a_conflict(self, api: httpx.Client) -> None:
        made(api.post("/alert-channels", json=EMAIL))
        refused(api.post("/alert-channels", json=EMAIL), 409, "already_exists")

    def test_one_with_messages_can_be_removed(self, api: httpx.Client, house: House, deliveries: list[Json]) -> None:
        channel = made(api.post("/alert-channels", json=EMAIL))
        wrong(house, deliveries, "missed")
        house.alerting.send()
        gone = api.delete(f"/alert-channels/{channel['id']}", headers={"content-type": "application/json"})
        assert gone.status_code == 204, gone.text
        refused(api.get(f"/alert-channels/{channel['id']}"), 404, "not_found")
        assert len(ok(api.get("/alerts"))["items"]) == 1

    @pytest.mark.parametrize("body", [EMAIL, WEBHOOK])
    def test_a_test_says_what_happened(self, api: httpx.Client, body: Json) -> None:
        channel = made(api.post("/alert-channels", json=body))
        tested = ok(api.post(f"/alert-channels/{channel['id']}/test", json={}))
        assert tested["sent"] is False
        assert "127.0.0.1" in tested["detail"]
        assert "in-the-address" not in tested["detail"]

    def test_one_that_fails_says_so_everywhere(
        self, api: httpx.Client, site: httpx.Client, house: House, deliveries: list[Json]
    ) -> None:
        assert "no alert channel is set up" in site.get("/").text
        channel = made(api.post("/alert-channels", json=EMAIL))
        assert "no alert channel is set up" not in site.get("/").text
        wrong(house, deliveries, "missed", "missed", "held")
        house.alerting.send()
        assert "cannot be reached" in ok(api.get(f"/alert-channels/{channel['id']}"))["state_reason"]
        page = site.get("/").text
        assert "The alert channel “mail” fails: 127.0.0.1: the mail server cannot be reached" in page
        assert "Missed: 2" in page
        assert "Held: 1" in page


class TestWithoutAMailServer:
    @pytest.fixture
    def settings_change(self) -> Json:
        return {}

    def test_no_e_mail_channel_can_be_made_and_http_is_refused(self, api: httpx.Client) -> None:
        problem = refused(api.post("/alert-channels", json=EMAIL), 409, "conflict")
        assert "FOCUSWEEK_SMTP_HOST" in problem["hint"]
        refused(api.post("/alert-channels", json=WEBHOOK), 422, "input.invalid")
        https = WEBHOOK | {"target": "https://127.0.0.1:9/"}
        channel = made(api.post("/alert-channels", json=https))
        tested = ok(api.post(f"/alert-channels/{channel['id']}/test", json={}))
        assert tested == {"sent": False, "detail": "127.0.0.1: it leads to a loopback or private address"}
