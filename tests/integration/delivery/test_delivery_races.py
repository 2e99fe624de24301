from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from delivery_stage import PROFILE, START, Stage
from sqlalchemy import select, update

from app.clock import VirtualClock
from app.db import Database
from app.delivery import attempt, claim, hold, reaper, record
from app.delivery.freeze import Frozen
from app.delivery.gate import ACCOUNTS_AND_DELIVERIES
from app.delivery.options import EngineOptions
from app.models import Account, Attempt, Delivery, Post
from app.platforms.base import Connection, Sending
from app.platforms.results import AuthNeeded, Published, PublishResult, RemoteRef, Retryable, Unknown
from app.platforms.sandbox.adapter import SandboxAdapter
from app.platforms.sandbox.faults import Fault

_THIRD = timedelta(minutes=20)


def begin(stage: Stage, minutes: float = 10) -> Frozen:
    stage.clock.advance(timedelta(minutes=minutes))
    (claimed,) = claim.claim_due(stage.deps, 1)
    frozen = attempt.begin(stage.deps, claimed)
    assert frozen is not None
    return frozen


def answer(stage: Stage, frozen: Frozen, result: object) -> None:
    record.outcome(stage.deps, frozen, record.Outcome(result, frozen.parts[-1]))  # type: ignore[arg-type]


