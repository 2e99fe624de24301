from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta

import pytest
from delivery_stage import Stage
from sqlalchemy import update

from app.db import Database
from app.delivery import attempt, claim, deliver, reaper, reconcile, record
from app.delivery.freeze import Frozen
from app.delivery.publish import Budget, publish
from app.errors import StorageUnavailable
from app.models import Attempt, Delivery, State
from app.platforms.results import Permanent, Published, RemoteRef, Retryable, Unknown
from app.platforms.sandbox.faults import Fault


def claim_one(stage: Stage) -> claim.Claim:
    stage.clock.advance(timedelta(minutes=10))
    (claimed,) = claim.claim_due(stage.deps, 1)
    return claimed


def begin(stage: Stage) -> Frozen:
    frozen = attempt.begin(stage.deps, claim_one(stage))
    assert frozen is not None
    return frozen


def answer(stage: Stage, frozen: Frozen, result: object) -> None:
    record.outcome(stage.deps, frozen, record.Outcome(result, frozen.parts[-1]))  # type: ignore[arg-type]


def published(remote_id: str = "r1") -> Published:
    return Published(RemoteRef(remote_id, f"https://example.org/{remote_id}"))


class TestDispatchLease:
    def test_that_ran_out_without_an_attempt_returns_the_delivery_to_the_line(self, stage: Stage) -> None:
        delivery = stage.one()
        claim_one(stage)
        assert stage.engine.next_due() == stage.clock.now() + stage.deps.options.dispatch_lease
        stage.tick_after(1)
        assert stage.get(delivery).state == "published"
        assert ("sending", "scheduled", "lease.expired") in stage.history(delivery)

    def test_that_ran_out_lets_its_worker_send_nothing(self, stage: Stage) -> None:
        stage.one()
        claimed = claim_one(stage)
        stage.clock.advance(timedelta(seconds=61))
        assert attempt.begin(stage.deps, claimed) is None

    def test_of_an_older_claim_lets_its_worker_send_nothing(self, stage: Stage) -> None:
        delivery = stage.one()
        old = claim_one(stage)
        with stage.database.write() as session:
            session.execute(update(Delivery).values(state="scheduled", lease=None, lease_until=None))
        (new,) = claim.claim_due(stage.deps, 1)
        assert new.token == old.token + 1
        assert attempt.begin(stage.deps, old) is None
        assert attempt.begin(stage.deps, new) is not None
        assert len(stage.attempts(delivery)) == 1

    def test_is_used_once(self, stage: Stage) -> None:
        delivery = stage.one()
        claimed = claim_one(stage)
        assert attempt.begin(stage.deps, claimed) is not None
        assert attempt.begin(stage.deps, claimed) is None
        assert len(stage.attempts(delivery)) == 1


class TestSendLease:
    @pytest.mark.parametrize("sent", [True, False])
    def test_that_ran_out_makes_the_outcome_unknown_and_then_the_network_is_asked(
        self, stage: Stage, sent: bool
    ) -> None:
        delivery = stage.one()
        frozen = begin(stage)
        if sent:
            publish(stage.deps, frozen, Budget.start(stage.deps))
        stage.tick_after(2)
        assert ("sending", "unknown", "lease.expired") in stage.history(delivery)
        stage.run()
        assert (stage.get(delivery).state, len(stage.texts())) == ("published", 1)

    def test_is_looked_at_once_more_before_anything_is_sent(self, stage: Stage) -> None:
        stage.one()
        stage.clock.advance(timedelta(minutes=10))
        (claimed,) = claim.claim_due(stage.deps, 1)
        budget = Budget.start(stage.deps)
        frozen = attempt.begin(stage.deps, claimed)
        assert frozen is not None
        # It stood ready for longer than its lease, and nobody may renew what has run out.
        stage.clock.advance(stage.deps.options.send_lease)
        outcome = publish(stage.deps, frozen, budget)
        assert outcome is not None
        assert isinstance(outcome.result, Retryable)
        assert stage.texts() == []


