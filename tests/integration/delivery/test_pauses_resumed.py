from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from delivery_stage import Stage
from pause_scene import DROP, KEEP, SCOPES, end, in_force, last_event, resume, undecided, waiting

from app.delivery.resume import Decision, Do
from app.errors import Conflict, InvalidInput, NotAllowed
from app.models import Account
from app.services.resuming import WaitingUndecided

MINUTE = timedelta(minutes=1)


def several(stage: Stage, count: int, *, slug: str = "main", apart: float = 1, **account: object) -> list[int]:
    """Deliveries of one account, the first due in ten minutes."""
    campaign = stage.campaign(slug=f"month-{slug}")
    row = stage.account(campaign, slug, **account)
    posts = [stage.post(campaign, f"{slug} {number}. 1-888-373-7888") for number in range(count)]
    return [stage.delivery(post, row, in_minutes=10 + apart * number) for number, post in enumerate(posts)]


class TestWhatWaits:
    @pytest.mark.parametrize("scope", SCOPES)
    def test_is_what_has_come_due_and_what_was_missed_not_what_lies_ahead(self, stage: Stage, scope: str) -> None:
        missed, due, ahead = several(stage, 3, apart=60)
        pause = stage.pause(scope, missed)
        stage.tick_after(75)
        assert [stage.get(row).state for row in (missed, due, ahead)] == ["missed", "scheduled", "scheduled"]
        assert waiting(stage, pause) == [missed, due]

        resume(stage, pause, {missed: DROP, due: KEEP})
        stage.run()
        assert [stage.get(row).state for row in (missed, due, ahead)] == ["cancelled", "published", "published"]

    def test_is_nothing_where_all_lies_ahead_and_then_nothing_is_asked(self, stage: Stage) -> None:
        delivery = stage.one()
        before = stage.get(delivery).due_at
        pause = stage.pause("campaign", delivery)
        resumed = resume(stage, pause)
        assert (resumed.kept, resumed.moved, resumed.dropped) == (0, 0, 0)
        stage.run()
        row = stage.get(delivery)
        assert (row.state, row.due_at, in_force(stage, pause)) == ("published", before, False)

    def test_leaves_out_what_was_missed_for_another_reason(self, stage: Stage) -> None:
        earlier, held = several(stage, 2)
        stage.tick_after(0)
        with stage.database.write() as session:
            session.get_one(Account, stage.get(held).account_id).state = "needs_reconnect"
        stage.run(2)
        pause = stage.pause("campaign", earlier)
        assert {stage.get(row).state_reason for row in (earlier, held)} == {"late.held"}
        assert waiting(stage, pause) == []

    def test_leaves_out_what_another_pause_still_holds_until_that_one_ends(self, stage: Stage) -> None:
        delivery = stage.one()
        campaign, account = stage.pause("campaign", delivery), stage.pause("account", delivery)
        stage.tick_after(15)
        assert (waiting(stage, campaign), waiting(stage, account)) == ([], [])
        resume(stage, campaign)
        assert stage.get(delivery).state == "scheduled"
        assert in_force(stage, account)
        assert waiting(stage, account) == [delivery]
        stage.tick_after(1)
        assert stage.get(delivery).state == "scheduled"
        resume(stage, account, {delivery: KEEP})
        stage.run()
        assert stage.get(delivery).state == "published"

    def test_takes_in_what_was_missed_under_an_earlier_pause_if_it_was_never_free_since(self, stage: Stage) -> None:
        delivery = stage.one()
        first = stage.pause("campaign", delivery)
        stage.run(3)
        second = stage.pause("account", delivery)
        stage.clock.advance(MINUTE)
        resume(stage, first)
        stage.clock.advance(MINUTE)
        third = stage.pause("week", delivery)
        resume(stage, second)
        assert waiting(stage, third) == [delivery]
        resume(stage, third, {delivery: KEEP})
        stage.run()
        assert stage.get(delivery).state == "published"

    def test_leaves_out_what_was_missed_under_a_pause_that_is_over(self, stage: Stage) -> None:
        delivery = stage.one()
        first = stage.pause("campaign", delivery)
        stage.run(3)
        end(stage, first)
        stage.clock.advance(MINUTE)
        second = stage.pause("campaign", delivery)
        stage.clock.advance(MINUTE)
        assert waiting(stage, second) == []

    def test_takes_in_what_a_person_is_to_post_by_hand(self, stage: Stage) -> None:
        missed, due = several(stage, 2, apart=60, via="by_hand", person="the press desk")
        pause = stage.pause("account", missed)
        stage.tick_after(75)
        assert waiting(stage, pause) == [missed, due]
        resume(stage, pause, rest=Do.KEEP)
        stage.tick_after(0)
        stage.tick_after(5)
        assert [stage.get(row).state for row in (missed, due)] == ["handed_over", "handed_over"]


