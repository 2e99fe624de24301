"""A message that was written is sent until it is taken, and every try is in the log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from alert_servers import Receiver, silent_server, webhook_server
from sqlalchemy import select
from standardwebhooks.webhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError
from webhook_stage import WebhookStage

from app.clock import SystemClock
from app.models import Webhook
from app.services.outboxes import LEASE
from app.services.webhooks.log import KEPT, forget_old, resend, state_of
from app.services.webhooks.sending import JITTER, WAITS, wait_after


@pytest.fixture
def now(on: WebhookStage, monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The verifier's clock stands where the stage's does: virtual time is none of its business."""

    class Now(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return on.clock.now()

    monkeypatch.setattr("standardwebhooks.webhooks.datetime", Now)
    return on.clock.now()


@pytest.fixture
def other() -> Iterator[Receiver]:
    receiver = Receiver()
    with webhook_server(receiver):
        yield receiver


def told(on: WebhookStage, name: str = "main") -> None:
    on.moved(on.delivery(name), "published")


class TestAMessage:
    def test_is_signed_as_the_specification_says(self, now: datetime, on: WebhookStage, receiver: Receiver) -> None:
        _, secret = on.webhook(receiver.url)
        told(on)
        on.after(seconds=1)
        ((headers, body),) = receiver.got
        payload = Verifier(secret).verify(body, headers)
        assert payload["type"] == "delivery.published"
        assert set(payload) == {"type", "timestamp", "data"}
        with pytest.raises(WebhookVerificationError):
            Verifier(secret).verify(body.replace(b"published", b"publish3d"), headers)

    def test_is_signed_with_both_secrets_for_a_day_after_a_change(
        self, now: datetime, on: WebhookStage, receiver: Receiver
    ) -> None:
        webhook, former = on.webhook(receiver.url)
        new = on.renew(webhook)
        on.clock.advance(timedelta(hours=23))
        told(on)
        on.after()
        ((headers, body),) = receiver.got
        for secret in (former, new):
            Verifier(secret).verify(body, headers)

    def test_is_verified_by_the_new_secret_alone_afterwards(
        self, now: datetime, on: WebhookStage, receiver: Receiver
    ) -> None:
        webhook, former = on.webhook(receiver.url)
        new = on.renew(webhook)
        on.clock.advance(timedelta(days=1))
        told(on)
        on.after()
        ((headers, body),) = receiver.got
        Verifier(new).verify(body, headers)
        with pytest.raises(WebhookVerificationError):
            Verifier(former).verify(body, headers)

    def test_s_secret_is_sealed_where_it_is_kept(self, on: WebhookStage) -> None:
        webhook, secret = on.webhook("http://127.0.0.1:9/")
        with on.stage.database.read() as session:
            sealed = session.scalars(select(Webhook.sealed).where(Webhook.id == webhook)).one()
        assert secret.encode() not in sealed


class TestAReceiverThatDoesNotTakeIt:
    @pytest.mark.parametrize("status", [301, 307, 400, 401, 404, 429, 500, 503])
    def test_is_tried_again_with_the_same_id_and_body(self, on: WebhookStage, receiver: Receiver, status: int) -> None:
        webhook, _ = on.webhook(receiver.url)
        receiver.status, receiver.location = status, receiver.url
        told(on)
        on.after()
        assert f"The receiver answered {status}." in str(on.get(webhook).state_reason)
        receiver.status = 200
        on.after(seconds=4)
        assert len(receiver.got) == 1
        on.after(seconds=3)
        assert len(receiver.got) == 2
        assert len({(headers["webhook-id"], body) for headers, body in receiver.got}) == 1
        assert [(one.status, one.error is None) for one in on.tries()] == [(status, False), (200, True)]
        assert (on.get(webhook).state_reason, on.get(webhook).failing_since) == (None, None)

    def test_is_tried_ten_times_over_three_days_and_then_given_up(self, on: WebhookStage, receiver: Receiver) -> None:
        webhook, _ = on.webhook(receiver.url)
        receiver.status = 500
        told(on)
        on.after()
        for wait in WAITS:
            before = len(receiver.got)
            on.after(seconds=wait.total_seconds() * 0.99)
            assert len(receiver.got) == before
            on.after(seconds=wait.total_seconds() * (0.02 + JITTER))
            assert len(receiver.got) == before + 1
        on.after(days=30)
        assert len(receiver.got) == len(on.tries()) == 1 + len(WAITS)
        (message,) = on.messages()
        assert state_of(message) == "given_up"
        assert on.get(webhook).state == "on"

    def test_waits_longer_each_time_and_a_little_by_chance(self) -> None:
        assert [round(wait.total_seconds()) for wait in WAITS] == [
            5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400,
        ]  # fmt: skip
        found = {wait_after(3) for _ in range(20)}
        assert len(found) > 1
        assert all(wait is not None and WAITS[2] <= wait <= WAITS[2] * (1 + JITTER) for wait in found)
        assert wait_after(len(WAITS) + 1) is None

    def test_for_five_days_is_turned_off_with_the_reason(self, on: WebhookStage, receiver: Receiver) -> None:
        webhook, _ = on.webhook(receiver.url)
        receiver.status = 500
        for day in range(7):
            if on.get(webhook).state == "on":
                told(on, f"d{day}")
            on.after(days=1)
        row = on.get(webhook)
        assert row.state == "off"
        assert str(row.state_reason).startswith("It took nothing for 5 days. The receiver answered 500.")
        assert {state_of(message) for message in on.messages()} == {"given_up"}
        count = len(receiver.got)
        on.after(days=3)
        assert len(receiver.got) == count

    def test_any_more_is_turned_off_at_once(self, on: WebhookStage, receiver: Receiver) -> None:
        webhook, _ = on.webhook(receiver.url)
        receiver.status = 410
        told(on, "a")
        told(on, "b")
        on.after()
        assert len(receiver.got) == 1
        row = on.get(webhook)
        assert (row.state, "410" in str(row.state_reason)) == ("off", True)
        assert [state_of(message) for message in on.messages()] == ["given_up", "given_up"]

    def test_follows_no_redirect(self, on: WebhookStage, receiver: Receiver, other: Receiver) -> None:
        on.webhook(receiver.url)
        receiver.status, receiver.location = 302, other.url
        told(on)
        on.after()
        assert (len(receiver.got), other.got) == (1, [])

    def test_keeps_no_other_receiver_waiting(self, on: WebhookStage, receiver: Receiver) -> None:
        on.out = on.again(threads=3, wire=SystemClock())
        with silent_server(b"HTTP/1.1 200 OK\r\n", b"x") as port:
            on.out.sender._posts._timeout = 0.5
            on.webhook(f"http://127.0.0.1:{port}/")
            on.webhook(receiver.url)
            told(on, "a")
            told(on, "b")
            on.after()
        assert len(receiver.got) == 2
        # One try is enough to know that it hangs; its second message waits for the next round.
        assert [one.error is None for one in on.tries()].count(False) == 1

    @pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "http://169.254.169.254/latest", "https://10.0.0.1/"])
    def test_is_not_reached_inside_the_operator_s_network(self, on: WebhookStage, url: str) -> None:
        on.allow_private = False
        on.out = on.again()
        on.webhook(url)
        told(on)
        on.after()
        assert "it leads to" in str(on.tries()[0].error)

    def test_is_logged_without_the_address_s_path_and_the_secret(self, on: WebhookStage) -> None:
        webhook, secret = on.webhook("http://127.0.0.1:9/hook-part-of-the-address?key=abc")
        told(on)
        on.after()
        said = f"{on.get(webhook).state_reason} {on.tries()[0].error} {on.get(webhook)!r}"
        assert "refused" in said
        assert "hook-part" not in said
        assert secret not in said


