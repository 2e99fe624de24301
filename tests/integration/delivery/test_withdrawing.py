from __future__ import annotations

from datetime import timedelta

import pytest
from delivery_stage import Stage
from sqlalchemy import update
from withdraw_stage import PARTS, REASON, REFUSED, THREAD, again, ask, busy, gone, moody_stage, published, retracted

from app.db import Database
from app.delivery import review, withdraw, withdraw_commands
from app.errors import InvalidInput, StateRefused
from app.models import Account, AttemptPart, Delivery
from app.platforms.results import RetractByHand
from app.platforms.sandbox.faults import Fault


class TestAPublishedDelivery:
    def test_is_taken_back_with_its_reason_and_its_record_stays(self, stage: Stage) -> None:
        delivery = published(stage, "Help is there. 1-888-373-7889")
        ask(stage, delivery)
        row = stage.get(delivery)
        assert (row.state, row.withdraw_reason, row.withdraw_asked_by) == ("withdrawing", REASON, "staff")
        stage.tick_after(0)
        row = stage.get(delivery)
        assert (row.state, row.state_reason, row.withdrawn_at) == ("withdrawn", "withdraw.done", stage.clock.now())
        assert stage.texts() == []
        assert row.remote_id
        assert [part.text for part in stage.parts(stage.attempts(delivery)[0])] == ["Help is there. 1-888-373-7889"]
        assert stage.history(delivery)[-2:] == [
            ("published", "withdrawing", "withdraw.asked"),
            ("withdrawing", "withdrawn", "withdraw.done"),
        ]

    def test_needs_a_reason(self, stage: Stage) -> None:
        delivery = published(stage)
        with pytest.raises(InvalidInput, match="reason"):
            ask(stage, delivery, "  ")
        assert stage.get(delivery).state == "published"

    @pytest.mark.parametrize("scope", ["instance", "organization", "campaign", "week", "account"])
    def test_is_taken_back_while_everything_is_paused(self, stage: Stage, scope: str) -> None:
        delivery = published(stage)
        stage.pause(scope, delivery)
        ask(stage, delivery)
        stage.tick_after(0)
        assert (stage.get(delivery).state, stage.texts()) == ("withdrawn", [])

    def test_that_is_withdrawn_is_final(self, stage: Stage) -> None:
        delivery = published(stage)
        ask(stage, delivery)
        stage.tick_after(0)
        for step in (ask, again, gone):
            with pytest.raises(StateRefused) as refused:
                step(stage, delivery)
            assert refused.value.hint
        assert stage.engine.next_due() is None

    @pytest.mark.parametrize("state", ["scheduled", "sending", "unknown", "held", "missed", "cancelled", "handed_over"])
    def test_only_what_is_out_is_taken_back(self, stage: Stage, state: str) -> None:
        delivery = stage.one()
        lease = "send" if state == "sending" else None
        with stage.database.write() as session:
            session.execute(update(Delivery).values(state=state, lease=lease))
        with pytest.raises(StateRefused) as refused:
            ask(stage, delivery)
        assert refused.value.hint
        assert stage.get(delivery).state == state


