"""What rings, when, and when it is over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from alert_stage import AlertStage

from app.models import Post
from app.services.alerting.kinds import KINDS


class TestAnAlertOpens:
    @pytest.mark.parametrize(
        ("state", "values", "kind"),
        [
            ("needs_review", {}, "needs_review"),
            ("held", {}, "held"),
            ("missed", {}, "missed"),
            ("failed", {}, "failed"),
            ("withdraw_failed", {}, "withdraw_failed"),
            ("withdrawing", {}, "withdraw_by_hand"),
            ("blocked", {}, "blocked"),
        ],
    )
    def test_at_once_and_ends_when_the_state_moves_on(
        self, on: AlertStage, state: str, values: dict[str, object], kind: str
    ) -> None:
        delivery = on.stage.one()
        on.round()
        assert on.kinds() == []
        on.set(delivery, state, state_detail="what happened", **values)
        on.round(1)
        (alert,) = on.alerts()
        assert (alert.kind, alert.subject, alert.detail) == (kind, f"delivery:{delivery}", "what happened")
        on.round(1)
        assert [one.id for one in on.alerts()] == [alert.id]

        on.set(delivery, "cancelled")
        on.round(1)
        assert on.alerts() == []
        assert [one.id for one in on.alerts(closed=True)] == [alert.id]

    def test_for_an_unknown_only_when_it_does_not_settle_by_itself(self, on: AlertStage) -> None:
        delivery = on.stage.one()
        on.set(delivery, "unknown")
        on.round(10)
        assert on.kinds() == []
        on.round(1)
        assert on.kinds() == ["unknown"]

    def test_never_for_an_unknown_that_settles_in_time(self, on: AlertStage) -> None:
        delivery = on.stage.one()
        on.set(delivery, "unknown")
        on.round(9)
        on.set(delivery, "published")
        on.round(9)
        assert on.alerts() == on.alerts(closed=True) == []

    def test_for_a_reminder_once_a_person_was_reminded(self, on: AlertStage) -> None:
        delivery = on.stage.one()
        on.set(delivery, "handed_over")
        on.round(1)
        assert on.kinds() == []
        on.set(delivery, "handed_over", reminded_at=on.clock.now())
        on.round(1)
        assert on.kinds() == ["reminder"]

    @pytest.mark.parametrize(("found", "kind"), [("different", "differs"), ("gone", "gone")])
    def test_for_a_published_post_that_readers_see_otherwise(self, on: AlertStage, found: str, kind: str) -> None:
        delivery = on.stage.one()
        on.set(delivery, "published", read_back="same")
        on.round(1)
        assert on.kinds() == []
        on.set(delivery, "published", read_back=found, read_back_detail="The number differs.")
        on.round(1)
        assert [(one.kind, one.detail) for one in on.alerts()] == [(kind, "The number differs.")]
        on.set(delivery, "withdrawn", read_back=found)
        on.round(1)
        assert on.kinds() == []

    @pytest.mark.parametrize("reason", ["late_proof.second_send", "late_proof.after_cancel"])
    def test_for_what_went_out_when_it_should_not(self, on: AlertStage, reason: str) -> None:
        delivery = on.stage.one()
        on.event(delivery, "late_proof", "It went out.")
        on.round(1)
        assert on.kinds() == []
        on.event(delivery, reason, "An earlier attempt went out, too. https://social.example/2")
        on.event(delivery, reason, "An earlier attempt went out, too. https://social.example/3")
        on.round(1)
        (alert,) = on.alerts()
        assert alert.kind == "sent_twice"
        assert "https://social.example/" in alert.detail
        on.round(7 * 24 * 60)
        assert on.kinds() == []

    def test_withdrawing_rings_for_a_person_only(self, on: AlertStage) -> None:
        delivery = on.stage.one()
        on.set(delivery, "withdrawing", withdraw_at=on.clock.now())
        on.round(1)
        assert on.kinds() == []

    def test_anew_for_what_left_the_state_and_came_back_between_two_rounds(self, on: AlertStage) -> None:
        delivery = on.stage.one()
        on.set(delivery, "needs_review", state_detail="first")
        on.round(1)
        on.stage.clock.advance(timedelta(seconds=20))  # type: ignore[attr-defined]
        on.set(delivery, "needs_review", state_detail="second")
        on.round(1)
        assert [alert.detail for alert in on.alerts()] == ["second"]
        assert [alert.detail for alert in on.alerts(closed=True)] == ["first"]

    def test_and_closes_when_the_delivery_is_planned_away(self, on: AlertStage) -> None:
        campaign = on.stage.campaign()
        account = on.stage.account(campaign)
        delivery = on.stage.delivery(on.stage.post(campaign), account)
        on.set(delivery, "missed")
        on.round(1)
        with on.stage.database.write() as session:
            session.delete(on.stage.get(delivery))
        on.round(1)
        assert on.kinds() == []


class TestATokenThatExpires:
    def test_rings_a_week_and_a_day_ahead_and_ends_with_a_new_one(self, on: AlertStage) -> None:
        campaign = on.stage.campaign()
        account = on.stage.account(campaign, token_expires_at=on.clock.now() + timedelta(days=8))
        on.round()
        assert on.alerts() == []
        on.round(24 * 60 + 1)
        assert [(one.kind, one.subject) for one in on.alerts()] == [("token_expires", f"account:{account.id}:7-days")]
        on.round(6 * 24 * 60)
        assert [one.subject for one in on.alerts()] == [f"account:{account.id}:1-day"]
        on.change(account, token_expires_at=on.clock.now() + timedelta(days=60))
        on.round(1)
        assert on.alerts() == []
        assert len(on.alerts(closed=True)) == 2


class TestWhatIsBlockedAhead:
    def test_rings_for_a_blocked_one_when_its_day_is_near(self, on: AlertStage) -> None:
        campaign = on.stage.campaign()
        account = on.stage.account(campaign)
        week = on.stage.delivery(on.stage.post(campaign, "one"), account, in_minutes=30 * 60, occurrence="week")
        pinned = on.stage.delivery(on.stage.post(campaign, "two"), account, in_minutes=80 * 60, occurrence="2027-01-11")
        for delivery in (week, pinned):
            on.set(delivery, "blocked")
        on.round()
        assert on.alerts() == []
        on.round(7 * 60)
        assert [one.delivery_id for one in on.alerts()] == [week]
        on.round(2 * 60)
        assert [one.delivery_id for one in on.alerts()] == [week, pinned]

    def test_rings_for_one_that_the_gate_would_block_and_ends_once_it_is_corrected(self, on: AlertStage) -> None:
        campaign = on.stage.campaign()
        account = on.stage.account(campaign)
        post = on.stage.post(campaign, "FORBIDDEN")
        near = on.stage.delivery(post, account, in_minutes=23 * 60, occurrence="week")
        on.stage.delivery(post, account, in_minutes=25 * 60, occurrence="other-week")
        on.change(on.stage.get(near + 1), occurrence="week-2")
        good = on.stage.delivery(on.stage.post(campaign, "good"), account, in_minutes=60, occurrence="week")
        on.round()
        assert [(one.delivery_id, one.detail) for one in on.alerts()] == [
            (near, "This word may not go out."),
            (near + 1, "This word may not go out."),
        ]
        assert on.stage.get(good).state == "scheduled"

        on.change(post, text="corrected", version=Post.version + 1)
        on.round(1)
        assert on.alerts() == []

    def test_looks_again_only_when_something_changed_or_after_some_hours(self, on: AlertStage) -> None:
        campaign = on.stage.campaign()
        post = on.stage.post(campaign, "good")
        on.stage.delivery(post, on.stage.account(campaign), in_minutes=23 * 60, occurrence="week")
        on.round()
        # The row says that nothing changed, so nobody looks.
        on.change(post, text="FORBIDDEN")
        on.round(60)
        assert on.alerts() == []
        on.round(3 * 60)
        assert on.kinds() == ["blocked"]

    def test_another_process_that_has_not_looked_yet_leaves_the_alert_alone(self, on: AlertStage) -> None:
        campaign = on.stage.campaign()
        account = on.stage.account(campaign)
        delivery = on.stage.delivery(on.stage.post(campaign, "FORBIDDEN"), account, in_minutes=60, occurrence="week")
        on.round()
        (alert,) = on.alerts()
        on.set(delivery, "blocked")
        on.round(1)
        on.again().derive()
        assert [one.id for one in on.alerts()] == [alert.id]

    def test_stays_one_alert_through_the_gate(self, on: AlertStage) -> None:
        delivery = on.stage.one("FORBIDDEN")
        on.round()
        (alert,) = on.alerts()
        on.stage.tick_after(10)
        assert on.stage.get(delivery).state == "blocked"
        on.round()
        assert [one.id for one in on.alerts()] == [alert.id]


def test_the_kinds_are_told_apart() -> None:
    assert len({kind.slug for kind in KINDS}) == len(KINDS)
    for kind in KINDS:
        assert len(kind.slug) <= 32
        assert all(text.endswith(".") for text in (kind.meaning, kind.next))