class Slow(SandboxAdapter):
    """A sandbox whose answers wait until a test lets them go."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(PROFILE, stage.feed, stage.clock)
        self.begun, self.go_on = threading.Event(), threading.Event()

    def publish_part(self, sending: Sending, connection: Connection, *, deadline: float) -> PublishResult:
        self.begun.set()
        self.go_on.wait(10)
        return super().publish_part(sending, connection, deadline=deadline)


class SetClock(VirtualClock):
    """A wall clock that somebody sets while the monotonic one goes on."""

    set_by = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.set_by

    def monotonic(self) -> float:
        return (super().now() - START).total_seconds()


class TestGateThatWaitedForALock:
    def test_judges_by_the_time_at_which_it_got_it(self, stage: Stage) -> None:
        delivery = stage.one()
        stage.clock.advance(timedelta(minutes=69, seconds=59))
        (claimed,) = claim.claim_due(stage.deps, 1)
        with ThreadPoolExecutor(1) as pool:
            with stage.database.write() as session:
                session.scalars(select(Post).with_for_update()).one()
                waiting = pool.submit(attempt.begin, stage.deps, claimed)
                # Nothing tells that the other transaction has come to the lock; it comes there within this time.
                threading.Event().wait(0.2)
                stage.clock.advance(timedelta(seconds=2))
            assert waiting.result(timeout=10) is None
        assert (stage.get(delivery).state, stage.texts()) == ("missed", [])


class TestReaperBesideALateAnswer:
    def test_wait_for_one_another_and_the_answer_stands(self, stage: Stage) -> None:
        delivery = stage.one()
        frozen = begin(stage)
        stage.clock.advance(timedelta(minutes=3))
        with ThreadPoolExecutor(1) as pool:
            with stage.database.write() as session:
                # What recording does: it locks account and delivery, then writes the attempt.
                session.execute(ACCOUNTS_AND_DELIVERIES, {"deliveries": [delivery]}).one()
                reaping = pool.submit(reaper.reap, stage.deps)
                threading.Event().wait(0.2)
                session.execute(update(Attempt).values(outcome="retryable"))
                values = {"state": "scheduled", "lease": None, "lease_until": None}
                session.execute(update(Delivery).values(**values))
            assert reaping.result(timeout=10) == 0
        assert stage.attempts(delivery)[0].outcome == "retryable"
        assert frozen.delivery_id == delivery


class TestNetworkThatNamesATime:
    @pytest.mark.parametrize("lateness", [10, 60])
    def test_lets_the_account_rest_though_the_delivery_is_given_up(self, stage: Stage, lateness: int) -> None:
        campaign = stage.campaign(lateness_minutes=lateness)
        account = stage.account(campaign)
        delivery = stage.delivery(stage.post(campaign), account)
        frozen = begin(stage)
        with stage.database.write() as session:
            session.execute(update(Delivery).values(attempts_made=99))
        answer(stage, frozen, Retryable("rate_limited", "slow down", stage.clock.now() + _THIRD))
        assert stage.get(delivery).state in {"failed", "missed"}
        assert stage.get_account(delivery).next_free_at >= stage.clock.now() + _THIRD

    def test_lets_the_account_rest_though_the_answer_came_late(self, stage: Stage) -> None:
        delivery = stage.one()
        frozen = begin(stage)
        stage.clock.advance(timedelta(minutes=3))
        assert reaper.reap(stage.deps) == 1
        answer(stage, frozen, Retryable("rate_limited", "slow down", stage.clock.now() + _THIRD))
        assert stage.get(delivery).state == "scheduled"
        assert stage.get_account(delivery).next_free_at >= stage.clock.now() + _THIRD


class TestAccountReconnectedWhileSending:
    def test_is_not_held_for_the_token_that_was_refused(self, stage: Stage) -> None:
        delivery = stage.one()
        frozen = begin(stage)
        with stage.database.write() as session:
            account = session.get_one(Account, stage.get(delivery).account_id, with_for_update=True)
            hold.release_account(session, account, stage.clock.now(), actor="staff")
        answer(stage, frozen, AuthNeeded("token_refused", "The token was refused."))
        assert (stage.get_account(delivery).state, stage.get(delivery).state) == ("connected", "scheduled")
        stage.run()
        assert (stage.get(delivery).state, len(stage.texts())) == ("published", 1)

    def test_and_disconnected_again_is_held(self, stage: Stage) -> None:
        delivery = stage.one()
        frozen = begin(stage)
        with stage.database.write() as session:
            session.execute(update(Account).values(state="disconnected", version=Account.version + 1))
        answer(stage, frozen, AuthNeeded("token_refused", "The token was refused."))
        assert (stage.get_account(delivery).state, stage.get(delivery).state) == ("disconnected", "held")


class TestBegunThread:
    def test_that_the_gate_cannot_judge_is_left_to_a_person_at_once(self, stage: Stage) -> None:
        delivery = stage.one("One. 1-888-373-7888\n---\nTwo.")
        stage.faults.plan(f"{stage.get_account(delivery).organization_id}/main", None, Fault.UNREACHABLE)
        stage.tick_after(10)
        assert stage.get(delivery).parts_out == 1

        def no_secrets(account_id: int) -> object:
            raise RuntimeError(f"the key of account {account_id} is lost")

        object.__setattr__(stage.deps, "credentials", no_secrets)
        stage.tick_after(1)
        row = stage.get(delivery)
        assert (row.state, row.state_reason) == ("needs_review", "gate.error")


class TestSettingsOfAnAccount:
    @pytest.mark.parametrize("minutes", ["soon", -5, "nan", "inf", [1], True, 10**30])
    def test_that_make_no_sense_do_not_stop_the_engine(self, stage: Stage, minutes: object) -> None:
        by_hand = stage.one(via="by_hand", person="the press desk", settings={"by_hand_minutes": minutes})
        stage.run()
        assert (stage.get(by_hand).state, stage.get(by_hand).state_reason) == ("missed", "by_hand.unconfirmed")


class TestNextDue:
    def test_names_what_is_due_on_an_account_that_is_not_connected(self, stage: Stage) -> None:
        delivery = stage.one(state="disconnected")
        stage.clock.advance(timedelta(minutes=11))
        due = stage.engine.next_due()
        assert due is not None
        assert due <= stage.clock.now()
        stage.engine.tick()
        assert stage.get(delivery).state == "held"

    def test_calls_a_doubt_due_although_the_only_worker_is_busy(self, database: Database) -> None:
        stage = Stage(database, options=EngineOptions(workers=1))
        campaign = stage.campaign()
        stage.delivery(stage.post(campaign), stage.account(campaign, "lost"), in_minutes=1)
        lost = begin(stage, 1)
        answer(stage, lost, Unknown("c", "lost"))
        stage.delivery(stage.post(campaign, "Slow."), stage.account(campaign, "slow"), in_minutes=1)
        slow = Slow(stage)
        stage.adapters.sandbox = slow
        stage.clock.advance(timedelta(minutes=1))
        try:
            stage.engine.tick()
            assert slow.begun.wait(10)
            # The doubt about the first can be asked about from here on, in a lane of its own.
            stage.clock.advance(timedelta(minutes=0.9))
            due = stage.engine.next_due()
            assert due is not None
            assert due <= stage.clock.now()
            stage.engine.tick()
            deadline = time.monotonic() + 10
            while stage.get(lost.delivery_id).state == "unknown" and time.monotonic() < deadline:
                time.sleep(0.01)
            assert stage.get(lost.delivery_id).state != "unknown"
        finally:
            slow.go_on.set()
            stage.engine.close()


class TestClockThatWasSet:
    def test_neither_ends_a_lease_nor_asks_about_what_is_under_way(self, database: Database) -> None:
        clock = SetClock(START)
        stage = Stage(database, clock=clock)
        delivery = stage.one()
        stage.engine.tick()
        frozen = begin(stage)
        clock.set_by = timedelta(days=3)
        assert stage.engine.tick().refused is not None
        assert stage.get(delivery).state == "sending"
        clock.set_by = timedelta(0)
        answer(stage, frozen, Published(RemoteRef("r1")))
        assert stage.get(delivery).state == "published"


class TestClosing:
    def test_waits_for_what_a_tick_under_way_has_claimed(self, database: Database) -> None:
        stage = Stage(database, options=EngineOptions(workers=1))
        delivery = stage.one()
        slow = Slow(stage)
        stage.adapters.sandbox = slow
        stage.clock.advance(timedelta(minutes=10))
        stage.engine.tick()
        assert slow.begun.wait(10)
        with ThreadPoolExecutor(1) as pool:
            closing = pool.submit(stage.engine.close)
            slow.go_on.set()
            closing.result(timeout=10)
        assert stage.get(delivery).state == "published"
        assert stage.engine.tick().claimed == 0
