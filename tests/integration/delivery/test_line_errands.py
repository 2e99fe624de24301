"""Errands beside the posts: neither keeps the other from its turn."""

from __future__ import annotations

import threading
from datetime import timedelta

from delivery_stage import START, Stage
from line_network import DEAD_HOST, PATIENCE, busy

from app.db import Database
from app.delivery.deps import Deps
from app.delivery.errands import Errand
from app.delivery.line import Line
from app.delivery.options import EngineOptions
from app.errors import StorageUnavailable
from app.models import Delivery


class TestErrands:
    def test_find_a_sender_while_all_posts_in_hand_wait_for_their_host(self, database: Database) -> None:
        with busy(database, workers=2) as scene:
            scene.network.hang(DEAD_HOST)
            for n in range(4):
                scene.due(scene.add(f"dead-{n}", DEAD_HOST))
            withdrawn = scene.due(scene.add("withdrawn"), in_minutes=60)
            with database.write() as session:
                row = session.get_one(Delivery, withdrawn)
                row.state, row.withdraw_at = "withdrawing", scene.stage.clock.now()
            scene.stage.engine.tick()
            assert scene.network.wait_for(DEAD_HOST, 2)
            assert scene.stage.engine.tick().withdrawn == 1 or scene.goes_on_until(
                lambda: scene.stage.get(withdrawn).state != "withdrawing"
            )

    def test_that_wait_for_their_network_leave_room_for_posts(self, database: Database) -> None:
        stage = Stage(database, options=EngineOptions(workers=2))
        line = Line(stage.deps, may_claim=lambda _session, _now: True, on_free=lambda: None)
        go_on, begun = threading.Event(), threading.Semaphore(0)

        def errand() -> None:
            begun.release()
            go_on.wait(PATIENCE)

        delivery = stage.delivery(stage.post(campaign := stage.campaign()), stage.account(campaign), in_minutes=0)
        try:
            for _ in range(4):
                line.start(errand)
            assert begun.acquire(timeout=PATIENCE)
            assert line.advance() == 1
        finally:
            go_on.set()
            line.close()
        assert stage.get(delivery).state == "published"

    def test_ask_to_be_looked_at_when_one_has_ended_whatever_else_is_in_hand(self, database: Database) -> None:
        with busy(database, workers=2) as scene:
            scene.network.hang(DEAD_HOST)
            for n in range(4):
                scene.due(scene.add(f"dead-{n}", DEAD_HOST))
            scene.stage.engine.tick()
            assert scene.network.wait_for(DEAD_HOST, 2)
            scene.asked.clear()
            scene.stage.engine._line.start(lambda: None)
            assert scene.asked.wait(PATIENCE)

    def test_that_failed_are_not_run_again_at_once(self, database: Database) -> None:
        stage = Stage(database)
        runs: list[int] = []

        def fail(_deps: Deps, delivery_id: int) -> None:
            runs.append(delivery_id)
            raise StorageUnavailable("It can only be read.", hint="Wait.")

        errand = Errand("look", lambda _deps, _session: [(1, START)], fail)
        for _ in range(3):
            stage.engine._run_errand(errand)
        assert runs == [1]
        stage.clock.advance(timedelta(seconds=10))
        stage.engine._run_errand(errand)
        assert runs == [1, 1]