class TestLateProof:
    @pytest.mark.parametrize("state", ["unknown", "needs_review", "scheduled", "held", "missed", "blocked", "failed"])
    def test_that_it_is_out_publishes_it_wherever_it_stands(self, stage: Stage, state: str) -> None:
        delivery = stage.one()
        frozen = begin(stage)
        with stage.database.write() as session:
            session.execute(update(Delivery).values(state=state, lease=None, lease_until=None))
        answer(stage, frozen, published())
        row = stage.get(delivery)
        assert (row.state, row.state_reason, row.remote_id) == ("published", "late_proof", "r1")
        assert stage.attempts(delivery)[0].outcome == "published"
        stage.run()
        assert stage.texts() == []

    def test_while_a_second_send_runs_keeps_both_and_tells(self, stage: Stage) -> None:
        delivery = stage.one()
        first = begin(stage)
        with stage.database.write() as session:
            session.execute(update(Delivery).values(state="scheduled", lease=None, lease_until=None))
            session.execute(update(Attempt).values(outcome="not_sent"))
        (claimed,) = claim.claim_due(stage.deps, 1)
        second = attempt.begin(stage.deps, claimed)
        assert second is not None
        answer(stage, first, published("r1"))
        assert stage.get(delivery).state == "sending"
        answer(stage, second, published("r2"))
        assert stage.get(delivery).state == "published"
        assert [a.outcome for a in stage.attempts(delivery)] == ["published", "published"]
        assert [stage.parts(a)[0].remote_id for a in stage.attempts(delivery)] == ["r1", "r2"]
        assert ("sending", "sending", "late_proof.second_send") in stage.history(delivery)

    def test_of_a_cancelled_delivery_is_kept_and_told(self, stage: Stage) -> None:
        delivery = stage.one()
        frozen = begin(stage)
        with stage.database.write() as session:
            session.execute(update(Delivery).values(state="cancelled", lease=None, lease_until=None))
        answer(stage, frozen, published())
        assert stage.get(delivery).state == "cancelled"
        assert stage.history(delivery)[-1] == ("cancelled", "cancelled", "late_proof.after_cancel")
        assert stage.parts(stage.attempts(delivery)[0])[0].remote_id == "r1"

    @pytest.mark.parametrize("result", [Retryable("c", "refused"), Permanent("c", "no")])
    def test_that_nothing_was_sent_ends_the_doubt(self, stage: Stage, result: object) -> None:
        delivery = stage.one()
        frozen = begin(stage)
        stage.clock.advance(timedelta(minutes=2))
        assert reaper.reap(stage.deps) == 1
        answer(stage, frozen, result)
        assert (stage.get(delivery).state, stage.get(delivery).state_reason) == ("scheduled", "proved_not_sent")

    def test_from_an_older_attempt_says_nothing_about_a_newer_one(self, stage: Stage) -> None:
        delivery = stage.one()
        frozen = begin(stage)
        with stage.database.write() as session:
            session.execute(
                update(Delivery).values(state="unknown", fence=Delivery.fence + 1, lease=None, lease_until=None)
            )
        answer(stage, frozen, Retryable("c", "refused"))
        assert stage.get(delivery).state == "unknown"

    def test_never_takes_a_publication_back(self, stage: Stage) -> None:
        delivery = stage.one()
        frozen = begin(stage)
        answer(stage, frozen, published())
        answer(stage, frozen, Unknown("c", "late"))
        assert stage.get(delivery).state == "published"
        assert stage.attempts(delivery)[0].outcome == "published"


class TestDuplicateError:
    def test_without_an_earlier_doubt_is_a_permanent_failure(self, stage: Stage) -> None:
        delivery = stage.one()
        answer(stage, begin(stage), Permanent("duplicate", "seen before", duplicate=True))
        assert stage.get(delivery).state == "failed"

    def test_after_an_earlier_doubt_is_asked_about_and_never_taken_for_published(self, stage: Stage) -> None:
        delivery = stage.one()
        stage.faults.plan(f"{stage.get_account(delivery).organization_id}/main", Fault.UNKNOWN_LOST)
        stage.tick_after(10)
        stage.clock.advance(timedelta(minutes=3))
        reconcile.reconcile(stage.deps, delivery)
        (claimed,) = claim.claim_due(stage.deps, 1)
        second = attempt.begin(stage.deps, claimed)
        assert second is not None
        answer(stage, second, Permanent("duplicate", "seen before", duplicate=True))
        assert (stage.get(delivery).state, stage.get(delivery).state_reason) == ("unknown", "duplicate")
        stage.run()
        assert stage.get(delivery).state == "needs_review"


class TestLostCommit:
    def test_of_the_attempt_sends_nothing(self, stage: Stage) -> None:
        class AnswerLost(Database):
            """The same database; the answer to each commit is lost on its way."""

            def __init__(self, real: Database) -> None:
                self.engine, self._sessions = real.engine, real._sessions

            def write(self):  # type: ignore[no-untyped-def]
                @contextmanager
                def lost():  # type: ignore[no-untyped-def]
                    with super(AnswerLost, self).write() as session:
                        yield session
                    raise StorageUnavailable("The connection was lost.")

                return lost()

        delivery = stage.one()
        claimed = claim_one(stage)
        real = stage.deps.database
        object.__setattr__(stage.deps, "database", AnswerLost(real))
        assert deliver.begun(stage.deps, [claimed]) == []
        assert stage.texts() == []
        object.__setattr__(stage.deps, "database", real)
        assert stage.get(delivery).state == State.SENDING
        stage.run()
        assert (stage.get(delivery).state, len(stage.texts())) == ("published", 1)