class TestAThread:
    def test_is_taken_back_from_its_end(self, database: Database) -> None:
        stage, network = moody_stage(database)
        delivery = published(stage)
        ids = [post.id for post in reversed(stage.feed.list())]
        ask(stage, delivery)
        stage.tick_after(0)
        assert network.asked == ids[::-1]
        assert stage.get(delivery).state == "withdrawn"
        assert retracted(stage, delivery) == [(0, True, None), (1, True, None), (2, True, None)]

    def test_keeps_its_mention_as_long_as_a_later_part_is_out(self, database: Database) -> None:
        stage, network = moody_stage(database)
        delivery = published(stage)
        network.retracts.extend([None, REFUSED])
        ask(stage, delivery)
        stage.tick_after(0)
        assert stage.texts() == PARTS[:2]
        row = stage.get(delivery)
        assert (row.state, row.state_reason) == ("withdraw_failed", "withdraw.refused")
        assert "This is not allowed." in str(row.state_detail)
        assert "/sandbox?post=" in str(row.state_detail)
        assert retracted(stage, delivery) == [(0, False, None), (1, False, "http_403"), (2, True, None)]

    def test_in_review_is_finished_and_taken_back_in_one(self, stage: Stage) -> None:
        delivery = stage.one(THREAD)
        stage.faults.plan(f"{stage.get_account(delivery).organization_id}/main", None, Fault.REFUSED)
        stage.tick_after(10)
        assert (stage.get(delivery).state, stage.get(delivery).parts_out) == ("needs_review", 1)
        ask(stage, delivery)
        stage.tick_after(0)
        assert (stage.get(delivery).state, stage.texts()) == ("withdrawn", [])
        assert [target for _, target, _ in stage.history(delivery)][-3:] == ["published", "withdrawing", "withdrawn"]

    def test_with_a_part_of_which_nobody_knows_is_left_to_a_person_whole(self, stage: Stage) -> None:
        delivery = stage.one(THREAD)
        stage.faults.plan(f"{stage.get_account(delivery).organization_id}/main", None, Fault.UNKNOWN_FOR_GOOD)
        stage.tick_after(10)
        stage.run()
        assert stage.get(delivery).state == "needs_review"
        ask(stage, delivery)
        stage.tick_after(0)
        row = stage.get(delivery)
        assert (row.state, row.state_reason, row.withdraw_at) == ("withdrawing", "withdraw.by_hand", None)
        assert "Part 2 may be out" in str(row.state_detail)
        assert stage.texts() == PARTS[:1]
        gone(stage, delivery)
        assert stage.get(delivery).state == "withdrawn"

    def test_whose_parts_two_generations_sent_is_taken_back_whole(self, stage: Stage) -> None:
        delivery = stage.one("First.")
        stage.faults.plan(f"{stage.get_account(delivery).organization_id}/main", Fault.UNKNOWN_FOR_GOOD)
        stage.run(hours=1)
        with stage.database.write() as session:
            review.resolve_send_again(session, delivery, now=stage.clock.now(), actor="staff")
        stage.tick_after(1)
        # The first one is out after all, and late proof has said so.
        first = stage.parts(stage.attempts(delivery)[0])[0]
        account = stage.get_account(delivery)
        post = stage.feed.put(
            account=f"{account.organization_id}/main", platform="mastodon", key=first.key, text=first.text,
            created_at=stage.clock.now(),
        )  # fmt: skip
        with stage.database.write() as session:
            session.execute(
                update(AttemptPart).where(AttemptPart.id == first.id).values(remote_id=post.id, outcome="published")
            )
        assert len(stage.texts()) == 2
        ask(stage, delivery)
        stage.tick_after(0)
        assert (stage.get(delivery).state, stage.texts()) == ("withdrawn", [])


class TestTrouble:
    def test_that_passes_is_tried_again_and_again_with_longer_waits(self, database: Database) -> None:
        stage, network = moody_stage(database)
        delivery = published(stage)
        network.retracts.extend([busy(), RuntimeError("broken"), busy()])
        ask(stage, delivery)
        waits = []
        while stage.get(delivery).state == "withdrawing":
            due = stage.engine.next_due()
            assert due is not None
            waits.append((due - stage.clock.now()).total_seconds())
            stage.clock.move_to(max(due, stage.clock.now()))
            stage.engine.tick()
        assert stage.get(delivery).state == "withdrawn"
        assert waits[0] == 0
        assert 20 < waits[1] < 40 < waits[2] < 80 < waits[3] < 160
        assert ("withdrawing", "withdrawing", "withdraw.later") in stage.history(delivery)
        assert stage.texts() == []

    def test_with_a_time_of_the_networks_own_waits_until_then(self, database: Database) -> None:
        stage, network = moody_stage(database)
        delivery = published(stage)
        network.retracts.append(busy(90, stage))
        ask(stage, delivery)
        stage.tick_after(0)
        assert stage.engine.next_due() == stage.clock.now() + timedelta(minutes=90)

    def test_that_does_not_end_is_given_to_a_person_after_the_budget(self, database: Database) -> None:
        stage, network = moody_stage(database, withdrawals_budget=3)
        delivery = published(stage)
        network.retracts.extend([busy()] * 3)
        ask(stage, delivery)
        stage.run()
        row = stage.get(delivery)
        assert (row.state, len(network.asked), stage.texts()) == ("withdraw_failed", 3, PARTS)
        assert "Too many requests." in str(row.state_detail)
        assert stage.engine.next_due() is None
        again(stage, delivery)
        stage.tick_after(0)
        assert (stage.get(delivery).state, stage.texts()) == ("withdrawn", [])

    def test_with_an_account_that_is_not_connected_says_what_to_do(self, stage: Stage) -> None:
        delivery = published(stage)
        with stage.database.write() as session:
            session.execute(update(Account).values(state="needs_reconnect"))
        ask(stage, delivery)
        stage.tick_after(0)
        row = stage.get(delivery)
        assert (row.state, row.state_reason) == ("withdraw_failed", "account.needs_reconnect")
        assert "Connect it again" in str(row.state_detail)
        assert "/sandbox?post=" in str(row.state_detail)
        with stage.database.write() as session:
            session.execute(update(Account).values(state="connected"))
        again(stage, delivery)
        stage.tick_after(0)
        assert stage.get(delivery).state == "withdrawn"


