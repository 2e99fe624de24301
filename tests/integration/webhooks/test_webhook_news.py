"""What happened becomes one message for each webhook that wants it: all of it, once, whenever it became visible."""

from __future__ import annotations

import json
import threading

import pytest
from alert_servers import Receiver
from delivery_stage import Stage
from sqlalchemy import update
from webhook_stage import WebhookStage

from app.models import Webhook
from app.services.webhooks.events import LOOK_BACK, MOST_AT_ONCE

URL = "http://127.0.0.1:9/hook"
#: SQLite has one writer at a time, so that its ids become visible in their order.
ON_POSTGRESQL = pytest.mark.parametrize(
    "database", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)


def kinds(on: WebhookStage) -> list[str]:
    return [message.kind for message in on.messages()]


class TestDeliveries:
    @pytest.mark.parametrize("state", ["published", "failed", "unknown", "missed", "needs_review", "withdrawn"])
    def test_that_come_to_a_state_that_matters_are_told_once(self, on: WebhookStage, state: str) -> None:
        delivery = on.delivery()
        on.webhook(URL)
        on.moved(delivery, state)
        assert [on.out.newsroom.run() for _ in range(3)] == [1, 0, 0]
        (message,) = on.messages()
        assert (message.kind, message.body["type"]) == (state, f"delivery.{state}")
        data = message.body["data"]
        assert (data["delivery_id"], data["state"], data["from_state"]) == (delivery, state, "sending")
        assert data["organization"] == on.organization()

    @pytest.mark.parametrize(
        ("state", "source"), [("scheduled", "sending"), ("held", "scheduled"), ("missed", "missed")]
    )
    def test_that_come_to_no_such_state_or_stay_are_not_told(self, on: WebhookStage, state: str, source: str) -> None:
        on.webhook(URL)
        on.moved(on.delivery(), state, source=source)
        assert on.out.newsroom.run() == 0

    def test_are_told_without_a_word_of_their_text(self, on: WebhookStage) -> None:
        on.webhook(URL)
        on.moved(on.delivery(), "published")
        on.out.newsroom.run()
        body = json.dumps(on.messages()[0].body)
        assert "Help is there" not in body
        assert "Nobody's business" not in body
        assert len(body) < 1000

    def test_of_another_organization_are_none_of_its_news(self, on: WebhookStage) -> None:
        other = on.stage.campaign(slug="other", organization="other")
        on.webhook(URL)
        on.moved(on.delivery("theirs", other), "published")
        assert on.out.newsroom.run() == 0

    def test_from_before_the_webhook_was_there_or_on_are_not_told(self, on: WebhookStage) -> None:
        delivery = on.delivery()
        on.moved(delivery, "unknown")
        webhook, _ = on.webhook(URL)
        on.change(webhook, state="off")
        on.moved(delivery, "needs_review", source="unknown")
        on.out.newsroom.run()
        on.change(webhook, state="on")
        on.moved(delivery, "published", source="needs_review")
        on.out.newsroom.run()
        assert kinds(on) == ["published"]

    def test_go_only_to_the_webhooks_that_want_them(self, on: WebhookStage) -> None:
        first, _ = on.webhook(URL, kinds=["missed"])
        second, _ = on.webhook(URL, kinds=["published", "missed"])
        on.moved(on.delivery(), "published")
        on.out.newsroom.run()
        assert [(message.webhook_id, message.kind) for message in on.messages()] == [(second, "published")]
        assert first != second

    def test_in_great_numbers_are_told_in_several_rounds(self, on: WebhookStage) -> None:
        on.webhook(URL)
        delivery = on.delivery()
        with on.stage.database.write() as session:
            for _ in range(MOST_AT_ONCE + 3):
                on.moved(delivery, "published", session=session)
        # Even where the events are old and the cursor may move as far as it likes.
        on.clock.advance(2 * LOOK_BACK)
        assert [on.out.newsroom.run() for _ in range(3)] == [MOST_AT_ONCE, 3, 0]


