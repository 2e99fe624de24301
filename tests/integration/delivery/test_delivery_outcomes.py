from __future__ import annotations

from datetime import timedelta

import pytest
from delivery_stage import START, Stage

from app.delivery.options import EngineOptions
from app.models import Post
from app.platforms.sandbox.faults import Fault

THREAD = "One. 1-888-373-7888\n---\nTwo.\n---\nThree."


def script(stage: Stage, delivery: int, *faults: Fault | None) -> None:
    account = stage.get_account(delivery)
    stage.faults.plan(f"{account.organization_id}/{account.slug}", *faults)


class TestDueDelivery:
    def test_goes_out_at_its_time_and_not_before(self, stage: Stage) -> None:
        delivery = stage.one()
        stage.tick_after(9)
        assert stage.texts() == []
        stage.tick_after(1)
        assert stage.texts() == ["Help is there. 1-888-373-7888"]
        row = stage.get(delivery)
        assert (row.state, row.published_at, row.parts_out, row.lease) == ("published", row.due_at, 1, None)
        assert row.remote_id
        assert stage.history(delivery) == [
            ("scheduled", "sending", "claimed"),
            ("sending", "published", "published"),
        ]

    def test_leaves_an_attempt_with_the_exact_part_and_the_rules_version(self, stage: Stage) -> None:
        delivery = stage.one()
        stage.run()
        (attempt,) = stage.attempts(delivery)
        (part,) = stage.parts(attempt)
        assert (attempt.outcome, attempt.policy_version, attempt.token) == ("published", "rules-1", 1)
        assert (part.text, part.length, part.outcome) == ("Help is there. 1-888-373-7888", 29, "published")
        assert part.remote_id == stage.get(delivery).remote_id

    def test_waits_for_the_minimum_gap_after_the_last_attempt_on_its_account(self, stage: Stage) -> None:
        campaign = stage.campaign()
        account = stage.account(campaign, min_gap_minutes=20)
        rows = [stage.delivery(stage.post(campaign, f"Post {i}."), account, in_minutes=10) for i in range(3)]
        stage.run()
        assert [stage.get(row).published_at for row in rows] == [
            START + timedelta(minutes=minutes) for minutes in (10, 30, 50)
        ]


class TestTemporaryFailure:
    def test_is_tried_again_with_growing_waits_and_the_same_key(self, stage: Stage) -> None:
        delivery = stage.one()
        script(stage, delivery, Fault.UNREACHABLE, Fault.UNREACHABLE)
        stage.run()
        assert stage.get(delivery).state == "published"
        attempts = stage.attempts(delivery)
        assert [a.outcome for a in attempts] == ["retryable", "retryable", "published"]
        first, second, third = (a.started_at for a in attempts)
        assert timedelta(seconds=15) <= second - first <= timedelta(seconds=30)
        assert timedelta(seconds=30) <= third - second <= timedelta(seconds=60)
        assert len({stage.parts(a)[0].key for a in attempts}) == 1
        assert {a.generation for a in attempts} == {1}

    def test_does_not_cost_the_accounts_gap(self, stage: Stage) -> None:
        delivery = stage.one(min_gap_minutes=45)
        script(stage, delivery, Fault.UNREACHABLE)
        stage.run()
        published = stage.get(delivery).published_at
        assert published is not None
        assert published - START < timedelta(minutes=11)

    def test_waits_for_the_time_that_the_network_names_and_lets_the_account_rest(self, stage: Stage) -> None:
        campaign = stage.campaign()
        account = stage.account(campaign)
        limited = stage.delivery(stage.post(campaign, "First."), account, in_minutes=10)
        waiting = stage.delivery(stage.post(campaign, "Second."), account, in_minutes=11)
        script(stage, limited, Fault.RATE_LIMITED)
        stage.run()
        for row in (limited, waiting):
            at = stage.get(row).published_at
            assert at is not None
            assert at >= START + timedelta(minutes=25)

    def test_ends_as_failed_when_the_budget_is_spent(self, stage: Stage) -> None:
        delivery = stage.one()
        script(stage, delivery, *[Fault.UNREACHABLE] * 9)
        stage.run()
        row = stage.get(delivery)
        assert (row.state, row.state_reason, row.attempts_made) == ("failed", "retry.exhausted", 5)
        assert stage.texts() == []

    def test_ends_as_missed_when_the_next_try_would_be_too_late(self, stage: Stage) -> None:
        campaign = stage.campaign(lateness_minutes=10)
        delivery = stage.delivery(stage.post(campaign), stage.account(campaign))
        script(stage, delivery, Fault.RATE_LIMITED)
        stage.run()
        row = stage.get(delivery)
        assert (row.state, row.state_reason) == ("missed", "late.retry")
        assert stage.texts() == []


class TestPermanentFailure:
    def test_fails_once_and_says_what_the_network_said(self, stage: Stage) -> None:
        delivery = stage.one()
        script(stage, delivery, Fault.REFUSED)
        stage.run()
        row = stage.get(delivery)
        assert (row.state, row.state_reason, row.attempts_made) == ("failed", "refused", 1)
        assert row.state_detail is not None
        assert "refused" in row.state_detail


