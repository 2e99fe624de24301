from __future__ import annotations

from datetime import timedelta

import pytest
from delivery_stage import Stage

from app.delivery import attempt, claim, commands, hold, reevaluate
from app.models import Account, Delivery, Pause, Post
from app.platforms.sandbox.faults import Fault


class TestRules:
    def test_an_error_blocks_and_keeps_the_verdict(self, stage: Stage) -> None:
        delivery = stage.one("This is FORBIDDEN.")
        stage.run()
        row = stage.get(delivery)
        assert (row.state, row.state_reason, stage.texts()) == ("blocked", "rules", [])
        assert row.verdict == [
            {
                "code": "test.forbidden",
                "level": "error",
                "span": [8, 17],
                "message": "This word may not go out.",
                "suggestion": "Drop it.",
            }
        ]
        assert stage.attempts(delivery) == []

    def test_blocked_stays_blocked_until_something_changes(self, stage: Stage) -> None:
        delivery = stage.one("This is FORBIDDEN.")
        stage.run()
        assert stage.get(delivery).state == "blocked"
        assert stage.engine.next_due() is None

    @pytest.mark.parametrize(("minutes", "state"), [(30, "published"), (61, "missed")])
    def test_a_change_lets_it_go_if_still_in_time_and_misses_it_if_not(
        self, stage: Stage, minutes: int, state: str
    ) -> None:
        delivery = stage.one("This is FORBIDDEN.")
        stage.tick_after(10)
        stage.clock.advance(timedelta(minutes=minutes))
        self._correct(stage, delivery)
        stage.run()
        assert stage.get(delivery).state == state
        assert len(stage.texts()) == (1 if state == "published" else 0)

    def test_a_change_that_does_not_help_blocks_again(self, stage: Stage) -> None:
        delivery = stage.one("This is FORBIDDEN.")
        stage.tick_after(10)
        self._correct(stage, delivery, "Still FORBIDDEN.")
        stage.run()
        row = stage.get(delivery)
        assert row.state == "blocked"
        assert row.verdict is not None
        assert row.verdict[0]["span"] == [6, 15]

    def test_changed_content_gets_new_keys(self, stage: Stage) -> None:
        delivery = stage.one("First text.")
        stage.faults.plan(f"{stage.get_account(delivery).organization_id}/main", Fault.UNREACHABLE)
        stage.tick_after(10)
        self._correct(stage, delivery, "Second text.")
        stage.run()
        first, second = stage.attempts(delivery)
        assert (first.generation, second.generation) == (1, 2)
        assert stage.parts(first)[0].key != stage.parts(second)[0].key
        assert stage.texts() == ["Second text."]

    def _correct(self, stage: Stage, delivery: int, text: str = "A better text.") -> None:
        with stage.database.write() as session:
            row = session.get_one(Delivery, delivery)
            session.get_one(Post, row.post_id).text = text
            session.flush()
            reevaluate.reevaluate(session, row.campaign_id, now=stage.clock.now(), actor="staff")


class TestGateThatCannotJudge:
    @pytest.mark.parametrize("account", [{}, {"via": "by_hand", "person": "the press desk"}])
    def test_blocks_with_the_reason_instead_of_coming_back_for_ever(
        self, stage: Stage, account: dict[str, str]
    ) -> None:
        class Broken:
            def compose(self, session: object, *, post: object, account: object, campaign: object) -> None:
                raise ZeroDivisionError("division by zero")

        delivery = stage.one(**account)
        object.__setattr__(stage.deps, "composer", Broken())
        stage.run()
        row = stage.get(delivery)
        assert (row.state, row.state_reason) == ("blocked", "gate.error")


class TestPause:
    @pytest.mark.parametrize("scope", ["instance", "organization", "campaign", "week", "account"])
    def test_of_any_scope_keeps_a_post_back_and_is_never_sent_late(self, stage: Stage, scope: str) -> None:
        delivery = stage.one()
        pause = stage.pause(scope, delivery)
        stage.tick_after(11)
        assert stage.get(delivery).state == "scheduled"
        stage.run()
        assert (stage.get(delivery).state, stage.get(delivery).state_reason) == ("missed", "late.paused")
        with stage.database.write() as session:
            session.get_one(Pause, pause).ended_at = stage.clock.now()
        stage.run()
        assert stage.texts() == []

    @pytest.mark.parametrize("scope", ["organization", "campaign", "week", "account"])
    def test_holds_nobody_elses_posts(self, stage: Stage, scope: str) -> None:
        mine = stage.one()
        stage.pause(scope, mine)
        theirs_campaign = stage.campaign(organization="another")
        theirs = stage.delivery(stage.post(theirs_campaign), stage.account(theirs_campaign))
        stage.tick_after(10)
        assert [stage.get(row).state for row in (mine, theirs)] == ["scheduled", "published"]

    def test_that_ends_in_time_lets_it_go(self, stage: Stage) -> None:
        delivery = stage.one()
        pause = stage.pause("week", delivery)
        stage.tick_after(20)
        with stage.database.write() as session:
            session.get_one(Pause, pause).ended_at = stage.clock.now()
        stage.run()
        assert stage.get(delivery).state == "published"

    def test_after_the_claim_is_seen_by_the_gate(self, stage: Stage) -> None:
        delivery = stage.one()
        stage.clock.advance(timedelta(minutes=10))
        (claimed,) = claim.claim_due(stage.deps, 1)
        stage.pause("campaign", delivery)
        assert attempt.begin(stage.deps, claimed) is None
        row = stage.get(delivery)
        assert (row.state, row.state_reason, stage.attempts(delivery)) == ("scheduled", "paused", [])


