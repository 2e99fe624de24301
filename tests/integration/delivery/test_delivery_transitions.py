from __future__ import annotations

import itertools

import pytest
from delivery_stage import Stage
from sqlalchemy import update

from app.delivery import states, transitions
from app.errors import StateRefused
from app.models import Delivery, State

PAIRS = list(itertools.product(State, State))


def put(stage: Stage, delivery: int, state: State) -> None:
    lease = {"lease": "send" if state is State.SENDING else None, "lease_until": None}
    with stage.database.write() as session:
        session.execute(update(Delivery).where(Delivery.id == delivery).values(state=state.value, fence=5, **lease))


def move(stage: Stage, delivery: int, source: State, target: State, **more: object) -> bool:
    if target is State.SENDING:
        more["values"] = {"lease": "dispatch", "lease_until": stage.clock.now()}
    with stage.database.write() as session:
        return transitions.move(session, delivery, source, target, at=stage.clock.now(), **more)  # type: ignore[arg-type]


class TestEveryPairOfStates:
    def test_is_either_allowed_and_works_with_its_event_or_is_refused_and_changes_nothing(self, stage: Stage) -> None:
        delivery = stage.one()
        for source, target in PAIRS:
            put(stage, delivery, source)
            before = stage.history(delivery)
            if states.allowed(source, target):
                assert move(stage, delivery, source, target, reason="test", fence=5)
                assert stage.get(delivery).state == target
                assert stage.history(delivery) == [*before, (source, target, "test")]
            else:
                with pytest.raises(StateRefused):
                    move(stage, delivery, source, target)
                assert (stage.get(delivery).state, stage.history(delivery)) == (source, before)


class TestMove:
    def test_of_a_row_that_stands_elsewhere_is_no_error_and_changes_nothing(self, stage: Stage) -> None:
        delivery = stage.one()
        put(stage, delivery, State.PUBLISHED)
        assert move(stage, delivery, State.SCHEDULED, State.MISSED) is False
        assert (stage.get(delivery).state, stage.history(delivery)) == ("published", [])

    def test_with_an_old_fence_changes_nothing(self, stage: Stage) -> None:
        delivery = stage.one()
        put(stage, delivery, State.SENDING)
        assert move(stage, delivery, State.SENDING, State.FAILED, fence=4) is False
        assert stage.get(delivery).state == "sending"

    def test_into_work_raises_the_fence_and_out_of_it_ends_the_lease(self, stage: Stage) -> None:
        delivery = stage.one()
        assert move(stage, delivery, State.SCHEDULED, State.SENDING, fence=0)
        assert (stage.get(delivery).fence, stage.get(delivery).lease) == (1, "dispatch")
        assert move(stage, delivery, State.SENDING, State.UNKNOWN, fence=1)
        assert (stage.get(delivery).fence, stage.get(delivery).lease, stage.get(delivery).lease_until) == (
            1,
            None,
            None,
        )

    def test_rolled_back_leaves_neither_state_nor_event(self, stage: Stage) -> None:
        delivery = stage.one()
        with stage.database.write() as session:
            assert transitions.move(session, delivery, State.SCHEDULED, State.HELD, at=stage.clock.now())
            session.rollback()
        assert (stage.get(delivery).state, stage.history(delivery)) == ("scheduled", [])
