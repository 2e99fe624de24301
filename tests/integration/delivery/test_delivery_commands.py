from __future__ import annotations

from datetime import timedelta

import pytest
from delivery_stage import START, Stage
from sqlalchemy import update

from app.delivery import commands, review
from app.errors import InvalidInput, NotFound, StateRefused
from app.models import Delivery, State
from app.platforms.sandbox.faults import Fault

THREAD = "One. 1-888-373-7888\n---\nTwo.\n---\nThree."
LATER = START + timedelta(days=1)


def put(stage: Stage, delivery: int, state: str, **values: object) -> None:
    lease = "send" if state == "sending" else None
    with stage.database.write() as session:
        session.execute(update(Delivery).where(Delivery.id == delivery).values(state=state, lease=lease, **values))


def do(stage: Stage, command: object, delivery: int, **values: object) -> object:
    with stage.database.write() as session:
        return command(session, delivery, now=stage.clock.now(), actor="staff", **values)  # type: ignore[operator]


def unfinished_thread(stage: Stage) -> int:
    delivery = stage.one(THREAD)
    stage.faults.plan(f"{stage.get_account(delivery).organization_id}/main", None, Fault.REFUSED)
    stage.tick_after(10)
    assert stage.get(delivery).state == "needs_review"
    return delivery


class TestCancel:
    def test_twice_is_refused_in_plain_words(self, stage: Stage) -> None:
        delivery = stage.one()
        with stage.database.write() as session:
            commands.cancel(session, delivery, now=stage.clock.now(), actor="staff")
        with pytest.raises(StateRefused, match="cancelled already"), stage.database.write() as session:
            commands.cancel(session, delivery, now=stage.clock.now(), actor="staff")

    @pytest.mark.parametrize(
        "state", ["scheduled", "held", "blocked", "failed", "missed", "handed_over", "needs_review"]
    )
    def test_ends_what_is_not_out(self, stage: Stage, state: str) -> None:
        delivery = stage.one()
        put(stage, delivery, state)
        assert do(stage, commands.cancel, delivery) == State.CANCELLED
        assert stage.get(delivery).state == "cancelled"

    @pytest.mark.parametrize("state", ["published", "cancelled", "withdrawn"])
    def test_of_what_has_ended_is_refused(self, stage: Stage, state: str) -> None:
        delivery = stage.one()
        put(stage, delivery, state)
        with pytest.raises(StateRefused, match=state):
            do(stage, commands.cancel, delivery)

    @pytest.mark.parametrize("state", ["sending", "unknown"])
    def test_of_what_is_under_way_asks_for_a_stop(self, stage: Stage, state: str) -> None:
        delivery = stage.one()
        put(stage, delivery, state)
        assert do(stage, commands.cancel, delivery) == state
        do(stage, commands.cancel, delivery)
        assert stage.get(delivery).stop_requested_at == stage.clock.now()
        assert stage.history(delivery) == [(state, state, "stop.asked")]

    def test_of_a_begun_thread_never_ends_in_cancelled(self, stage: Stage) -> None:
        delivery = stage.one(THREAD)
        stage.faults.plan(f"{stage.get_account(delivery).organization_id}/main", None, Fault.UNREACHABLE)
        stage.tick_after(10)
        assert do(stage, commands.cancel, delivery) == State.SCHEDULED
        stage.run()
        assert (stage.get(delivery).state, stage.texts()) == ("needs_review", ["One. 1-888-373-7888"])
        with pytest.raises(StateRefused, match="1 parts"):
            do(stage, commands.cancel, delivery)

    def test_of_nothing_says_so(self, stage: Stage) -> None:
        with pytest.raises(NotFound):
            do(stage, commands.cancel, 4711)


class TestReschedule:
    @pytest.mark.parametrize("state", ["scheduled", "blocked", "failed", "missed"])
    def test_gives_a_new_time_and_a_new_window(self, stage: Stage, state: str) -> None:
        delivery = stage.one()
        put(stage, delivery, state, attempts_made=5)
        assert do(stage, commands.reschedule, delivery, due_at=LATER) == State.SCHEDULED
        row = stage.get(delivery)
        assert (row.state, row.due_at, row.ready_at, row.attempts_made) == ("scheduled", LATER, LATER, 0)
        stage.run()
        assert stage.get(delivery).published_at == LATER

    def test_of_a_held_delivery_keeps_it_held(self, stage: Stage) -> None:
        delivery = stage.one()
        put(stage, delivery, "held")
        assert do(stage, commands.reschedule, delivery, due_at=LATER) == State.HELD
        assert (stage.get(delivery).state, stage.get(delivery).due_at) == ("held", LATER)

    @pytest.mark.parametrize("state", ["sending", "unknown", "needs_review", "published", "cancelled", "handed_over"])
    def test_of_anything_else_is_refused(self, stage: Stage, state: str) -> None:
        delivery = stage.one()
        put(stage, delivery, state)
        with pytest.raises(StateRefused):
            do(stage, commands.reschedule, delivery, due_at=LATER)

    def test_into_the_past_is_refused(self, stage: Stage) -> None:
        delivery = stage.one()
        with pytest.raises(InvalidInput, match="past"):
            do(stage, commands.reschedule, delivery, due_at=START - timedelta(seconds=1))