class TestAKilledProcess:
    def test_between_writing_and_sending_leaves_the_message_to_the_next_one(
        self, on: WebhookStage, receiver: Receiver
    ) -> None:
        on.webhook(receiver.url)
        told(on)
        on.out.newsroom.run()
        on.again().sender.run()
        assert len(receiver.got) == 1

    def test_between_claim_and_answer_leaves_it_to_the_next_one_after_the_lease(
        self, on: WebhookStage, receiver: Receiver
    ) -> None:
        on.webhook(receiver.url)
        told(on)
        on.out.newsroom.run()
        dying = on.again().sender

        def dies(*_: object) -> None:
            raise KeyboardInterrupt

        dying.post = dies  # type: ignore[method-assign,assignment]  # the process dies here
        with pytest.raises(KeyboardInterrupt):
            dying.run()
        on.after(seconds=LEASE.total_seconds() - 1)
        assert receiver.got == []
        on.after(seconds=1)
        (message,) = on.messages()
        assert [headers["webhook-id"] for headers, _ in receiver.got] == [message.key]
        assert (state_of(message), message.tries) == ("sent", 2)

    def test_whose_answer_comes_after_another_sent_it_changes_nothing(
        self, on: WebhookStage, receiver: Receiver
    ) -> None:
        on.webhook(receiver.url)
        told(on)
        on.out.newsroom.run()
        slow = on.again().sender
        post = slow.post

        def overtaken(*given: object) -> object:
            on.clock.advance(LEASE)
            on.out.sender.run()
            receiver.status = 500
            return post(*given)  # type: ignore[arg-type]

        slow.post = overtaken  # type: ignore[method-assign,assignment]  # what happens meanwhile
        slow.run()
        (message,) = on.messages()
        assert (state_of(message), len(on.tries())) == ("sent", 2)


class TestTheLog:
    def test_lets_a_message_be_sent_again_by_hand_with_its_id(self, on: WebhookStage, receiver: Receiver) -> None:
        webhook, _ = on.webhook(receiver.url)
        told(on)
        on.after()
        with on.stage.database.write() as session:
            scope = on.scope(session)
            resend(scope, scope.get(Webhook, webhook, lock=True), on.messages()[0].id)
        on.after()
        assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
        assert len(receiver.got) == len(on.tries()) == 2

    def test_is_forgotten_after_thirty_days_but_for_what_waits(self, on: WebhookStage, receiver: Receiver) -> None:
        on.webhook(receiver.url)
        told(on)
        on.after()
        on.clock.advance(KEPT - timedelta(days=1))
        receiver.status = 500
        told(on, "later")
        on.after()
        assert forget_old(on.stage.database, on.clock) == 0
        on.clock.advance(timedelta(days=2))
        assert forget_old(on.stage.database, on.clock) == 1
        assert [state_of(message) for message in on.messages()] == ["waiting"]
        assert len(on.tries()) == 1
        assert on.out.newsroom.run() == 0
