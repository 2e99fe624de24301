"""Withdrawals when somebody else is at it too, when the errand dies, and when proof comes late."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from delivery_stage import Stage
from sqlalchemy import update
from withdraw_stage import PARTS, THREAD, Moody, ask, moody_stage, published, retracted

from app.db import Database
from app.delivery import withdraw
from app.delivery.engine import Engine
from app.models import AttemptPart, Delivery
from app.platforms.base import Connection
from app.platforms.results import RemoteRef, RetractResult


class Killed(BaseException):
    """Ends an errand as the end of its process would."""


class Dying(Moody):
    """Dies after it has deleted, before anybody could store that."""

    def retract_part(self, ref: RemoteRef, connection: Connection, *, deadline: float) -> RetractResult:
        result = super().retract_part(ref, connection, deadline=deadline)
        if len(self.asked) == 2:
            raise Killed
        return result


class Meeting(Moody):
    """Waits in its first call until a test lets it go on."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self.arrived, self.go_on = threading.Event(), threading.Event()

    def retract_part(self, ref: RemoteRef, connection: Connection, *, deadline: float) -> RetractResult:
        self.arrived.set()
        assert self.go_on.wait(20)
        return super().retract_part(ref, connection, deadline=deadline)


class Underway:
    """A thread's withdrawal that stands in its first call to the network."""

    def __init__(self, database: Database) -> None:
        self.stage, _ = moody_stage(database)
        self.network = Meeting(self.stage)
        self.stage.adapters.sandbox = self.network
        self.delivery = published(self.stage)
        ask(self.stage, self.delivery)
        self._errand = threading.Thread(target=withdraw.withdraw, args=(self.stage.deps, self.delivery))
        self._errand.start()
        assert self.network.arrived.wait(20)

    def end(self) -> None:
        self.network.go_on.set()
        self._errand.join(20)
        assert not self._errand.is_alive()


@pytest.fixture
def underway(database: Database) -> Iterator[Underway]:
    underway = Underway(database)
    yield underway
    underway.end()


class TestTwoProcesses:
    def test_do_not_both_take_one_delivery_back(self, underway: Underway) -> None:
        stage = underway.stage
        other = Engine(stage.deps)
        assert other.tick().withdrawn == 0
        due = other.next_due()
        assert due is not None
        assert due > stage.clock.now() + timedelta(seconds=60), "the other process would tick again and again"
        underway.end()
        assert (stage.get(underway.delivery).state, len(underway.network.asked)) == ("withdrawn", 3)
        other.close()

    def test_the_slower_one_changes_nothing_when_its_lease_was_over(self, underway: Underway) -> None:
        stage, delivery = underway.stage, underway.delivery
        stage.clock.advance(stage.deps.options.send_lease)
        stage.adapters.sandbox = Moody(stage)
        stage.engine.tick()
        assert stage.get(delivery).state == "withdrawn"
        events = stage.history(delivery)
        underway.end()
        assert (stage.get(delivery).state, stage.history(delivery)) == ("withdrawn", events)
        assert len(underway.network.asked) == 1, "an overtaken errand asks for nothing more"


class TestAnErrandThatDied:
    def test_is_taken_up_where_it_stood_when_its_lease_is_over(self, database: Database) -> None:
        stage, _ = moody_stage(database)
        network = Dying(stage)
        stage.adapters.sandbox = network
        delivery = published(stage)
        ask(stage, delivery)
        with pytest.raises(Killed):
            withdraw.withdraw(stage.deps, delivery)
        assert stage.texts() == PARTS[:1]
        assert [done for _, done, _ in retracted(stage, delivery)] == [False, False, True]
        stage.tick_after(1)
        assert stage.get(delivery).state == "withdrawing"
        stage.run()
        assert (stage.get(delivery).state, stage.texts()) == ("withdrawn", [])
        assert len(network.asked) == 4, "the part whose deletion was not stored is asked for again"


class TestProofThatComesLate:
    """A further part turns out to be out while, or after, a delivery is taken back."""

    def turn_up(self, stage: Stage, delivery: int) -> None:
        """Make one more post of the delivery known, as the answer of an older attempt would."""
        attempt = stage.attempts(delivery)[0]
        row = stage.get(delivery)
        post = stage.feed.put(
            account=f"{row.organization_id}/main", platform="mastodon", key="older", text="Older.",
            created_at=stage.clock.now(),
        )  # fmt: skip
        with stage.database.write() as session:
            session.add(
                AttemptPart(
                    organization_id=row.organization_id,
                    attempt_id=attempt.id,
                    index=9,
                    text="Older.",
                    length=6,
                    key="older",
                    record={},
                    outcome="published",
                    remote_id=post.id,
                    remote_extra={},
                )
            )

    def test_during_it_takes_that_part_back_too(self, underway: Underway) -> None:
        stage, delivery = underway.stage, underway.delivery
        self.turn_up(stage, delivery)
        underway.end()
        assert stage.get(delivery).state == "withdrawing"
        stage.run()
        assert (stage.get(delivery).state, stage.texts()) == ("withdrawn", [])

    @pytest.mark.parametrize("state", ["withdrawing", "withdraw_failed"])
    def test_after_a_person_was_asked_goes_to_the_engine(self, stage: Stage, state: str) -> None:
        delivery = published(stage)
        ask(stage, delivery)
        with stage.database.write() as session:
            session.execute(update(Delivery).values(state=state, withdraw_at=None))
        self.turn_up(stage, delivery)
        with stage.database.write() as session:
            row = session.get_one(Delivery, delivery, with_for_update=True)
            assert withdraw.late_part(session, row, stage.clock.now())
        stage.run()
        assert (stage.get(delivery).state, stage.texts()) == ("withdrawn", [])

    def test_after_all_was_gone_is_for_a_person(self, stage: Stage) -> None:
        delivery = published(stage, THREAD)
        ask(stage, delivery)
        stage.tick_after(0)
        self.turn_up(stage, delivery)
        with stage.database.write() as session:
            row = session.get_one(Delivery, delivery, with_for_update=True)
            assert not withdraw.late_part(session, row, stage.clock.now())
        assert stage.get(delivery).state == "withdrawn"
