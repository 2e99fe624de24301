from __future__ import annotations

from datetime import timedelta

import pytest
from delivery_stage import PROFILE, Stage
from pause_scene import SCOPES, in_force, waiting

from app.delivery import claim
from app.delivery.deliver import begun
from app.platforms.base import Connection, Sending
from app.platforms.results import PublishResult, Retryable
from app.platforms.sandbox.adapter import SandboxAdapter

THREAD = "Help is there. 1-888-373-7888\n---\nSecond.\n---\nThird."


@pytest.mark.parametrize("scope", SCOPES)
class TestAPauseOfAnyScope:
    def test_sends_a_post_that_was_claimed_before_it_back_at_the_next_gate(self, stage: Stage, scope: str) -> None:
        delivery = stage.one()
        stage.clock.advance(timedelta(minutes=10))
        (claimed,) = claim.claim_due(stage.deps, 1)
        assert stage.get(delivery).state == "sending"
        pause = stage.pause(scope, delivery)
        assert begun(stage.deps, [claimed]) == []
        row = stage.get(delivery)
        assert (row.state, row.state_reason, row.lease) == ("scheduled", "paused", None)
        assert (stage.attempts(delivery), stage.texts()) == ([], [])
        assert waiting(stage, pause) == [delivery]

    def test_lets_nothing_be_claimed(self, stage: Stage, scope: str) -> None:
        delivery = stage.one()
        stage.pause(scope, delivery)
        stage.clock.advance(timedelta(minutes=10))
        assert claim.claim_due(stage.deps, 10) == []
        assert stage.get(delivery).state == "scheduled"

    def test_keeps_what_is_posted_by_hand_from_being_handed_over(self, stage: Stage, scope: str) -> None:
        delivery = stage.one(via="by_hand", person="the press desk")
        pause = stage.pause(scope, delivery)
        stage.tick_after(10)
        assert stage.get(delivery).state == "scheduled"
        assert waiting(stage, pause) == [delivery]

    def test_does_not_interrupt_a_thread_that_is_being_sent(self, stage: Stage, scope: str) -> None:
        delivery = stage.one(THREAD)
        stage.adapters.sandbox = PausedAtTheFirstPart(stage, scope, delivery)
        stage.tick_after(10)
        assert stage.get(delivery).state == "published"
        assert len(stage.texts()) == 3

    def test_does_not_keep_the_rest_of_a_thread_back_that_must_be_tried_again(self, stage: Stage, scope: str) -> None:
        delivery = stage.one(THREAD)
        adapter = PausedAtTheFirstPart(stage, scope, delivery, fails=True)
        stage.adapters.sandbox = adapter
        stage.tick_after(10)
        row = stage.get(delivery)
        assert (row.state, row.parts_out) == ("scheduled", 1)
        assert waiting(stage, adapter.pause) == []
        stage.run(1)
        assert stage.get(delivery).state == "published"
        assert len(stage.texts()) == 3

    def test_is_never_lifted_by_itself(self, stage: Stage, scope: str) -> None:
        campaign = stage.campaign()
        account = stage.account(campaign)
        posts = [stage.post(campaign, f"{day}. 1-888-373-7888") for day in range(4)]
        rows = [stage.delivery(post, account, in_minutes=10 + 7 * 1440 * day) for day, post in enumerate(posts)]
        by_hand = stage.delivery(posts[0], stage.account(campaign, "desk", via="by_hand", person="the press desk"))
        pause = stage.pause(scope, rows[0])
        # A pause of one account leaves the other alone.
        others = [by_hand] if scope != "account" else []
        stage.run(hours=60 * 24)
        assert stage.clock.now().date() > campaign.ends_on - timedelta(days=7)
        stage.clock.advance(timedelta(days=400))
        stage.engine.tick()
        assert stage.clock.now().date() > campaign.ends_on
        assert in_force(stage, pause)
        assert {stage.get(row).state_reason for row in rows + others} == {"late.paused"}
        assert stage.texts() == []


class PausedAtTheFirstPart(SandboxAdapter):
    """A network during whose first part a person orders a pause; it may put off the second part once."""

    def __init__(self, stage: Stage, scope: str, delivery: int, *, fails: bool = False) -> None:
        super().__init__(PROFILE, stage.feed, stage.clock)
        self._stage, self._scope, self._delivery = stage, scope, delivery
        self._fails = fails
        self.pause = 0

    def publish_part(self, sending: Sending, connection: Connection, *, deadline: float) -> PublishResult:
        if not self.pause:
            self.pause = self._stage.pause(self._scope, self._delivery)
        elif self._fails:
            self._fails = False
            return Retryable("busy", "Try again.", None)
        return super().publish_part(sending, connection, deadline=deadline)


class TestAPauseOfOneThing:
    def test_of_a_week_lets_the_other_weeks_go(self, stage: Stage) -> None:
        campaign = stage.campaign()
        first = stage.delivery(stage.post(campaign, "One."), stage.account(campaign, "a"))
        other = stage.post(campaign, "Two.")
        other.week = 2
        second = stage.delivery(other, stage.account(campaign, "b"))
        stage.pause("week", first)
        stage.tick_after(10)
        assert [stage.get(row).state for row in (first, second)] == ["scheduled", "published"]

    def test_of_an_account_lets_the_others_go(self, stage: Stage) -> None:
        campaign = stage.campaign()
        post = stage.post(campaign)
        rows = [stage.delivery(post, stage.account(campaign, slug)) for slug in ("a", "b")]
        stage.pause("account", rows[0])
        stage.tick_after(10)
        assert [stage.get(row).state for row in rows] == ["scheduled", "published"]

    def test_of_the_instance_holds_every_organization(self, stage: Stage) -> None:
        campaigns = [stage.campaign(organization=name) for name in ("one", "two")]
        rows = [stage.delivery(stage.post(campaign), stage.account(campaign)) for campaign in campaigns]
        stage.pause("instance", rows[0])
        stage.tick_after(10)
        assert [stage.get(row).state for row in rows] == ["scheduled", "scheduled"]
