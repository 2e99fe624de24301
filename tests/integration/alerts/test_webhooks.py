"""Signed webhooks, checked with another implementation of the specification."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from alert_servers import Receiver, silent_server
from alert_stage import AlertStage
from delivery_stage import Stage
from sqlalchemy import select
from standardwebhooks import Webhook, WebhookVerificationError

from app.clock import SystemClock, VirtualClock
from app.models import AlertChannel, Campaign
from app.platforms.http import Outbound
from app.platforms.signing import new_secret
from app.services.alerting.sending import SendFailed
from app.services.alerting.webhook import Webhooks


@pytest.fixture
def now(stage: Stage) -> datetime:
    """The stage's clock shows this very moment, for a receiver looks at the time of signing."""
    present = datetime.now(UTC)
    stage.clock = stage.deps.clock  # the same one
    assert isinstance(stage.clock, VirtualClock)
    stage.clock._now = present  # backwards, which a virtual clock does not offer
    return present


def missed(on: AlertStage) -> Campaign:
    campaign = on.stage.campaign()
    post = on.stage.post(campaign, "Help is there. 1-888-373-7888", key="a-post")
    on.set(on.stage.delivery(post, on.stage.account(campaign)), "missed", state_detail="Día over.")
    return campaign


class TestAWebhook:
    def test_is_signed_so_that_its_receiver_can_tell(self, now: datetime, on: AlertStage, receiver: Receiver) -> None:
        _, secret = on.channel(missed(on), via="webhook", target=receiver.url)
        on.round()
        ((headers, body),) = receiver.got
        payload = Webhook(secret).verify(body, headers)
        assert payload["type"] == "alerts.digest"
        assert payload["data"]["kinds"][0]["kind"] == "missed"
        (alert,) = payload["data"]["alerts"]
        assert (alert["post"], alert["account"], alert["detail"]) == ("a-post", "main", "Día over.")
        assert headers["content-type"] == "application/json"
        assert b"Help is there" not in body
        with pytest.raises(WebhookVerificationError):
            Webhook(new_secret()).verify(body, headers)
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(body + b" ", headers)

    def test_has_the_same_id_and_body_on_every_try_and_its_own_time(
        self, now: datetime, on: AlertStage, receiver: Receiver
    ) -> None:
        _, secret = on.channel(missed(on), via="webhook", target=receiver.url)
        receiver.status = 500
        on.round()
        on.round(1)
        receiver.status = 204
        on.round(2)
        on.round(60)
        assert len(receiver.got) == 3
        assert len({body for _, body in receiver.got}) == 1
        assert {headers["webhook-id"] for headers, _ in receiver.got} == {on.messages()[0].key}
        assert len({headers["webhook-timestamp"] for headers, _ in receiver.got}) == 3
        for headers, body in receiver.got:
            Webhook(secret).verify(body, headers)

    def test_s_secret_is_sealed_where_it_is_kept(self, on: AlertStage, receiver: Receiver) -> None:
        channel, secret = on.channel(missed(on), via="webhook", target=receiver.url)
        with on.stage.database.read() as session:
            sealed = session.scalars(select(AlertChannel.sealed).where(AlertChannel.id == channel)).one()
        assert sealed is not None
        assert secret.encode() not in sealed


class TestAReceiver:
    @pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404, 429, 500, 503])
    def test_that_does_not_take_it_is_tried_again(self, on: AlertStage, receiver: Receiver, status: int) -> None:
        channel, _ = on.channel(missed(on), via="webhook", target=receiver.url)
        receiver.status, receiver.location = status, receiver.url
        on.round()
        assert len(receiver.got) == 1
        assert on.get_channel(channel).state == "on"
        assert f"The receiver answered {status}." in str(on.get_channel(channel).state_reason)
        receiver.status = 200
        on.round(1)
        assert len(receiver.got) == 2
        assert on.get_channel(channel).state_reason is None

    def test_that_is_gone_turns_its_channel_off(self, on: AlertStage, receiver: Receiver) -> None:
        channel, _ = on.channel(missed(on), via="webhook", target=receiver.url)
        receiver.status = 410
        on.round()
        for _ in range(5):
            on.round(60)
        assert len(receiver.got) == 1
        row = on.get_channel(channel)
        assert row.state == "off"
        assert "410" in str(row.state_reason)
        receiver.status = 200
        on.change(row, state="on", state_reason=None)
        on.round(1)
        assert len(receiver.got) == 2

    def test_that_hangs_is_given_up_in_time(self) -> None:
        clock = SystemClock()
        began = time.monotonic()
        with silent_server(b"HTTP/1.1 200 OK\r\n", b"x") as port, pytest.raises(SendFailed, match="no complete answer"):
            Webhooks(Outbound(clock, allow_private=True), clock, timeout=0.5).post(
                f"http://127.0.0.1:{port}/", new_secret(), key="msg_1", body={"written_at": "now"}
            )
        assert time.monotonic() - began < 4

    @pytest.mark.parametrize("target", ["http://127.0.0.1:9/", "http://169.254.169.254/latest", "https://10.0.0.1/"])
    def test_that_is_inside_the_operator_s_network_is_not_reached(self, target: str) -> None:
        clock = SystemClock()
        with pytest.raises(SendFailed, match="it leads to"):
            Webhooks(Outbound(clock), clock).post(target, new_secret(), key="msg_1", body={"written_at": "now"})


def test_a_failure_names_neither_the_address_s_path_nor_the_secret(on: AlertStage, receiver: Receiver) -> None:
    url = "http://127.0.0.1:9/hook-part-of-the-address"
    channel, secret = on.channel(missed(on), via="webhook", target=url)
    on.round()
    row: Any = on.get_channel(channel)
    said = f"{row.state_reason} {on.messages()[0].error} {row!r}"
    assert "refused" in said
    assert "hook-part" not in said
    assert secret not in said