class TestRefusedToken:
    def test_holds_all_that_waits_for_the_account_and_no_other(self, stage: Stage) -> None:
        campaign = stage.campaign()
        account, other = stage.account(campaign), stage.account(campaign, "other")
        post = stage.post(campaign)
        first = stage.delivery(post, account)
        later = stage.delivery(post, account, in_minutes=5000, occurrence="2")
        elsewhere = stage.delivery(post, other)
        script(stage, first, Fault.SIGNED_OUT)
        stage.tick_after(10)
        assert [stage.get(row).state for row in (first, later, elsewhere)] == ["held", "held", "published"]
        assert stage.get_account(first).state == "needs_reconnect"
        assert stage.get(later).state_reason == "account.needs_reconnect"


class TestLostAnswer:
    @pytest.mark.parametrize("fault", [Fault.UNKNOWN_ACCEPTED, Fault.UNKNOWN_LOST])
    def test_goes_out_exactly_once_whether_it_was_taken_or_not(self, stage: Stage, fault: Fault) -> None:
        delivery = stage.one()
        script(stage, delivery, fault)
        stage.run()
        row = stage.get(delivery)
        assert (row.state, len(stage.texts())) == ("published", 1)
        assert row.remote_id == stage.feed.list()[0].id

    def test_is_asked_about_only_after_deadline_and_settle_time(self, stage: Stage) -> None:
        delivery = stage.one()
        script(stage, delivery, Fault.UNKNOWN_ACCEPTED)
        stage.tick_after(10)
        options: EngineOptions = stage.deps.options
        wait = options.publish_deadline + options.settle
        assert stage.engine.next_due() == stage.clock.now() + wait
        stage.tick_after((wait - timedelta(seconds=1)).total_seconds() / 60)
        assert stage.get(delivery).state == "unknown"
        stage.tick_after(1 / 60)
        assert stage.get(delivery).state == "published"
        assert [a.outcome for a in stage.attempts(delivery)] == ["published"]

    def test_does_not_keep_the_account_from_its_next_post(self, stage: Stage) -> None:
        campaign = stage.campaign()
        account = stage.account(campaign)
        lost = stage.delivery(stage.post(campaign, "Lost."), account, in_minutes=10)
        following = stage.delivery(stage.post(campaign, "Next."), account, in_minutes=11)
        script(stage, lost, Fault.UNKNOWN_LOST)
        stage.tick_after(10)
        stage.tick_after(1)
        assert [stage.get(row).state for row in (lost, following)] == ["unknown", "published"]


class TestThread:
    def test_goes_out_part_by_part_each_a_reply_to_the_last(self, stage: Stage) -> None:
        delivery = stage.one(THREAD)
        stage.run()
        assert stage.texts() == ["One. 1-888-373-7888", "Two.", "Three."]
        one, two, three = reversed(stage.feed.list())
        assert (one.parent_id, two.parent_id, three.parent_id) == (None, one.id, two.id)
        row = stage.get(delivery)
        assert (row.state, row.parts_out, row.remote_id) == ("published", 3, one.id)

    @pytest.mark.parametrize("fault", [Fault.UNREACHABLE, Fault.UNKNOWN_ACCEPTED, Fault.UNKNOWN_LOST])
    @pytest.mark.parametrize("whole", [0, 1, 2])
    def test_is_finished_once_whatever_part_was_interrupted(self, stage: Stage, fault: Fault, whole: int) -> None:
        delivery = stage.one(THREAD)
        script(stage, delivery, *[None] * whole, fault)
        stage.run()
        assert stage.get(delivery).state == "published"
        assert stage.texts() == ["One. 1-888-373-7888", "Two.", "Three."]

    def test_goes_on_from_what_was_frozen_though_the_text_was_changed(self, stage: Stage) -> None:
        delivery = stage.one(THREAD)
        script(stage, delivery, None, Fault.UNREACHABLE)
        stage.tick_after(10)
        with stage.database.write() as session:
            session.get_one(Post, stage.get(delivery).post_id).text = "Another text. FORBIDDEN"
        stage.run()
        assert stage.texts() == ["One. 1-888-373-7888", "Two.", "Three."]

    def test_is_not_interrupted_by_a_pause(self, stage: Stage) -> None:
        delivery = stage.one(THREAD)
        script(stage, delivery, None, Fault.UNREACHABLE)
        stage.tick_after(10)
        stage.pause("instance", delivery)
        stage.run()
        assert (stage.get(delivery).state, len(stage.texts())) == ("published", 3)

    @pytest.mark.parametrize(
        ("fault", "times"),
        [(Fault.REFUSED, 1), (Fault.SIGNED_OUT, 1), (Fault.UNREACHABLE, 20), (Fault.RATE_LIMITED, 20)],
    )
    def test_that_cannot_finish_waits_for_a_person(self, stage: Stage, fault: Fault, times: int) -> None:
        delivery = stage.one(THREAD)
        script(stage, delivery, None, *[fault] * times)
        stage.run()
        row = stage.get(delivery)
        assert (row.state, row.state_reason, row.parts_out) == ("needs_review", "thread.unfinished", 1)
        assert stage.texts() == ["One. 1-888-373-7888"]

    def test_whose_window_passes_in_between_waits_for_a_person(self, stage: Stage) -> None:
        delivery = stage.one(THREAD)
        script(stage, delivery, None, Fault.UNREACHABLE)
        stage.tick_after(10)
        stage.tick_after(61)
        assert (stage.get(delivery).state, stage.get(delivery).parts_out) == ("needs_review", 1)