class TestWithoutAFullAnswer:
    def test_nothing_ends_and_what_waits_is_listed(self, stage: Stage) -> None:
        rows = several(stage, 3)
        pause = stage.pause("campaign", rows[0])
        stage.tick_after(15)
        with pytest.raises(WaitingUndecided, match="3 posts wait") as refused:
            resume(stage, pause)
        assert undecided(refused.value) == rows
        assert in_force(stage, pause)
        assert [stage.history(row) for row in rows] == [[], [], []]

    def test_what_has_come_to_wait_meanwhile_is_asked_about_and_nothing_changes(self, stage: Stage) -> None:
        first, second = several(stage, 2, apart=5)
        pause = stage.pause("campaign", first)
        stage.tick_after(11)
        assert waiting(stage, pause) == [first]
        stage.tick_after(5)
        with pytest.raises(WaitingUndecided, match="One post waits") as refused:
            resume(stage, pause, {first: DROP})
        assert undecided(refused.value) == [first, second]
        assert (in_force(stage, pause), stage.states()) == (True, ["scheduled", "scheduled"])
        resume(stage, pause, {first: DROP}, rest=Do.KEEP)
        assert stage.states() == ["cancelled", "scheduled"]

    def test_a_decision_on_what_does_not_wait_is_refused(self, stage: Stage) -> None:
        first, ahead = several(stage, 2, apart=60)
        pause = stage.pause("campaign", first)
        stage.tick_after(15)
        for rest in (None, Do.KEEP):
            with pytest.raises(WaitingUndecided, match=f"Delivery {ahead} does not wait"):
                resume(stage, pause, {first: KEEP, ahead: DROP}, rest)
        assert (in_force(stage, pause), stage.states()) == (True, ["scheduled", "scheduled"])

    @pytest.mark.parametrize("due_at", [None, datetime(2027, 1, 1, tzinfo=UTC), datetime(2099, 1, 1)])  # noqa: DTZ001  # what is refused
    def test_a_move_to_no_time_ahead_is_refused(self, stage: Stage, due_at: datetime | None) -> None:
        (delivery,) = several(stage, 1)
        pause = stage.pause("campaign", delivery)
        stage.tick_after(15)
        with pytest.raises(InvalidInput, match="not ahead"):
            resume(stage, pause, {delivery: Decision(Do.MOVE, due_at)})
        assert (in_force(stage, pause), stage.states()) == (True, ["scheduled"])

    def test_a_time_without_a_move_and_a_move_for_the_rest_are_refused(self, stage: Stage) -> None:
        (delivery,) = several(stage, 1)
        pause = stage.pause("campaign", delivery)
        stage.tick_after(15)
        with pytest.raises(InvalidInput, match="not to be moved"):
            resume(stage, pause, {delivery: Decision(Do.KEEP, stage.clock.now() + MINUTE)})
        with pytest.raises(InvalidInput, match="one time"):
            resume(stage, pause, rest=Do.MOVE)

    def test_a_pause_that_has_ended_is_not_ended_again(self, stage: Stage) -> None:
        delivery = stage.one()
        pause = stage.pause("campaign", delivery)
        resume(stage, pause)
        with pytest.raises(Conflict, match="has ended"):
            resume(stage, pause)

    def test_the_instance_is_resumed_by_its_operator_only(self, stage: Stage) -> None:
        pause = stage.pause("instance", stage.one())
        with pytest.raises(NotAllowed):
            resume(stage, pause, actor="somebody")
        assert in_force(stage, pause)