class TestAPersonsHands:
    @pytest.fixture
    def by_link(self, stage: Stage) -> int:
        """A delivery of which a person said where it stands, and nobody knows its id."""
        delivery = stage.one()
        stage.faults.plan(f"{stage.get_account(delivery).organization_id}/main", Fault.UNKNOWN_FOR_GOOD)
        stage.run(hours=1)
        with stage.database.write() as session:
            link = "https://example.org/post/1"
            review.resolve_went_out(session, delivery, link=link, now=stage.clock.now(), actor="staff")
        ask(stage, delivery)
        return delivery

    def test_are_told_what_to_delete_and_where(self, stage: Stage, by_link: int) -> None:
        row = stage.get(by_link)
        assert (row.state, row.state_reason, row.withdraw_at) == ("withdrawing", "withdraw.by_hand", None)
        assert "https://example.org/post/1" in str(row.state_detail)
        assert stage.engine.next_due() is None

    def test_end_it_by_saying_that_it_is_gone(self, stage: Stage, by_link: int) -> None:
        gone(stage, by_link)
        row = stage.get(by_link)
        assert (row.state, row.state_reason, row.withdrawn_at) == ("withdrawn", "withdraw.confirmed", stage.clock.now())

    def test_end_it_by_saying_that_it_stays_and_later_that_it_is_gone(self, stage: Stage, by_link: int) -> None:
        with stage.database.write() as session:
            withdraw_commands.cannot_be_deleted(
                session, by_link, why="The page is closed.", now=stage.clock.now(), actor="staff"
            )
        row = stage.get(by_link)
        assert row.state == "withdraw_failed"
        assert "The page is closed." in str(row.state_detail)
        gone(stage, by_link)
        assert stage.get(by_link).state == "withdrawn"

    def test_take_over_where_the_network_has_no_call_for_it(self, database: Database) -> None:
        stage, network = moody_stage(database)
        delivery = published(stage)
        network.retracts.append(RetractByHand("Instagram has no call for it."))
        ask(stage, delivery)
        stage.tick_after(0)
        row = stage.get(delivery)
        assert (row.state, row.state_reason, stage.texts()) == ("withdrawing", "withdraw.by_hand", PARTS)
        gone(stage, delivery)
        assert [done for _, done, _ in retracted(stage, delivery)] == [True, True, True]

    def test_are_not_asked_while_focusweek_is_at_it(self, stage: Stage) -> None:
        delivery = published(stage)
        ask(stage, delivery)
        with pytest.raises(StateRefused, match="itself"):
            gone(stage, delivery)

    def test_of_an_account_by_hand_are_named(self, stage: Stage) -> None:
        delivery = stage.one(via="by_hand", person="The press office")
        stage.tick_after(10)
        with stage.database.write() as session:
            link = "https://example.org/post/2"
            review.confirm_posted(session, delivery, link=link, now=stage.clock.now(), actor="staff")
        ask(stage, delivery)
        detail = str(stage.get(delivery).state_detail)
        assert "The press office deletes https://example.org/post/2" in detail
        with stage.database.read() as session:
            assert withdraw.waiting(stage.deps, session) == []
