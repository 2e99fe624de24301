"""Turns: what is claimed first, when claiming stops, and what becomes of all that is in hand when the line closes."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from delivery_stage import Stage
from line_network import DEAD_HOST, PATIENCE, busy
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Database
from app.delivery.line import Line
from app.models import Delivery


class TestTurns:
    def test_take_the_longest_waiting_first(self, stage: Stage) -> None:
        campaign = stage.campaign()
        for minutes in (5, 3, 4, 1, 2):
            post = stage.post(campaign, f"Due in {minutes}.")
            stage.delivery(post, stage.account(campaign, f"a{minutes}"), in_minutes=minutes)
        stage.clock.advance(timedelta(minutes=10))
        assert stage.engine.tick().claimed == 5
        assert stage.texts() == [f"Due in {minutes}." for minutes in (1, 2, 3, 4, 5)]

    def test_follow_one_another_until_everything_due_is_out(self, database: Database) -> None:
        with busy(database, workers=2) as scene:
            deliveries = [scene.due(scene.add(f"a{n}")) for n in range(30)]
            scene.stage.engine.tick()
            assert scene.goes_on_until(scene.is_published(*deliveries))
            assert len(scene.stage.texts()) == 30

    def test_claim_nothing_more_once_the_clock_is_refused(self, database: Database) -> None:
        with busy(database, workers=1) as scene:
            asked: list[datetime] = []

            def may_claim(_session: Session, now: datetime) -> bool:
                asked.append(now)
                return len(asked) == 1

            line = Line(scene.stage.deps, may_claim=may_claim, on_free=scene.asked.set)
            for n in range(5):
                scene.due(scene.add(f"a{n}"))
            assert line.advance() == 2
            assert scene.asked.wait(PATIENCE)
            line.close()
            assert len(asked) > 1
            assert Counter(scene.stage.states()) == {"published": 2, "scheduled": 3}


class TestClosing:
    def test_waits_for_what_is_sent_and_puts_back_what_only_stands_ready(self, database: Database) -> None:
        with busy(database, workers=2) as scene:
            scene.network.hang(DEAD_HOST)
            for n in range(6):
                scene.due(scene.add(f"a{n}", DEAD_HOST))
            scene.stage.engine.tick()
            assert scene.network.wait_for(DEAD_HOST, 2)
            with ThreadPoolExecutor(1) as pool:
                closing = pool.submit(scene.stage.engine.close)
                assert not closing.done()
                scene.network.let_go()
                closing.result(PATIENCE)
            assert Counter(scene.stage.states()) == {"published": 2, "scheduled": 4}
            # As if they had never been tried: the next start sends them at once, with their whole budget.
            with scene.stage.database.read() as session:
                tried = session.execute(select(Delivery.state, Delivery.attempts_made)).all()
            assert set(tried) == {("published", 1), ("scheduled", 0)}
            assert scene.stage.engine.idle()

    @pytest.mark.parametrize("workers", [0, 2])
    def test_twice_does_no_harm(self, database: Database, workers: int) -> None:
        with busy(database, workers=workers) as scene:
            scene.due(scene.add("one"))
            scene.stage.engine.tick()
            scene.stage.engine.close()
            scene.stage.engine.close()
            assert scene.stage.states() == ["published"]
