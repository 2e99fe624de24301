from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.clock import VirtualClock
from app.delivery.lanes import Lanes


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(datetime(2027, 1, 11, 15, tzinfo=UTC))


class TestAPromptHost:
    def test_may_have_every_worker_and_not_the_spare_threads(self, clock: VirtualClock) -> None:
        lanes = Lanes(4, clock)
        for _ in range(4):
            assert lanes.room("a") > 0
            lanes.enter("a")
        assert (lanes.room("a"), lanes.blocked(), lanes.threads) == (0, frozenset(), 6)
        assert lanes.room("b") == 4

    def test_has_room_again_when_one_has_ended(self, clock: VirtualClock) -> None:
        lanes = Lanes(1, clock)
        ticket = lanes.enter("a")
        assert lanes.room("a") == 0
        lanes.leave(ticket)
        lanes.leave(ticket)
        assert lanes.room("a") == 1


class TestASlowHost:
    def test_may_have_half_of_them_until_it_answers(self, clock: VirtualClock) -> None:
        lanes = Lanes(4, clock)
        first = lanes.enter("a")
        clock.advance(timedelta(seconds=3))
        assert (lanes.room("a"), lanes.blocked()) == (1, frozenset())
        second = lanes.enter("a")
        assert (lanes.room("a"), lanes.blocked()) == (0, {"a"})
        lanes.leave(first)
        assert (lanes.room("a"), lanes.blocked()) == (3, frozenset())
        lanes.leave(second)

    def test_may_always_have_one(self, clock: VirtualClock) -> None:
        lanes = Lanes(1, clock)
        assert lanes.room("a") == 1
        lanes.enter("a")
        clock.advance(timedelta(seconds=3))
        assert lanes.room("b") == 1
        assert lanes.threads == 2


class TestNoHost:
    def test_is_never_full(self, clock: VirtualClock) -> None:
        lanes = Lanes(2, clock)
        for _ in range(9):
            lanes.enter(None)
        clock.advance(timedelta(seconds=3))
        assert lanes.blocked() == frozenset()
        assert lanes.room(None) > 9

    def test_nor_is_any_where_everything_runs_inline(self, clock: VirtualClock) -> None:
        lanes = Lanes(0, clock)
        lanes.enter("a")
        lanes.enter("a")
        assert lanes.room("a") > 9
