from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from delivery_stage import Stage
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from app.db import Database
from app.delivery import claim
from app.delivery.options import EngineOptions
from app.models import Delivery


class TestClaim:
    def test_takes_one_delivery_of_each_account_the_longest_waiting_first(self, stage: Stage) -> None:
        campaign = stage.campaign()
        accounts = [stage.account(campaign, f"a{i}") for i in range(3)]
        post = stage.post(campaign)
        due = {0: (8, 9), 1: (9,), 2: (7, 8)}
        rows = {
            (a, minute): stage.delivery(post, accounts[a], in_minutes=minute, occurrence=str(minute))
            for a, minutes in due.items()
            for minute in minutes
        }
        stage.clock.advance(timedelta(minutes=10))
        claims = claim.claim_due(stage.deps, 10)
        assert [c.delivery_id for c in claims] == [rows[2, 7], rows[0, 8], rows[1, 9]]
        assert claim.claim_due(stage.deps, 10) == []

    def test_takes_no_more_than_asked(self, stage: Stage) -> None:
        campaign = stage.campaign()
        post = stage.post(campaign)
        for i in range(5):
            stage.delivery(post, stage.account(campaign, f"a{i}"))
        stage.clock.advance(timedelta(minutes=10))
        assert [len(claim.claim_due(stage.deps, n)) for n in (0, 2, 2, 2)] == [0, 2, 2, 1]

    def test_leaves_accounts_that_are_not_free(self, stage: Stage) -> None:
        campaign = stage.campaign()
        account = stage.account(campaign, next_free_at=stage.clock.now() + timedelta(minutes=30))
        stage.delivery(stage.post(campaign), account)
        stage.clock.advance(timedelta(minutes=10))
        assert claim.claim_due(stage.deps, 1) == []
        assert stage.engine.next_due() == stage.clock.now() + timedelta(minutes=20)

    def test_by_many_at_once_takes_nothing_twice(self, database: Database) -> None:
        stage = Stage(database)
        campaign = stage.campaign()
        accounts = [stage.account(campaign, f"a{i}") for i in range(12)]
        for i in range(3):
            post = stage.post(campaign, f"Post {i}.")
            for account in accounts:
                stage.delivery(post, account, in_minutes=i)
        stage.clock.advance(timedelta(minutes=10))
        barrier = threading.Barrier(4)

        def claim_all() -> list[claim.Claim]:
            barrier.wait()
            got: list[claim.Claim] = []
            while more := claim.claim_due(stage.deps, 3):
                got += more
            return got

        with ThreadPoolExecutor(4) as pool:
            claims = [c for future in [pool.submit(claim_all) for _ in range(4)] for c in future.result()]
        # Locked accounts are skipped, so one more look may be needed for what another claimer let go of.
        claims += claim.claim_due(stage.deps, 100)
        assert Counter(c.account_id for c in claims) == {account.id: 1 for account in accounts}
        assert all(c.token == 1 for c in claims)


class TestDatabase:
    def test_refuses_a_second_sending_of_an_account(self, stage: Stage) -> None:
        campaign = stage.campaign()
        account, post = stage.account(campaign), stage.post(campaign)
        for i in range(2):
            stage.delivery(post, account, occurrence=str(i))
        with pytest.raises(IntegrityError), stage.database.write() as session:
            session.execute(update(Delivery).values(state="sending", lease="dispatch", lease_until=stage.clock.now()))

    def test_refuses_a_delivery_that_names_another_organizations_post(self, stage: Stage) -> None:
        mine, theirs = stage.campaign(), stage.campaign(organization="another")
        post, account = stage.post(mine), stage.account(theirs)
        with pytest.raises(IntegrityError):
            stage.delivery(post, account)

    def test_refuses_the_same_occurrence_twice(self, stage: Stage) -> None:
        campaign = stage.campaign()
        account, post = stage.account(campaign), stage.post(campaign)
        stage.delivery(post, account)
        with pytest.raises(IntegrityError):
            stage.delivery(post, account)


class TestEngineWithThreads:
    def test_and_two_schedulers_publishes_everything_once(self, database: Database) -> None:
        first = Stage(database, options=EngineOptions(workers=4))
        second = Stage(database, clock=first.clock, feed=first.feed, options=EngineOptions(workers=4))
        campaign = first.campaign(lateness_minutes=100_000)
        accounts = [first.account(campaign, f"a{i}") for i in range(6)]
        posts = [first.post(campaign, f"Post {i}.") for i in range(5)]
        for post in posts:
            for account in accounts:
                first.delivery(post, account)
        first.clock.advance(timedelta(minutes=10))
        wake = threading.Event()
        for stage in (first, second):
            stage.engine.notify_free(wake.set)
        for _ in range(500):
            for stage in (first, second):
                stage.engine.tick()
            if set(first.states()) == {"published"}:
                break
            wake.wait(0.2)
            wake.clear()
        for stage in (first, second):
            stage.engine.close()
        assert Counter(first.states()) == {"published": 30}
        assert len(first.texts()) == 30
        assert sorted(first.texts()) == sorted(post.text for post in posts for _ in accounts)