class TestStop:
    def test_asked_after_the_claim_cancels_at_the_gate(self, stage: Stage) -> None:
        delivery = stage.one()
        stage.clock.advance(timedelta(minutes=10))
        (claimed,) = claim.claim_due(stage.deps, 1)
        self._cancel(stage, delivery)
        assert attempt.begin(stage.deps, claimed) is None
        assert stage.get(delivery).state == "cancelled"

    @pytest.mark.parametrize("fault", [Fault.UNREACHABLE, Fault.SIGNED_OUT])
    def test_asked_in_flight_is_honoured_before_any_retry(self, stage: Stage, fault: Fault) -> None:
        delivery = stage.one()
        real = stage.adapters.sandbox

        class StoppedWhileSending:
            def __getattr__(self, name: str) -> object:
                return getattr(real, name)

            def publish_part(self, sending: object, connection: object, *, deadline: float) -> object:
                TestStop._cancel(stage, delivery)
                return real.publish_part(sending, connection, deadline=deadline)  # type: ignore[arg-type]

        stage.adapters.sandbox = StoppedWhileSending()  # type: ignore[assignment]
        stage.faults.plan(f"{stage.get_account(delivery).organization_id}/main", fault)
        stage.run()
        assert (stage.get(delivery).state, stage.texts()) == ("cancelled", [])

    def test_asked_while_the_outcome_is_unknown_cancels_once_it_is_proved_not_sent(self, stage: Stage) -> None:
        delivery = stage.one()
        stage.faults.plan(f"{stage.get_account(delivery).organization_id}/main", Fault.UNKNOWN_LOST)
        stage.tick_after(10)
        self._cancel(stage, delivery)
        stage.run()
        assert (stage.get(delivery).state, stage.texts()) == ("cancelled", [])

    def test_that_comes_too_late_leaves_the_truth(self, stage: Stage) -> None:
        delivery = stage.one()
        stage.faults.plan(f"{stage.get_account(delivery).organization_id}/main", Fault.UNKNOWN_ACCEPTED)
        stage.tick_after(10)
        self._cancel(stage, delivery)
        stage.run()
        assert (stage.get(delivery).state, len(stage.texts())) == ("published", 1)

    @staticmethod
    def _cancel(stage: Stage, delivery: int) -> None:
        with stage.database.write() as session:
            commands.cancel(session, delivery, now=stage.clock.now(), actor="staff")


class TestWindow:
    def test_a_post_that_nobody_could_send_in_time_is_missed_with_the_reason(self, stage: Stage) -> None:
        delivery = stage.one()
        stage.tick_after(71)
        row = stage.get(delivery)
        assert (row.state, row.state_reason, stage.texts()) == ("missed", "late", [])

    def test_the_last_moment_of_the_window_still_counts(self, stage: Stage) -> None:
        delivery = stage.one()
        stage.tick_after(70)
        assert stage.get(delivery).state == "published"

    def test_is_the_campaigns_own(self, stage: Stage) -> None:
        campaign = stage.campaign(lateness_minutes=5)
        delivery = stage.delivery(stage.post(campaign), stage.account(campaign))
        stage.tick_after(16)
        assert stage.get(delivery).state == "missed"

    def test_after_a_long_stop_only_what_is_still_in_time_goes_out(self, stage: Stage) -> None:
        campaign = stage.campaign()
        account = stage.account(campaign, min_gap_minutes=10)
        rows = [stage.delivery(stage.post(campaign, f"Post {i}."), account, in_minutes=i * 40) for i in range(6)]
        stage.clock.advance(timedelta(minutes=130))
        stage.run()
        assert [stage.get(row).state for row in rows] == ["missed", "missed", *["published"] * 4]


class TestDisconnectedAccount:
    @pytest.mark.parametrize("state", ["needs_reconnect", "disconnected"])
    def test_holds_what_comes_due_and_misses_it_after_its_window(self, stage: Stage, state: str) -> None:
        delivery = stage.one(state=state)
        stage.tick_after(10)
        assert (stage.get(delivery).state, stage.get(delivery).state_reason) == ("held", f"account.{state}")
        stage.run()
        assert (stage.get(delivery).state, stage.get(delivery).state_reason) == ("missed", "late.held")

    def test_that_is_reconnected_gets_back_what_is_in_time_and_no_more(self, stage: Stage) -> None:
        campaign = stage.campaign()
        account = stage.account(campaign, state="needs_reconnect")
        post = stage.post(campaign)
        early = stage.delivery(post, account, in_minutes=0)
        late = stage.delivery(post, account, in_minutes=40, occurrence="2")
        stage.tick_after(40)
        stage.clock.advance(timedelta(minutes=25))
        with stage.database.write() as session:
            row = session.get_one(Account, account.id)
            counts = hold.release_account(session, row, stage.clock.now(), actor="staff")
        assert counts == (1, 1)
        stage.run()
        assert [stage.get(row).state for row in (early, late)] == ["missed", "published"]