class TestWhatIsKept:
    @pytest.mark.parametrize(("own_gap", "apart"), [(None, 5), (2, 5), (9, 9)])
    def test_goes_out_one_by_one_on_each_account_and_never_as_a_burst(
        self, stage: Stage, own_gap: int | None, apart: int
    ) -> None:
        rows = several(stage, 3, min_gap_minutes=own_gap)
        others = several(stage, 2, slug="other")
        pause = stage.pause("organization", rows[0])
        stage.tick_after(30)
        resumed = resume(stage, pause, rest=Do.KEEP)
        now = stage.clock.now()
        assert resumed.kept == 5
        assert [stage.get(row).due_at for row in rows] == [now, now + apart * MINUTE, now + 2 * apart * MINUTE]
        assert [stage.get(row).due_at for row in others] == [now, now + 5 * MINUTE]
        stage.run()
        assert [stage.get(row).published_at for row in rows] == [stage.get(row).due_at for row in rows]
        assert set(stage.states()) == {"published"}

    def test_though_it_was_missed_has_its_whole_window_again(self, stage: Stage) -> None:
        delivery = stage.one()
        pause = stage.pause("campaign", delivery)
        stage.run(5)
        assert stage.get(delivery).state_reason == "late.paused"
        resume(stage, pause, {delivery: KEEP})
        row = stage.get(delivery)
        assert (row.state, row.state_reason, row.due_at) == ("scheduled", "resume.kept", stage.clock.now())
        stage.tick_after(59)
        assert stage.get(delivery).state == "published"

    def test_begins_when_an_account_that_rests_is_free(self, stage: Stage) -> None:
        rows = several(stage, 2)
        pause = stage.pause("account", rows[0])
        stage.tick_after(15)
        free = stage.clock.now() + 3 * 60 * MINUTE
        with stage.database.write() as session:
            session.get_one(Account, stage.get(rows[0]).account_id).next_free_at = free
        resume(stage, pause, rest=Do.KEEP)
        stage.run()
        assert [stage.get(row).published_at for row in rows] == [free, free + 5 * MINUTE]

    def test_says_in_its_history_who_kept_it(self, stage: Stage) -> None:
        delivery = stage.one()
        pause = stage.pause("campaign", delivery)
        stage.tick_after(15)
        resume(stage, pause, {delivery: KEEP}, actor="editor")
        event = last_event(stage, delivery)
        assert (event.from_state, event.to_state, event.reason, event.actor) == (
            "scheduled",
            "scheduled",
            "resume.kept",
            "editor",
        )


class TestWhatIsMovedOrDropped:
    @pytest.mark.parametrize("hours", [0.25, 5])
    def test_moved_goes_out_at_its_new_time(self, stage: Stage, hours: float) -> None:
        delivery = stage.one()
        pause = stage.pause("campaign", delivery)
        stage.tick_after(hours * 60)
        when = stage.clock.now() + timedelta(days=2)
        resume(stage, pause, {delivery: Decision(Do.MOVE, when)}, actor="editor")
        event = last_event(stage, delivery)
        assert (event.to_state, event.reason, event.actor) == ("scheduled", "resume.moved", "editor")
        stage.run(72)
        assert (stage.get(delivery).state, stage.get(delivery).published_at) == ("published", when)

    @pytest.mark.parametrize("hours", [0.25, 5])
    def test_dropped_is_cancelled_for_good(self, stage: Stage, hours: float) -> None:
        delivery = stage.one()
        pause = stage.pause("campaign", delivery)
        stage.tick_after(hours * 60)
        resume(stage, pause, {delivery: DROP}, actor="editor")
        row, event = stage.get(delivery), last_event(stage, delivery)
        assert (row.state, row.state_reason) == ("cancelled", "resume.dropped")
        assert "a storm" in str(row.state_detail)
        assert event.actor == "editor"
        stage.run()
        assert stage.texts() == []
