"""Renewals: an attempt that uploads for longer than its lease keeps its delivery, and no longer than that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from delivery_stage import Stage
from sqlalchemy import update

from app.clock import VirtualClock
from app.db import Database
from app.delivery import attempt
from app.delivery.claim import claim_due
from app.delivery.freeze import Frozen
from app.delivery.options import EngineOptions
from app.delivery.publish import Budget
from app.delivery.reaper import reap
from app.delivery.renew import Renewal
from app.models import Delivery
from app.platforms.base import Connection, KeepAlive, Sending
from app.platforms.results import Published, PublishResult, Retryable
from app.platforms.sandbox.adapter import SandboxAdapter

OPTIONS = EngineOptions()


class Uploader(SandboxAdapter):
    """A network where a post's film is sent in pieces before the post itself."""

    pieces = 10
    seconds = 30.0
    meanwhile: Callable[[int], None] = staticmethod(lambda piece: None)

    def publish_part(self, sending: Sending, connection: Connection, *, deadline: float) -> PublishResult:
        assert isinstance(self._clock, VirtualClock)
        for piece in range(self.pieces):
            self._clock.advance(timedelta(seconds=self.seconds))
            self.meanwhile(piece)
            renewed = sending.keep.renew()
            if renewed is None:
                return Retryable("upload_stopped", "There was no more time for the upload.")
            deadline = renewed
        return super().publish_part(sending, connection, deadline=deadline)


@dataclass
class Under:
    """An attempt under way on a stage, its upload before it."""

    stage: Stage
    adapter: Uploader
    frozen: Frozen
    keep: Renewal
    began: float = field(default=0.0)

    def send(self) -> PublishResult:
        sending = Sending(self.frozen.parts[0].minted, keep=self.keep)
        return self.adapter.publish_part(sending, self.frozen.connection, deadline=self.keep.deadline)

    def row(self) -> Delivery:
        return self.stage.get(self.frozen.delivery_id)


def begin(stage: Stage) -> Under:
    sandbox = stage.adapters.sandbox
    assert isinstance(sandbox, SandboxAdapter)
    adapter = Uploader(sandbox._profile, stage.feed, stage.clock)
    stage.adapters.sandbox = adapter
    stage.one()
    stage.clock.advance(timedelta(minutes=10))
    (claim,) = claim_due(stage.deps, 1)
    budget = Budget.start(stage.deps)
    frozen = attempt.begin(stage.deps, claim)
    assert frozen is not None
    return Under(stage, adapter, frozen, Renewal(stage.deps, frozen, budget), budget.began)


@pytest.fixture
def under(stage: Stage) -> Under:
    return begin(stage)


class TestAnUploadLongerThanTheLease:
    def test_is_published_under_the_same_fence(self, under: Under) -> None:
        under.adapter.meanwhile = lambda piece: check(under, reap(under.stage.deps) == 0)
        assert isinstance(under.send(), Published)
        assert under.stage.clock.monotonic() - under.began > OPTIONS.send_lease.total_seconds() * 2
        row = under.row()
        assert (row.state, row.lease, row.fence) == ("sending", "send", under.frozen.token)
        assert len(under.stage.texts()) == 1

    def test_moves_lease_and_deadline_together(self, under: Under) -> None:
        under.stage.clock.advance(timedelta(seconds=40))
        now = under.stage.clock.now()
        deadline = under.keep.renew()
        (attempt_row,) = under.stage.attempts(under.frozen.delivery_id)
        assert attempt_row.deadline_at == now + OPTIONS.publish_deadline
        assert under.row().lease_until == now + OPTIONS.send_lease
        assert deadline == under.stage.clock.monotonic() + OPTIONS.publish_deadline.total_seconds()
        assert under.keep.deadline == deadline

    def test_ends_at_the_longest_time_of_an_attempt(self, under: Under) -> None:
        under.adapter.pieces = 1_000
        assert isinstance(under.send(), Retryable)
        began, last = under.frozen.started_at, under.stage.attempts(under.frozen.delivery_id)[0].deadline_at
        assert last == began + OPTIONS.longest_attempt
        assert under.keep.deadline <= under.began + OPTIONS.longest_attempt.total_seconds()
        assert under.stage.clock.now() <= began + OPTIONS.longest_attempt
        assert under.stage.texts() == []


