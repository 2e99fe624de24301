from __future__ import annotations

from datetime import timedelta

import pytest
from delivery_stage import START, Stage

from app.delivery import commands, review
from app.errors import InvalidInput, StateRefused
from app.models import Account

LINK = "https://social.example/@agency/1"


class TestByHand:
    def test_is_composed_gated_and_handed_to_the_named_person(self, stage: Stage) -> None:
        delivery = stage.one("One.\n---\nTwo.", via="by_hand", person="the press desk")
        stage.tick_after(10)
        row = stage.get(delivery)
        assert (row.state, row.handed_over_to, row.handed_over_at) == ("handed_over", "the press desk", row.due_at)
        (attempt,) = stage.attempts(delivery)
        assert (attempt.outcome, [part.text for part in stage.parts(attempt)]) == ("handed_over", ["One.", "Two."])
        assert stage.texts() == []

    def test_confirmed_with_its_link_is_published(self, stage: Stage) -> None:
        delivery = stage.one(via="by_hand", person="the press desk")
        stage.tick_after(10)
        with stage.database.write() as session:
            review.confirm_posted(session, delivery, link=LINK, now=stage.clock.now(), actor="press")
        row = stage.get(delivery)
        assert (row.state, row.remote_url, row.published_at) == ("published", LINK, stage.clock.now())

    @pytest.mark.parametrize("link", ["", "javascript:alert(1)", "https://" + "x" * 1000])
    def test_is_not_confirmed_by_what_is_no_address(self, stage: Stage, link: str) -> None:
        delivery = stage.one(via="by_hand", person="the press desk")
        stage.tick_after(10)
        with pytest.raises(InvalidInput), stage.database.write() as session:
            review.confirm_posted(session, delivery, link=link, now=stage.clock.now(), actor="press")

    def test_unconfirmed_is_reminded_of_once_and_then_missed(self, stage: Stage) -> None:
        delivery = stage.one(via="by_hand", person="the press desk")
        stage.run()
        assert [reason for _, _, reason in stage.history(delivery)] == [
            "by_hand.handed_over",
            "by_hand.reminded",
            "by_hand.unconfirmed",
        ]
        row = stage.get(delivery)
        assert (row.state, row.reminded_at, row.state_since) == (
            "missed",
            START + timedelta(minutes=40),
            START + timedelta(minutes=70),
        )

    def test_window_can_be_the_accounts_own(self, stage: Stage) -> None:
        delivery = stage.one(via="by_hand", person="the press desk", settings={"by_hand_minutes": 600})
        stage.run()
        assert stage.get(delivery).state_since == START + timedelta(minutes=610)

    def test_missed_and_moved_is_handed_over_anew(self, stage: Stage) -> None:
        delivery = stage.one(via="by_hand", person="the press desk")
        stage.run()
        with stage.database.write() as session:
            commands.send_now(session, delivery, now=stage.clock.now(), actor="staff")
        stage.tick_after(0)
        assert stage.get(delivery).state == "handed_over"
        assert [a.generation for a in stage.attempts(delivery)] == [1, 2]

    def test_blocks_on_errors_and_without_a_person(self, stage: Stage) -> None:
        campaign = stage.campaign()
        post = stage.post(campaign, "FORBIDDEN")
        forbidden = stage.delivery(post, stage.account(campaign, via="by_hand", person="the press desk"))
        nobody = stage.delivery(stage.post(campaign), stage.account(campaign, "nobody", via="by_hand"))
        stage.run()
        assert [(stage.get(row).state, stage.get(row).state_reason) for row in (forbidden, nobody)] == [
            ("blocked", "rules"),
            ("blocked", "person_missing"),
        ]

    def test_waits_during_a_pause(self, stage: Stage) -> None:
        delivery = stage.one(via="by_hand", person="the press desk")
        stage.pause("account", delivery)
        stage.tick_after(10)
        assert stage.get(delivery).state == "scheduled"
        stage.run()
        assert stage.get(delivery).state_reason == "late.paused"

    def test_can_be_cancelled_after_it_was_handed_over(self, stage: Stage) -> None:
        delivery = stage.one(via="by_hand", person="the press desk")
        stage.tick_after(10)
        with stage.database.write() as session:
            commands.cancel(session, delivery, now=stage.clock.now(), actor="staff")
        assert stage.get(delivery).state == "cancelled"

    def test_confirmed_too_late_is_refused_with_the_state(self, stage: Stage) -> None:
        delivery = stage.one(via="by_hand", person="the press desk")
        stage.run()
        with pytest.raises(StateRefused, match="missed"), stage.database.write() as session:
            review.confirm_posted(session, delivery, link=LINK, now=stage.clock.now(), actor="press")

    def test_does_not_use_up_the_accounts_row_for_others(self, stage: Stage) -> None:
        delivery = stage.one(via="by_hand", person="the press desk")
        stage.tick_after(10)
        with stage.database.read() as session:
            assert session.get_one(Account, stage.get(delivery).account_id).state == "connected"
