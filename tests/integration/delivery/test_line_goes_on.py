"""The line goes on by itself, or asks to be looked at: nothing that is due waits for the scheduler's longest sleep."""

from __future__ import annotations

from datetime import timedelta

from line_network import DEAD_HOST, busy

from app.db import Database
from app.delivery.line import Line
from app.errors import StorageUnavailable


class TestALineWhoseClaimsTheGateRefuses:
    def test_goes_on_to_what_is_due_behind_them(self, database: Database) -> None:
        with busy(database, workers=1) as scene:
            first = [scene.due(scene.add(f"first-{n}")) for n in range(2)]
            for n in range(6):
                scene.due(scene.add(f"refused-{n}"), "FORBIDDEN")
            last = scene.due(scene.add("last"))
            scene.stage.engine.tick()
            assert scene.goes_on_until(scene.is_published(*first, last))

    def test_goes_on_while_another_post_is_still_being_sent(self, database: Database) -> None:
        with busy(database, workers=2) as scene:
            scene.network.hang(DEAD_HOST)
            scene.due(scene.add("slow", DEAD_HOST))
            for n in range(3):
                scene.due(scene.add(f"first-{n}"))
            for n in range(8):
                scene.due(scene.add(f"refused-{n}"), "FORBIDDEN")
            last = scene.due(scene.add("last"))
            scene.stage.engine.tick()
            assert scene.goes_on_until(scene.is_published(last))


class TestALineThatWasFull:
    def test_knows_when_an_account_that_rests_is_free(self, database: Database) -> None:
        with busy(database, workers=1) as scene:
            scene.network.hang(DEAD_HOST)
            for n in range(2):
                scene.due(scene.add(f"slow-{n}", DEAD_HOST))
            free_at = scene.stage.clock.now() + timedelta(seconds=5)
            scene.due(scene.add("resting", next_free_at=free_at))
            scene.stage.engine.tick()
            assert scene.stage.engine.next_due() == free_at

    def test_by_one_host_is_looked_at_again_as_soon_as_that_host_counts_as_slow(self, database: Database) -> None:
        with busy(database, workers=2) as scene:
            stage = scene.stage
            scene.network.hang(DEAD_HOST)
            for n in range(6):
                scene.due(scene.add(f"dead-{n}", DEAD_HOST))
            stage.engine.tick()
            assert scene.network.wait_for(DEAD_HOST, 2)
            elsewhere = scene.due(scene.add("elsewhere"))
            stage.engine.tick()
            asked_at = stage.clock.now()
            while stage.get(elsewhere).state == "scheduled":
                due = stage.engine.next_due()
                assert due is not None
                assert due - asked_at < timedelta(seconds=5)
                stage.clock.move_to(max(due, stage.clock.now() + timedelta(milliseconds=10)))
                stage.engine.tick()
            assert scene.goes_on_until(scene.is_published(elsewhere))
            # Only those that it had before it was known to be slow, and none of the others.
            assert (scene.network.begun[DEAD_HOST], stage.states().count("scheduled")) == (2, 2)


class TestAnAccountWithHundredsDue:
    def test_lets_others_go_between_its_posts(self, database: Database) -> None:
        with busy(database, workers=2) as scene:
            scene.network.hang(DEAD_HOST)
            many = scene.add("many", DEAD_HOST)
            post = scene.stage.post(scene.campaign)
            for n in range(100):
                scene.stage.delivery(post, many, in_minutes=0, occurrence=str(n))
            others = [scene.due(scene.add(f"other-{n}")) for n in range(5)]
            first = scene.due(scene.add("first"), in_minutes=-1)
            scene.stage.engine.tick()
            assert scene.goes_on_until(scene.is_published(first, *others))
            assert scene.network.begun[DEAD_HOST] == 1


class TestALineWithOutcomesThatTheDatabaseDoesNotTake:
    def test_does_not_ask_for_tick_after_tick_without_a_pause(self, database: Database) -> None:
        with busy(database, workers=1) as scene:
            asked: list[None] = []
            line = Line(scene.stage.deps, may_claim=lambda _session, _now: True, on_free=lambda: asked.append(None))

            def refuse() -> None:
                raise StorageUnavailable("It can only be read.", hint="Wait.")

            line.unstored.keep(refuse)
            line.advance()
            line.close()
            assert asked == []