class TestNoRenewal:
    @pytest.mark.parametrize(
        "changed",
        [
            pytest.param({"fence": 99}, id="another claim"),
            pytest.param({"state": "unknown", "lease": None, "lease_until": None}, id="reaped"),
            pytest.param({"state": "published", "lease": None, "lease_until": None}, id="late proof"),
        ],
    )
    def test_when_the_delivery_was_taken(self, under: Under, changed: dict[str, object]) -> None:
        with under.stage.database.write() as session:
            session.execute(update(Delivery).values(**changed))
        before = under.stage.attempts(under.frozen.delivery_id)[0].deadline_at
        under.stage.clock.advance(timedelta(seconds=10))
        assert under.keep.renew() is None
        assert under.stage.attempts(under.frozen.delivery_id)[0].deadline_at == before

    def test_when_the_lease_is_over_though_nobody_has_noticed(self, under: Under) -> None:
        under.stage.clock.advance(OPTIONS.send_lease)
        assert under.keep.renew() is None
        assert under.row().state == "sending"

    def test_when_a_stop_was_asked_and_nothing_is_out(self, under: Under) -> None:
        with under.stage.database.write() as session:
            session.execute(update(Delivery).values(stop_requested_at=under.stage.clock.now()))
        assert isinstance(under.send(), Retryable)
        assert under.stage.texts() == []

    def test_stops_no_thread_that_has_begun(self, under: Under) -> None:
        with under.stage.database.write() as session:
            session.execute(update(Delivery).values(stop_requested_at=under.stage.clock.now(), parts_out=1))
        assert under.keep.renew() is not None

    def test_when_the_database_does_not_answer(self, under: Under, tmp_path) -> None:
        nowhere = Database(f"sqlite:///{tmp_path}/missing/none.sqlite3")
        keep = Renewal(replace(under.stage.deps, database=nowhere), under.frozen, Budget.start(under.stage.deps))
        assert keep.renew() is None
        nowhere.dispose()


class TestBetweenTheParts:
    def test_a_call_begins_with_at_least_half_of_its_time(self, under: Under) -> None:
        first = under.keep.deadline
        assert under.keep.ready()
        assert under.keep.deadline == first
        under.stage.clock.advance(OPTIONS.publish_deadline / 2 + timedelta(seconds=1))
        assert under.keep.ready()
        assert under.keep.deadline == under.stage.clock.monotonic() + OPTIONS.publish_deadline.total_seconds()

    def test_a_thread_of_many_slow_parts_keeps_its_lease(self, under: Under) -> None:
        for _ in range(20):
            assert under.keep.ready()
            under.stage.clock.advance(timedelta(seconds=40))
        until = under.row().lease_until
        assert until is not None
        assert until > under.stage.clock.now()

    def test_nothing_begins_after_the_longest_time(self, under: Under) -> None:
        while under.keep.ready():
            left = under.keep.deadline - under.stage.clock.monotonic()
            under.stage.clock.advance(timedelta(seconds=min(40, left)))
        assert under.stage.clock.now() - under.frozen.started_at <= OPTIONS.longest_attempt

    def test_nothing_begins_for_another(self, under: Under) -> None:
        with under.stage.database.write() as session:
            session.execute(update(Delivery).values(fence=99))
        under.stage.clock.advance(timedelta(seconds=40))
        assert not under.keep.ready()


def test_it_is_what_adapters_are_given(under: Under) -> None:
    keep: KeepAlive = under.keep
    assert keep.renew() is not None


def check(under: Under, value: bool) -> None:
    assert value, under.row().state