class TestSendNow:
    def test_sends_long_before_or_after_its_time(self, stage: Stage) -> None:
        campaign = stage.campaign()
        account, post = stage.account(campaign), stage.post(campaign)
        ahead = stage.delivery(post, account, in_minutes=5000)
        past = stage.delivery(post, account, in_minutes=0, occurrence="2")
        stage.tick_after(100)
        assert stage.get(past).state == "published" or stage.get(past).state == "missed"
        do(stage, commands.send_now, ahead)
        stage.tick_after(0)
        assert stage.get(ahead).state == "published"


class TestRetry:
    @pytest.mark.parametrize("state", ["failed", "missed", "blocked"])
    def test_sends_again_at_once_what_is_past(self, stage: Stage, state: str) -> None:
        delivery = stage.one()
        stage.clock.advance(timedelta(hours=5))
        put(stage, delivery, state, attempts_made=5)
        do(stage, commands.retry, delivery)
        stage.tick_after(0)
        assert stage.get(delivery).state == "published"

    def test_of_a_held_delivery_needs_a_connected_account(self, stage: Stage) -> None:
        delivery = stage.one(state="needs_reconnect")
        stage.tick_after(10)
        with pytest.raises(StateRefused, match="not connected"):
            do(stage, commands.retry, delivery)


class TestReview:
    def test_says_that_it_went_out(self, stage: Stage) -> None:
        delivery = stage.one()
        put(stage, delivery, "needs_review")
        do(stage, review.resolve_went_out, delivery, link="https://social.example/1")
        assert (stage.get(delivery).state, stage.get(delivery).remote_url) == ("published", "https://social.example/1")

    def test_without_a_link_is_refused(self, stage: Stage) -> None:
        delivery = stage.one()
        put(stage, delivery, "needs_review")
        with pytest.raises(InvalidInput):
            do(stage, review.resolve_went_out, delivery, link=None)

    def test_sends_again_with_new_keys(self, stage: Stage) -> None:
        delivery = stage.one()
        stage.faults.plan(f"{stage.get_account(delivery).organization_id}/main", Fault.UNKNOWN_LOST)
        stage.tick_after(10)
        put(stage, delivery, "needs_review")
        do(stage, review.resolve_send_again, delivery)
        stage.tick_after(0)
        first, second = stage.attempts(delivery)
        assert (first.generation, second.generation, stage.get(delivery).state) == (1, 2, "published")
        assert stage.parts(first)[0].key != stage.parts(second)[0].key

    def test_sends_the_rest_of_a_thread(self, stage: Stage) -> None:
        delivery = unfinished_thread(stage)
        do(stage, review.resolve_send_rest, delivery)
        stage.tick_after(0)
        assert stage.get(delivery).state == "published"
        assert stage.texts() == ["One. 1-888-373-7888", "Two.", "Three."]

    def test_finishes_a_thread_as_it_stands(self, stage: Stage) -> None:
        delivery = unfinished_thread(stage)
        do(stage, review.resolve_went_out, delivery, link=None)
        row = stage.get(delivery)
        assert (row.state, row.remote_id) == ("published", stage.feed.list()[0].id)

    def test_never_sends_a_thread_again_that_is_partly_out(self, stage: Stage) -> None:
        delivery = unfinished_thread(stage)
        with pytest.raises(StateRefused, match="1 parts"):
            do(stage, review.resolve_send_again, delivery)

    @pytest.mark.parametrize("command", [review.resolve_send_again, review.resolve_send_rest])
    def test_of_what_needs_none_is_refused(self, stage: Stage, command: object) -> None:
        delivery = stage.one()
        with pytest.raises(StateRefused, match="scheduled"):
            do(stage, command, delivery)


class TestReplan:
    def test_moves_what_was_never_attempted(self, stage: Stage) -> None:
        delivery = stage.one()
        assert do(stage, commands.move_delivery, delivery, due_at=LATER) is True
        assert stage.get(delivery).ready_at == LATER

    def test_leaves_what_was_attempted_or_is_elsewhere(self, stage: Stage) -> None:
        delivery = stage.one()
        stage.faults.plan(f"{stage.get_account(delivery).organization_id}/main", Fault.UNREACHABLE)
        stage.tick_after(10)
        assert stage.get(delivery).state == "scheduled"
        assert do(stage, commands.move_delivery, delivery, due_at=LATER) is False
        with stage.database.write() as session:
            assert commands.remove_planned(session, delivery) is False
        put(stage, delivery, "held")
        assert do(stage, commands.move_delivery, delivery, due_at=LATER) is False

    def test_removes_a_plan_with_its_history(self, stage: Stage) -> None:
        delivery = stage.one()
        do(stage, commands.move_delivery, delivery, due_at=LATER)
        with stage.database.write() as session:
            assert commands.remove_planned(session, delivery) is True
        assert stage.states() == []
