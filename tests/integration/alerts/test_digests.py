"""How many messages there are, and what stands in them."""

from __future__ import annotations

from datetime import timedelta

from alert_servers import Mailbox, text_of
from alert_stage import ALERTS, SENDER, AlertStage

from app.models import Account, Campaign

TEXT = "Help is there, day and night. 1-888-373-7888"


def many(on: AlertStage, count: int, *, state: str = "missed") -> tuple[Campaign, Account, list[int]]:
    campaign = on.stage.campaign()
    account = on.stage.account(campaign)
    posts = [on.stage.post(campaign, f"{TEXT} {number}", key=f"post-{number}") for number in range(count)]
    deliveries = [on.stage.delivery(post, account) for post in posts]
    for delivery in deliveries:
        on.set(delivery, state, state_detail="Its window passed.")
    return campaign, account, deliveries


class TestOneMessage:
    def test_goes_out_at_once_after_a_quiet_time_and_says_what_to_do(
        self, mailed: AlertStage, mailbox: Mailbox
    ) -> None:
        campaign, _, _ = many(mailed, 1)
        mailed.channel(campaign)
        mailed.round()
        (letter,) = mailbox.letters
        assert letter["Subject"] == "[Focusweek] 1 alert: 1 missed"
        assert (letter["To"], letter["Auto-Submitted"]) == (ALERTS, "auto-generated")
        assert SENDER in letter["From"]
        assert letter["Message-ID"] == f"<{mailed.messages()[0].key}@agency.example>"
        assert letter["Date"].datetime == mailed.clock.now()
        text = text_of(letter)
        assert "post-0 on main (month), due 2027-01-01 09:10 EST" in text
        assert "Its window passed." in text
        assert "What to do: Give it a new time, send it now, or cancel it." in text
        assert TEXT not in text
        assert "http" not in text

    def test_for_a_storm_lists_50_and_counts_the_rest(self, mailed: AlertStage, mailbox: Mailbox) -> None:
        campaign, account, _ = many(mailed, 500)
        other = mailed.stage.account(campaign, "other")
        held = mailed.stage.delivery(mailed.stage.post(campaign, "held"), other)
        mailed.set(held, "held")
        mailed.channel(campaign)
        for _ in range(20):
            mailed.round(1)
        (letter,) = mailbox.letters
        text = text_of(letter)
        assert letter["Subject"] == "[Focusweek] 501 alerts: 1 held, 500 missed"
        assert text.count("\n- post-") == 49
        assert text.count(" on other (month)") == 1
        assert f"Not listed above: 451 more.\n- 451 missed: month, {account.slug}\n" in text
        assert len(text) < 20_000

    def test_and_then_none_until_its_minutes_are_over(self, mailed: AlertStage, mailbox: Mailbox) -> None:
        campaign, account, _ = many(mailed, 1)
        mailed.channel(campaign, digest_minutes=30)
        mailed.round()
        for number in range(3):
            late = mailed.stage.delivery(mailed.stage.post(campaign, f"late {number}"), account)
            mailed.set(late, "failed")
            mailed.round(9)
        assert len(mailbox.letters) == 1
        mailed.round(3)
        assert [letter["Subject"] for letter in mailbox.letters[1:]] == ["[Focusweek] 3 alerts: 3 failed"]
        mailed.round(24 * 60)
        assert len(mailbox.letters) == 2

    def test_tells_of_what_was_over_before_it_could_be_told(self, mailed: AlertStage, mailbox: Mailbox) -> None:
        campaign, account, _ = many(mailed, 1)
        mailed.channel(campaign)
        mailed.round()
        short = mailed.stage.delivery(mailed.stage.post(campaign, "short", key="short-one"), account)
        mailed.set(short, "needs_review")
        mailed.round(1)
        mailed.set(short, "published")
        mailed.round(20)
        text = text_of(mailbox.letters[1])
        assert "short-one on main" in text
        assert "Over by now." in text


class TestWhoGetsWhat:
    def test_a_channel_gets_its_kinds_only(self, mailed: AlertStage, mailbox: Mailbox) -> None:
        campaign, account, _ = many(mailed, 1)
        mailed.channel(campaign, kinds=["held", "needs_review"])
        mailed.round()
        assert mailbox.letters == []
        held = mailed.stage.delivery(mailed.stage.post(campaign, "held"), account)
        mailed.set(held, "held")
        mailed.round(1)
        assert [letter["Subject"] for letter in mailbox.letters] == ["[Focusweek] 1 alert: 1 held"]

    def test_each_channel_gets_a_message_of_its_own(self, mailed: AlertStage, mailbox: Mailbox) -> None:
        campaign, _, _ = many(mailed, 2)
        for name in ("a@agency.example", "b@agency.example"):
            mailed.channel(campaign, target=name)
        mailed.round()
        assert sorted(mailbox.recipients) == ["a@agency.example", "b@agency.example"]

    def test_another_organization_s_channel_gets_nothing(self, mailed: AlertStage, mailbox: Mailbox) -> None:
        many(mailed, 1)
        other = mailed.stage.campaign(slug="other", organization="other-agency")
        mailed.channel(other)
        mailed.round()
        assert mailbox.letters == []

    def test_a_new_channel_is_told_of_what_is_open_and_not_of_what_was_over(
        self, mailed: AlertStage, mailbox: Mailbox
    ) -> None:
        campaign, _, (first, second) = many(mailed, 2)
        mailed.round()
        mailed.set(first, "cancelled")
        mailed.round(1)
        mailed.channel(campaign)
        mailed.round(1)
        assert mailed.messages()[0].alerts == [alert.id for alert in mailed.alerts()]
        assert mailed.alerts()[0].delivery_id == second

    def test_one_that_is_off_gets_what_is_open_once_it_is_on_again(self, mailed: AlertStage, mailbox: Mailbox) -> None:
        campaign, _, _ = many(mailed, 1)
        channel, _ = mailed.channel(campaign)
        mailed.change(mailed.get_channel(channel), state="off")
        mailed.round()
        assert mailbox.letters == []
        mailed.change(mailed.get_channel(channel), state="on")
        mailed.round(1)
        assert len(mailbox.letters) == 1


def test_a_link_leads_to_each_delivery_where_the_service_knows_its_address(
    mailed: AlertStage, mailbox: Mailbox
) -> None:
    campaign, account, (delivery,) = many(mailed, 1)
    mailed.change(account, token_expires_at=mailed.clock.now() + timedelta(hours=1))
    linked = AlertStage(
        mailed.stage, mailed._settings.model_dump() | {"public_url": "https://focusweek.agency.example/"}
    )
    linked.channel(campaign)
    linked.round()
    text = text_of(mailbox.letters[0])
    assert f"https://focusweek.agency.example/api/v1/deliveries/{delivery}" in text
    assert f"https://focusweek.agency.example/api/v1/accounts/{account.id}" in text
    assert "account main" in text


def test_a_name_that_holds_lines_cannot_add_a_header(mailed: AlertStage, mailbox: Mailbox) -> None:
    campaign, _, _ = many(mailed, 1)
    mailed.change(campaign, name="month\r\nBcc: everybody@agency.example")
    mailed.channel(campaign)
    mailed.round()
    (letter,) = mailbox.letters
    assert letter["Bcc"] is None
    assert mailbox.recipients == [ALERTS]
