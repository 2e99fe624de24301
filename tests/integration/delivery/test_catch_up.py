from __future__ import annotations

from datetime import timedelta

from delivery_stage import START, Stage
from sqlalchemy import select

from app.delivery.options import EngineOptions
from app.models import Attempt

GAP = EngineOptions().catch_up_gap


def starts(stage: Stage) -> list[timedelta]:
    with stage.database.read() as session:
        return [at - START for at in session.scalars(select(Attempt.started_at).order_by(Attempt.id))]


class TestAfterADowntime:
    def test_what_waited_on_an_account_goes_out_one_by_one_and_not_in_a_burst(self, stage: Stage) -> None:
        campaign = stage.campaign()
        account = stage.account(campaign)
        waited = [stage.delivery(stage.post(campaign, key=f"p{m}"), account, in_minutes=m) for m in (5, 10, 15)]
        stage.clock.advance(timedelta(minutes=40))
        stage.run(hours=2)
        assert [stage.get(row).state for row in waited] == ["published"] * 3
        first = timedelta(minutes=40)
        assert starts(stage) == [first, first + GAP, first + 2 * GAP]

    def test_what_leaves_its_window_while_it_waits_for_its_turn_is_missed(self, stage: Stage) -> None:
        campaign = stage.campaign(lateness_minutes=60)
        account = stage.account(campaign)
        waited = [stage.delivery(stage.post(campaign, key=f"p{m}"), account, in_minutes=m) for m in (4, 5, 6)]
        stage.clock.advance(timedelta(minutes=62))
        stage.run(hours=2)
        assert [stage.get(row).state for row in waited] == ["published", "missed", "missed"]

    def test_accounts_do_not_wait_for_one_another(self, stage: Stage) -> None:
        campaign = stage.campaign()
        for name in ("one", "two"):
            stage.delivery(stage.post(campaign, key=name), stage.account(campaign, name), in_minutes=5)
        stage.clock.advance(timedelta(minutes=40))
        stage.run(hours=2)
        assert starts(stage) == [timedelta(minutes=40)] * 2

    def test_an_accounts_own_longer_gap_holds(self, stage: Stage) -> None:
        campaign = stage.campaign()
        account = stage.account(campaign, min_gap_minutes=12)
        for minute in (5, 10):
            stage.delivery(stage.post(campaign, key=f"p{minute}"), account, in_minutes=minute)
        stage.clock.advance(timedelta(minutes=30))
        stage.run(hours=2)
        assert starts(stage) == [timedelta(minutes=30), timedelta(minutes=42)]


class TestOnTime:
    def test_posts_due_together_on_one_account_do_not_wait_for_a_gap(self, stage: Stage) -> None:
        campaign = stage.campaign()
        account = stage.account(campaign)
        for key in ("one", "two"):
            stage.delivery(stage.post(campaign, key=key), account, in_minutes=5)
        stage.run(hours=2)
        assert starts(stage) == [timedelta(minutes=5)] * 2