class TestEventsThatBecomeVisibleLate:
    @ON_POSTGRESQL
    def test_are_told_though_later_ones_were_told_before(self, on: WebhookStage) -> None:
        """Two real transactions: the one that got its ids first commits last."""
        webhook, _ = on.webhook(URL)
        slow, quick = on.delivery("slow"), on.delivery("quick")
        with on.stage.database.write() as session:
            first = on.moved(slow, "published", session=session)
            second = on.moved(quick, "published")
            assert first < second
            assert on.out.newsroom.run() == 1
            assert [message.source for message in on.messages()] == [f"delivery_event:{second}"]
            assert on.get(webhook).told_up_to < first
        assert on.out.newsroom.run() == 1
        assert [message.source for message in on.messages()] == [
            f"delivery_event:{second}",
            f"delivery_event:{first}",
        ]
        assert on.out.newsroom.run() == 0

    @ON_POSTGRESQL
    def test_are_told_where_the_cursor_has_moved_meanwhile(self, on: WebhookStage) -> None:
        webhook, _ = on.webhook(URL)
        slow, quick = on.delivery("slow"), on.delivery("quick")
        old = on.moved(quick, "unknown")
        on.clock.advance(LOOK_BACK * 0.9)
        with on.stage.database.write() as session:
            on.moved(slow, "published", session=session)
            on.moved(quick, "published", source="unknown")
            on.clock.advance(LOOK_BACK * 0.2)
            on.out.newsroom.run()
            # The old event is settled; what came after it is looked at again.
            assert on.get(webhook).told_up_to == old
        on.out.newsroom.run()
        assert len(on.messages()) == 3

    def test_that_are_settled_are_not_read_again(self, on: WebhookStage) -> None:
        webhook, _ = on.webhook(URL)
        last = on.moved(on.delivery(), "published")
        on.out.newsroom.run()
        on.clock.advance(LOOK_BACK * 1.1)
        later = on.moved(on.delivery("other"), "published")
        on.out.newsroom.run()
        assert last <= on.get(webhook).told_up_to < later


class TestReviewsAndAccounts:
    def test_a_post_that_is_put_before_its_reviewers_is_told_once(self, on: WebhookStage, stage: Stage) -> None:
        on.webhook(URL)
        post = stage.post(on.campaign)
        review = on.review(post)
        assert [on.out.newsroom.run() for _ in range(2)] == [1, 0]
        (message,) = on.messages()
        assert (message.kind, message.body["data"]["review_id"], message.body["data"]["post_id"]) == (
            "review_asked",
            review,
            post.id,
        )

    def test_one_that_was_asked_before_the_webhook_was_there_or_is_over_is_not_told(
        self, on: WebhookStage, stage: Stage
    ) -> None:
        on.review(stage.post(on.campaign, key="a"), asked_at=on.clock.now() - LOOK_BACK)
        on.webhook(URL)
        on.review(stage.post(on.campaign, key="b"), state="withdrawn")
        assert on.out.newsroom.run() == 0

    def test_an_account_that_must_be_reconnected_is_told_once_each_time(self, on: WebhookStage) -> None:
        on.webhook(URL)
        delivery = on.delivery()
        on.set_account(delivery, state="needs_reconnect", version=2)
        assert [on.out.newsroom.run() for _ in range(2)] == [1, 0]
        on.set_account(delivery, state="connected", version=3)
        on.out.newsroom.run()
        on.set_account(delivery, state="needs_reconnect", version=4)
        on.out.newsroom.run()
        assert kinds(on) == ["account_needs_reconnect"] * 2
        assert on.messages()[0].body["type"] == "account.needs_reconnect"


class TestTwoProcesses:
    def test_at_once_write_and_send_each_piece_of_news_once(self, on: WebhookStage, receiver: Receiver) -> None:
        on.webhook(receiver.url)
        for number in range(5):
            on.moved(on.delivery(f"d{number}"), "published")
        start = threading.Barrier(4)
        failures: list[BaseException] = []

        def run() -> None:
            out = on.again()
            try:
                for _ in range(4):
                    start.wait(10)
                    out.newsroom.run()
                    out.sender.run()
            except BaseException as error:
                failures.append(error)
                start.abort()
                raise

        threads = [threading.Thread(target=run) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert failures == []
        assert len(on.messages()) == 5
        assert len(receiver.got) == 5

    def test_a_cursor_that_was_set_back_tells_nothing_twice(self, on: WebhookStage) -> None:
        webhook, _ = on.webhook(URL)
        on.moved(on.delivery(), "published")
        on.out.newsroom.run()
        with on.stage.database.write() as session:
            session.execute(update(Webhook).where(Webhook.id == webhook).values(told_up_to=0))
        assert on.out.newsroom.run() == 0
