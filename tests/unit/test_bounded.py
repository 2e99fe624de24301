from __future__ import annotations

import asyncio
import threading

import pytest

from app.services.bounded import Bounded


class TestBounded:
    def test_gives_the_result_or_raises_what_the_look_raised(self) -> None:
        def fail() -> None:
            raise LookupError("gone")

        assert Bounded(lambda: 7, name="look").within(5) == 7
        with pytest.raises(LookupError, match="gone"):
            Bounded(fail, name="look").within(5)

    def test_looks_anew_each_time(self) -> None:
        looks = iter(range(3))
        bounded = Bounded(lambda: next(looks), name="look")
        assert [bounded.within(5) for _ in range(3)] == [0, 1, 2]

    def test_lets_all_who_ask_meanwhile_share_one_look_that_hangs(self) -> None:
        go_on, looks = threading.Event(), []

        def hang() -> str:
            looks.append(threading.current_thread())
            go_on.wait(10)
            return "late"

        bounded = Bounded(hang, name="look")
        for _ in range(3):
            with pytest.raises(TimeoutError):
                bounded.within(0.02)
        assert len(looks) == 1
        assert looks[0].daemon
        waiting = bounded.begin()
        go_on.set()
        assert waiting.result(5) == "late"

    def test_goes_on_for_the_others_when_one_waits_no_longer(self) -> None:
        go_on = threading.Event()
        bounded = Bounded(lambda: go_on.wait(10), name="look")

        async def give_up() -> None:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(asyncio.wrap_future(bounded.begin()), 0.05)

        shared = bounded.begin()
        asyncio.run(give_up())
        go_on.set()
        assert shared.result(5) is True
