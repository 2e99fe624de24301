"""A message that was written is sent, once, whatever happens in between."""

from __future__ import annotations

import threading
from datetime import timedelta

from alert_servers import Mailbox, Receiver, free_port, mail_server
from alert_stage import AlertStage, smtp_settings
from delivery_stage import Stage
from sqlalchemy import delete

from app.db import Database
from app.models import AlertChannel, AlertMessage, Campaign
from app.services.alerting.outbox import LEASE, wait_after


def missed(on: AlertStage) -> Campaign:
    campaign = on.stage.campaign()
    on.set(on.stage.delivery(on.stage.post(campaign), on.stage.account(campaign)), "missed")
    return campaign


def another(on: AlertStage, campaign: Campaign, text: str) -> None:
    account = on.stage.account(campaign, text)
    on.set(on.stage.delivery(on.stage.post(campaign, text), account), "missed")


class TestAMailServerThatIsAway:
    def test_for_an_hour_gets_one_letter_afterwards_and_then_the_news(self, stage: Stage, mailbox: Mailbox) -> None:
        port = free_port()
        on = AlertStage(stage, smtp_settings(port))
        campaign = missed(on)
        channel, _ = on.channel(campaign)
        for minute in range(60):
            on.round(1)
            if minute == 30:
                another(on, campaign, "meanwhile")
        assert (
            on.get_channel(channel).state_reason == "127.0.0.1: the mail server cannot be reached: Connection refused"
        )
        assert [message.tries for message in on.messages()] == [6]

        with mail_server(mailbox, port):
            for _ in range(30):
                on.round(1)
        assert [letter["Subject"] for letter in mailbox.letters] == ["[Focusweek] 1 alert: 1 missed"] * 2
        assert on.get_channel(channel).state_reason is None
        assert {message.sent_at is None for message in on.messages()} == {False}

    def test_for_more_than_a_day_gets_what_is_still_open_in_a_new_letter(self, stage: Stage, mailbox: Mailbox) -> None:
        port = free_port()
        on = AlertStage(stage, smtp_settings(port))
        channel, _ = on.channel(missed(on))
        on.round()
        for _ in range(30):
            on.round(60)
        first, second = on.messages()
        assert (first.next_try_at, first.sent_at) == (None, None)
        assert first.error is not None
        assert second.key != first.key
        assert second.alerts == first.alerts
        assert on.get_channel(channel).state_reason is not None
        with mail_server(mailbox, port):
            on.round(60)
        assert len(mailbox.letters) == 1

    def test_is_tried_less_and_less_often(self) -> None:
        minutes = [wait_after(tries) // timedelta(minutes=1) for tries in range(1, 10)]
        assert minutes == [1, 2, 4, 8, 16, 32, 60, 60, 60]
        assert wait_after(1000) == timedelta(hours=1)


class TestAKilledProcess:
    def test_between_writing_and_sending_leaves_the_message_to_the_next_round(
        self, mailed: AlertStage, mailbox: Mailbox
    ) -> None:
        mailed.channel(missed(mailed))
        mailed.alerting.derive()
        assert mailbox.letters == []
        mailed.again().send()
        assert len(mailbox.letters) == 1

    def test_while_sending_leaves_it_to_the_next_one_after_the_lease(
        self, mailed: AlertStage, mailbox: Mailbox
    ) -> None:
        mailed.channel(missed(mailed))
        mailed.alerting.derive()
        (message,) = mailed.messages()
        mailed.change(message, tries=1, next_try_at=mailed.clock.now() + LEASE)
        mailed.round(4)
        assert mailbox.letters == []
        mailed.round(1)
        assert [letter["Message-ID"] for letter in mailbox.letters] == [f"<{message.key}@agency.example>"]


class TestTwoProcesses:
    def test_at_once_send_one_message(self, mailed: AlertStage, mailbox: Mailbox, database: Database) -> None:
        campaign = missed(mailed)
        mailed.channel(campaign)
        start = threading.Barrier(4)
        failures: list[BaseException] = []

        def run() -> None:
            alerting = mailed.again()
            try:
                for _ in range(5):
                    start.wait(10)
                    alerting.derive()
                    alerting.send()
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
        assert len(mailed.alerts()) == 1
        assert len(mailed.messages()) == 1
        assert len(mailbox.letters) == 1


class TestAChannel:
    def test_that_is_turned_off_with_a_message_waiting_tells_it_when_it_is_on_again(
        self, mailed: AlertStage, mailbox: Mailbox
    ) -> None:
        channel, _ = mailed.channel(missed(mailed))
        mailed.alerting.derive()
        mailed.change(mailed.get_channel(channel), state="off")
        mailed.alerting.send()
        mailed.round(60)
        assert mailbox.letters == []
        mailed.change(mailed.get_channel(channel), state="on")
        mailed.round(60)
        assert len(mailbox.letters) == 1

    def test_that_is_removed_while_its_message_is_sent_takes_nothing_down(
        self, on: AlertStage, receiver: Receiver
    ) -> None:
        channel, _ = on.channel(missed(on), via="webhook", target=receiver.url)
        on.alerting.derive()
        with on.stage.database.write() as session:
            session.execute(delete(AlertMessage))
            session.execute(delete(AlertChannel).where(AlertChannel.id == channel))
        on.round(1)
        assert receiver.got == []

    def test_that_fails_keeps_no_other_back(self, on: AlertStage, receiver: Receiver) -> None:
        campaign = missed(on)
        on.channel(campaign, via="email")
        on.channel(campaign, via="webhook", target=receiver.url)
        on.round()
        assert len(receiver.got) == 1
