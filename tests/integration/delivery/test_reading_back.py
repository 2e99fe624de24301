from __future__ import annotations

from datetime import timedelta

import pytest
from delivery_stage import Stage
from sqlalchemy import update
from withdraw_stage import THREAD, Moody, ask, moody_stage, published

from app.db import Database
from app.delivery import read_back
from app.models import Delivery
from app.platforms.results import CannotTell, Gone, Seen

TEXT = "Help is there. 1-888-373-7888 https://www.dhs.gov/blue-campaign"
READ = {"read_backs_budget": 3}
LATER = CannotTell("The server is busy.", later=True)


def looked(stage: Stage, delivery: int) -> tuple[str | None, str | None]:
    stage.run(hours=3)
    row = stage.get(delivery)
    assert (row.state, row.read_back_at) == ("published", None)
    return row.read_back, row.read_back_detail


class TestAPostAsItWasSent:
    def test_is_found_to_be_the_same_two_minutes_later_and_leaves_no_event(self, database: Database) -> None:
        stage, _ = moody_stage(database, **READ)
        delivery = published(stage, TEXT)
        assert stage.engine.next_due() == stage.clock.now() + timedelta(minutes=2)
        events = stage.history(delivery)
        assert looked(stage, delivery) == ("same", None)
        assert stage.history(delivery) == events

    def test_is_looked_at_part_by_part(self, database: Database) -> None:
        stage, network = moody_stage(database, **READ)
        delivery = published(stage, THREAD)
        network.reads.extend([None, Seen("Tw")])
        result, detail = looked(stage, delivery)
        assert result == "different"
        assert str(detail).startswith("Part 2 of 3: The text is shorter")


class TestAPostThatIsNotAsItWasSent:
    @pytest.mark.parametrize(
        ("seen", "said"),
        [
            (Seen(TEXT.replace("7888", "7889"), ("https://www.dhs.gov/blue-campaign",)), "number 18883737888"),
            (Seen("Help is there. 1-888-373-7888", ()), "link dhs.gov/blue-campaign"),
            (Seen(TEXT.replace("Help is there.", "Help."), ()), "shorter"),
        ],
    )
    def test_is_told_with_an_event(self, database: Database, seen: Seen, said: str) -> None:
        stage, network = moody_stage(database, **READ)
        delivery = published(stage, TEXT)
        network.reads.append(seen)
        result, detail = looked(stage, delivery)
        assert result == "different"
        assert said in str(detail)
        assert stage.history(delivery)[-1] == ("published", "published", "read_back.differs")

    def test_that_is_gone_is_told_with_an_event(self, database: Database) -> None:
        stage, network = moody_stage(database, **READ)
        delivery = published(stage, TEXT)
        network.reads.append(Gone())
        result, detail = looked(stage, delivery)
        assert result == "gone"
        assert "/sandbox?post=" in str(detail)
        assert stage.history(delivery)[-1] == ("published", "published", "read_back.gone")

    def test_is_told_once_where_two_look_at_the_same_time(self, database: Database) -> None:
        stage, _ = moody_stage(database, **READ)
        delivery = published(stage, TEXT)

        class Crowded(Moody):
            """While one look is under way, another one ends."""

            def read_part(self, ref, connection, *, deadline):  # type: ignore[no-untyped-def]
                if not self.asked:
                    self.asked.append(ref.remote_id)
                    read_back.read_back(stage.deps, delivery)
                return Gone()

        stage.adapters.sandbox = Crowded(stage)
        assert looked(stage, delivery)[0] == "gone"
        assert [reason for _, _, reason in stage.history(delivery)].count("read_back.gone") == 1


class TestANetworkThatCannotTell:
    def test_is_asked_again_with_longer_waits(self, database: Database) -> None:
        stage, network = moody_stage(database, **READ)
        delivery = published(stage, TEXT)
        network.reads.extend([LATER, RuntimeError("broken")])
        waits = []
        while (due := stage.engine.next_due()) is not None:
            waits.append((due - stage.clock.now()).total_seconds() / 60)
            stage.clock.move_to(due)
            stage.engine.tick()
        assert waits == [2, 4, 8]
        assert stage.get(delivery).read_back == "same"

    def test_is_not_asked_before_the_time_that_it_named(self, database: Database) -> None:
        stage, network = moody_stage(database, **READ)
        published(stage, TEXT)
        at = stage.clock.now() + timedelta(hours=1)
        network.reads.append(CannotTell("Too many requests.", later=True, retry_at=at))
        stage.tick_after(2)
        assert stage.engine.next_due() == at

    def test_is_no_longer_asked_after_the_budget(self, database: Database) -> None:
        stage, network = moody_stage(database, **READ)
        delivery = published(stage, TEXT)
        network.reads.extend([LATER] * 3)
        events = stage.history(delivery)
        assert looked(stage, delivery) == ("cannot_tell", "The server is busy.")
        assert (stage.get(delivery).read_backs_made, stage.history(delivery)) == (3, events)

    def test_for_good_is_asked_once(self, database: Database) -> None:
        stage, network = moody_stage(database, **READ)
        delivery = published(stage, TEXT)
        network.reads.append(CannotTell("There is no such call."))
        assert looked(stage, delivery) == ("cannot_tell", "There is no such call.")
        assert stage.get(delivery).read_backs_made == 1

    def test_of_one_part_still_tells_what_is_wrong_with_another(self, database: Database) -> None:
        stage, network = moody_stage(database, **READ)
        delivery = published(stage, THREAD)
        network.reads.extend([LATER, Gone()])
        assert looked(stage, delivery)[0] == "gone"


class TestAWithdrawal:
    def test_ends_reading_back_and_what_is_gone_is_no_trouble(self, database: Database) -> None:
        stage, _ = moody_stage(database, **READ)
        delivery = published(stage, TEXT)
        ask(stage, delivery)
        stage.run()
        row = stage.get(delivery)
        assert (row.state, row.read_back, row.read_back_at) == ("withdrawn", None, None)

    def test_that_begins_during_the_look_makes_its_answer_count_for_nothing(self, database: Database) -> None:
        stage, _ = moody_stage(database, **READ)
        delivery = published(stage, TEXT)

        class Interrupted(Moody):
            def read_part(self, ref, connection, *, deadline):  # type: ignore[no-untyped-def]
                ask(stage, delivery)
                return Gone()

        stage.adapters.sandbox = Interrupted(stage)
        stage.tick_after(2)
        assert (stage.get(delivery).state, stage.get(delivery).read_back) == ("withdrawing", None)
        assert "read_back.gone" not in [reason for _, _, reason in stage.history(delivery)]


def test_a_look_without_a_known_post_ends(database: Database) -> None:
    stage, _ = moody_stage(database, **READ)
    delivery = stage.one(TEXT)
    with stage.database.write() as session:
        session.execute(update(Delivery).values(state="published", read_back_at=stage.clock.now()))
    stage.engine.tick()
    assert (stage.get(delivery).read_back, stage.engine.next_due()) == ("cannot_tell", None)
