"""Looks: how often a network that cannot be asked is asked, and what a person is told in the end."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

import pytest
from delivery_stage import START, Stage
from sqlalchemy import update

from app.delivery import hold
from app.delivery.options import EngineOptions
from app.delivery.reconcile import reconcile, waiting
from app.errors import StorageUnavailable
from app.models import Account, Attempt, Circuit, Delivery
from app.platforms.base import Connection, Sending
from app.platforms.results import CannotTell, FindResult, Found, NotFound, PublishResult, RemoteRef, Unknown
from app.platforms.sandbox.adapter import SandboxAdapter

OPTIONS = EngineOptions()
AWAY = CannotTell("The server could not be asked: social.example: no connection in time", later=True)
REFUSED = CannotTell("The server refused the account's token.")


class Doubtful(SandboxAdapter):
    """Its first publishing call gets no answer; looks are answered from a script, and then truly."""

    script: deque[FindResult | StorageUnavailable]
    asked: list[datetime]
    silent = True

    def publish_part(self, sending: Sending, connection: Connection, *, deadline: float) -> PublishResult:
        if self.silent:
            self.silent = False
            return Unknown("read_timeout", "social.example: no complete answer in time")
        return super().publish_part(sending, connection, deadline=deadline)

    def find_part(
        self, sending: Sending, connection: Connection, *, since: datetime, taken: frozenset[str], deadline: float
    ) -> FindResult:
        self.asked.append(self._clock.now())
        if self.script:
            answer = self.script.popleft()
            if isinstance(answer, StorageUnavailable):
                raise answer
            return answer
        return super().find_part(sending, connection, since=since, taken=taken, deadline=deadline)


@pytest.fixture
def network(stage: Stage) -> Doubtful:
    sandbox = stage.adapters.sandbox
    assert isinstance(sandbox, SandboxAdapter)
    network = Doubtful(sandbox._profile, stage.feed, stage.clock)
    network.script, network.asked = deque(), []
    stage.adapters.sandbox = network
    return network


def found(stage: Stage) -> Found:
    return Found(RemoteRef("9001", "https://social.example/9001"), stage.clock.now())


def settle(stage: Stage, delivery: int, *, looks: int = 30) -> Delivery:
    """Run the looks that are due, one after the other, until none is left or the delivery has moved on."""
    state = stage.get(delivery).state
    for _ in range(looks):
        with stage.database.read() as session:
            due = dict(waiting(stage.deps, session))
        if delivery not in due or stage.get(delivery).state != state:
            break
        stage.clock.move_to(due[delivery])
        reconcile(stage.deps, delivery)
    return stage.get(delivery)


def reconnect(stage: Stage, delivery: int) -> None:
    with stage.database.write() as session:
        account = session.get_one(Account, stage.get(delivery).account_id, with_for_update=True)
        hold.release_account(session, account, stage.clock.now(), actor="staff")


class TestANetworkThatCannotBeAsked:
    def test_is_asked_again_with_growing_waits(self, stage: Stage, network: Doubtful) -> None:
        delivery = stage.one()
        network.script.extend([AWAY] * 4)
        stage.tick_after(10)
        settle(stage, delivery)
        first = START + timedelta(minutes=10) + OPTIONS.publish_deadline + OPTIONS.settle
        assert network.asked[0] == first
        waits = [later - earlier for earlier, later in zip(network.asked, network.asked[1:], strict=False)]
        assert len(waits) == 4
        for step, wait in enumerate(waits):
            full = min(OPTIONS.look_first * 2**step, OPTIONS.look_longest)
            assert full / 2 <= wait <= full
        row = stage.get(delivery)
        assert (row.state, row.looks_made, row.look_at) == ("scheduled", 0, None)

    def test_is_not_asked_before_the_time_that_it_names(self, stage: Stage, network: Doubtful) -> None:
        delivery = stage.one()
        stage.tick_after(10)
        named = stage.clock.now() + timedelta(minutes=30)
        network.script.append(CannotTell("Too many requests", later=True, retry_at=named))
        settle(stage, delivery)
        assert network.asked[1] == named

    def test_is_left_to_a_person_when_the_budget_is_spent(self, stage: Stage, network: Doubtful) -> None:
        delivery = stage.one()
        network.script.extend([AWAY] * 99)
        stage.tick_after(10)
        row = settle(stage, delivery)
        assert (row.state, row.state_reason, row.look_at) == ("needs_review", "cannot_tell", None)
        assert len(network.asked) == OPTIONS.looks_budget
        assert row.state_detail is not None
        assert f"{OPTIONS.looks_budget} times" in row.state_detail
        assert "no connection in time" in row.state_detail
        assert stage.texts() == []

    def test_says_each_time_in_the_history_why(self, stage: Stage, network: Doubtful) -> None:
        delivery = stage.one()
        network.script.append(AWAY)
        stage.tick_after(10)
        settle(stage, delivery)
        assert ("unknown", "unknown", "look.later") in stage.history(delivery)

    def test_that_answers_at_last_settles_it(self, stage: Stage, network: Doubtful) -> None:
        delivery = stage.one()
        stage.tick_after(10)
        network.script.extend([AWAY, AWAY, found(stage)])
        row = settle(stage, delivery)
        assert (row.state, row.remote_id, row.looks_made) == ("published", "9001", 0)

    def test_is_not_asked_while_its_host_is_left_alone(self, stage: Stage, network: Doubtful) -> None:
        delivery = stage.one(via="network", server="https://social.example")
        stage.adapters.network = network
        until = START + timedelta(hours=1)
        stage.tick_after(10)
        with stage.database.write() as session:
            session.execute(update(Circuit).values(failures=9, open_until=until))
        settle(stage, delivery)
        assert network.asked == [until]


class TestTheFirstLook:
    def test_waits_for_a_deadline_that_was_stretched(self, stage: Stage, network: Doubtful) -> None:
        delivery = stage.one()
        stage.tick_after(10)
        stretched = stage.clock.now() + timedelta(minutes=9)
        with stage.database.write() as session:
            session.execute(update(Attempt).values(deadline_at=stretched))
        settle(stage, delivery)
        assert network.asked == [stretched + OPTIONS.settle]


class TestAnAnswerThatNeverChanges:
    @pytest.mark.parametrize("answer", [CannotTell("2 posts carry this text."), REFUSED])
    def test_goes_to_a_person_at_once(self, stage: Stage, network: Doubtful, answer: CannotTell) -> None:
        delivery = stage.one()
        network.script.append(answer)
        stage.tick_after(10)
        row = settle(stage, delivery)
        assert (row.state, row.state_reason, row.state_detail) == ("needs_review", "cannot_tell", answer.reason)
        assert len(network.asked) == 1


class TestAnAccountConnectedAgain:
    @pytest.fixture
    def refused(self, stage: Stage, network: Doubtful) -> int:
        delivery = stage.one()
        network.script.append(REFUSED)
        stage.tick_after(10)
        assert settle(stage, delivery).state == "needs_review"
        return delivery

    def test_has_what_is_out_found(self, stage: Stage, network: Doubtful, refused: int) -> None:
        network.script.append(found(stage))
        reconnect(stage, refused)
        row = settle(stage, refused)
        assert (row.state, row.state_reason, row.remote_id) == ("published", "found", "9001")
        assert ("needs_review", "needs_review", "look.again") in stage.history(refused)

    def test_sends_what_is_proved_not_to_be_out(self, stage: Stage, network: Doubtful, refused: int) -> None:
        reconnect(stage, refused)
        assert settle(stage, refused).state == "scheduled"
        stage.engine.tick()
        assert stage.get(refused).state == "published"
        assert len(stage.texts()) == 1

    def test_sends_nothing_after_its_window(self, stage: Stage, network: Doubtful, refused: int) -> None:
        stage.clock.advance(timedelta(hours=5))
        reconnect(stage, refused)
        settle(stage, refused)
        stage.engine.tick()
        assert stage.get(refused).state == "missed"
        assert stage.texts() == []

    def test_cancels_what_was_to_be_stopped(self, stage: Stage, network: Doubtful, refused: int) -> None:
        with stage.database.write() as session:
            session.execute(update(Delivery).values(stop_requested_at=stage.clock.now()))
        reconnect(stage, refused)
        assert settle(stage, refused).state == "cancelled"

    def test_leaves_with_a_person_what_still_cannot_be_told(
        self, stage: Stage, network: Doubtful, refused: int
    ) -> None:
        network.script.extend([AWAY] * 99)
        reconnect(stage, refused)
        row = settle(stage, refused)
        assert (row.state, row.look_at) == ("needs_review", None)
        assert row.state_detail is not None
        assert "no connection in time" in row.state_detail
        assert len(network.asked) == 1 + OPTIONS.looks_budget

    def test_does_not_wait_for_the_next_look_that_was_put_off(self, stage: Stage, network: Doubtful) -> None:
        delivery = stage.one()
        network.script.extend([CannotTell("Later.", later=True, retry_at=START + timedelta(hours=20))])
        stage.tick_after(10)
        settle(stage, delivery, looks=1)
        reconnect(stage, delivery)
        settle(stage, delivery)
        assert network.asked[1] < START + timedelta(minutes=15)

    def test_leaves_what_a_person_must_settle_for_other_reasons(self, stage: Stage, network: Doubtful) -> None:
        delivery = stage.one()
        stage.tick_after(10)
        with stage.database.write() as session:
            session.execute(
                update(Delivery).values(state="needs_review", state_reason="thread.unfinished", look_at=None)
            )
        reconnect(stage, delivery)
        settle(stage, delivery)
        assert network.asked == []

    def test_as_somebody_else_proves_nothing(self, stage: Stage, network: Doubtful) -> None:
        delivery = stage.one(remote_id="7")
        stage.tick_after(10)
        with stage.database.write() as session:
            session.execute(update(Attempt).values(account_remote_id="7"))
            session.execute(update(Account).values(remote_id="8"))
        row = settle(stage, delivery)
        assert (row.state, row.state_reason) == ("needs_review", "cannot_tell")
        assert network.asked == []


class TestWhoAnAccountIs:
    @pytest.mark.parametrize(
        ("then", "now", "same"), [(None, "7", True), ("7", "7", True), ("7", "8", False), ("7", None, False)]
    )
    def test_is_compared_with_who_it_was(self, then: str | None, now: str | None, same: bool) -> None:
        assert hold.same_account(Attempt(account_remote_id=then), Account(remote_id=now)) is same

    def test_is_told_to_the_person_who_must_settle_the_thread(self) -> None:
        refusal = hold.other_account(Delivery(parts_out=2))
        assert (refusal.state, refusal.reason) == ("needs_review", "thread.other_account")
        assert "2 parts are out" in refusal.detail


class TestAPersonInBetween:
    def test_keeps_what_was_decided_while_the_network_was_asked(self, stage: Stage, network: Doubtful) -> None:
        delivery = stage.one()
        stage.tick_after(10)

        class Interrupted(Doubtful):
            def find_part(self, sending, connection, **kwargs) -> FindResult:
                with stage.database.write() as session:
                    session.execute(update(Delivery).values(state="cancelled"))
                return NotFound()

        other = Interrupted(network._profile, stage.feed, stage.clock)
        stage.adapters.sandbox = other
        assert settle(stage, delivery).state == "cancelled"


class TestLookForWhichTheDatabaseGaveNoSecrets:
    def test_says_nothing_of_the_network_and_is_made_again(self, stage: Stage, network: Doubtful) -> None:
        network.script.append(StorageUnavailable("The database did not take the request."))
        delivery = stage.one()
        stage.tick_after(10)
        stage.tick_after(2)
        assert (stage.get(delivery).state, len(network.asked)) == ("unknown", 1)
        due = stage.engine.next_due()
        # Soon, and not at once: a database that can only be read must not have the network asked without a pause.
        assert due is not None
        assert timedelta(0) < due - stage.clock.now() <= timedelta(seconds=10)
        stage.clock.move_to(due)
        stage.engine.tick()
        assert stage.get(delivery).state != "needs_review"
        assert len(network.asked) == 2
