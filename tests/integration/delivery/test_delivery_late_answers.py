from __future__ import annotations

from datetime import timedelta

import pytest
from delivery_stage import Stage
from sqlalchemy import update

from app.delivery import attempt, claim, commands, reaper, reconcile, record, review
from app.delivery.freeze import Frozen
from app.delivery.publish import Budget, publish
from app.models import Delivery, State
from app.platforms.results import Permanent, Published, RemoteRef, Retryable, Unknown
from app.platforms.sandbox.faults import Fault

THREAD = "One. 1-888-373-7888\n---\nTwo.\n---\nThree."
PARTS = THREAD.split("\n---\n")


def claim_now(stage: Stage) -> claim.Claim:
    (claimed,) = claim.claim_due(stage.deps, 1)
    return claimed


def begin(stage: Stage) -> Frozen:
    frozen = attempt.begin(stage.deps, claim_now(stage))
    assert frozen is not None
    return frozen


def begin_and_lose(stage: Stage) -> Frozen:
    """Begin an attempt whose worker freezes; the network says later that nothing is out."""
    stage.clock.advance(timedelta(minutes=10))
    frozen = begin(stage)
    stage.clock.advance(timedelta(minutes=2))
    assert reaper.reap(stage.deps) == 1
    reconcile.reconcile(stage.deps, frozen.delivery_id)
    assert stage.get(frozen.delivery_id).state == "scheduled"
    return frozen


def answer(stage: Stage, frozen: Frozen, result: object, part: int = -1) -> None:
    record.outcome(stage.deps, frozen, record.Outcome(result, frozen.parts[part]))  # type: ignore[arg-type]


def send_first_part(stage: Stage, frozen: Frozen) -> bool:
    """Send the first part as a worker would, and store it."""
    post = stage.feed.put(
        account=frozen.connection.account,
        platform="mastodon",
        key=frozen.parts[0].minted.key,
        text=frozen.parts[0].minted.text,
        created_at=stage.clock.now(),
    )
    return record.part_out(stage.deps, frozen, frozen.parts[0], Published(RemoteRef(post.id)))


def is_out(remote_id: str = "r1") -> Published:
    return Published(RemoteRef(remote_id, f"https://example.org/{remote_id}"))


class TestLateProofThatItIsOut:
    def test_between_claim_and_gate_sends_nothing_more(self, stage: Stage) -> None:
        delivery = stage.one()
        first = begin_and_lose(stage)
        claimed = claim_now(stage)
        answer(stage, first, is_out())
        assert attempt.begin(stage.deps, claimed) is None
        assert (stage.get(delivery).state, stage.get(delivery).remote_id) == ("published", "r1")
        assert len(stage.attempts(delivery)) == 1

    @pytest.mark.parametrize("result", [Retryable("c", "busy"), Permanent("c", "no"), Unknown("c", "lost")])
    def test_during_a_second_send_that_fails_publishes_and_never_sends_a_third_time(
        self, stage: Stage, result: object
    ) -> None:
        delivery = stage.one()
        first = begin_and_lose(stage)
        second = begin(stage)
        answer(stage, first, is_out())
        answer(stage, second, result)
        row = stage.get(delivery)
        assert (row.state, row.state_reason, row.remote_id) == ("published", "late_proof", "r1")
        stage.run()
        assert len(stage.attempts(delivery)) == 2

    def test_after_a_person_gave_its_link_completes_the_record_without_an_alarm(self, stage: Stage) -> None:
        delivery = stage.one()
        first = begin_and_lose(stage)
        with stage.database.write() as session:
            session.execute(update(Delivery).values(state="needs_review"))
        with stage.database.write() as session:
            link = "https://example.org/r1"
            review.resolve_went_out(session, delivery, link=link, now=stage.clock.now(), actor="staff")
        answer(stage, first, is_out())
        assert stage.get(delivery).remote_id == "r1"
        assert "late_proof.second_send" not in [reason for _, _, reason in stage.history(delivery)]


class TestLateProofOfAThreadsPart:
    def test_during_a_second_send_is_not_sent_a_third_time(self, stage: Stage) -> None:
        delivery = stage.one(THREAD)
        first = begin_and_lose(stage)
        second = begin(stage)
        assert send_first_part(stage, first) is False
        assert ("sending", "sending", "late_proof.second_send") in stage.history(delivery)
        answer(stage, second, Retryable("c", "busy"), part=0)
        third_sent = stage.attempts(delivery)
        stage.run()
        assert stage.get(delivery).state == "published"
        assert stage.texts() == PARTS
        resumed = stage.attempts(delivery)[len(third_sent)]
        assert [part.outcome for part in stage.parts(resumed)] == ["published"] * 3
        assert stage.get(delivery).remote_id == stage.parts(resumed)[0].remote_id

    def test_is_taken_for_out_when_the_network_is_asked_about_the_second_send(self, stage: Stage) -> None:
        delivery = stage.one(THREAD)
        first = begin_and_lose(stage)
        second = begin(stage)
        send_first_part(stage, first)
        answer(stage, second, Unknown("c", "lost"), part=0)
        stage.run()
        assert stage.get(delivery).state == "published"
        assert stage.texts() == PARTS

    @pytest.mark.parametrize("state", ["held", "blocked", "failed", "missed"])
    def test_takes_a_delivery_that_was_given_up_back_to_be_finished(self, stage: Stage, state: str) -> None:
        delivery = stage.one(THREAD)
        first = begin_and_lose(stage)
        with stage.database.write() as session:
            session.execute(update(Delivery).values(state=state))
        send_first_part(stage, first)
        assert (stage.get(delivery).state, stage.get(delivery).parts_out) == ("scheduled", 1)
        stage.tick_after(0)
        assert (stage.get(delivery).state, stage.texts()) == ("published", PARTS)

    def test_of_a_missed_delivery_past_its_window_is_for_a_person_to_settle(self, stage: Stage) -> None:
        delivery = stage.one(THREAD)
        first = begin_and_lose(stage)
        stage.tick_after(0.01)
        stage.clock.advance(timedelta(minutes=100))
        with stage.database.write() as session:
            session.execute(update(Delivery).values(state="missed", parts_out=0))
        send_first_part(stage, first)
        stage.run()
        assert stage.get(delivery).state == "needs_review"

    def test_of_a_cancelled_delivery_is_told(self, stage: Stage) -> None:
        delivery = stage.one(THREAD)
        first = begin_and_lose(stage)
        with stage.database.write() as session:
            commands.cancel(session, delivery, now=stage.clock.now(), actor="staff")
        send_first_part(stage, first)
        assert stage.get(delivery).state == "cancelled"
        assert ("cancelled", "cancelled", "late_proof.after_cancel") in stage.history(delivery)

    def test_of_an_older_generation_is_told_and_changes_no_count(self, stage: Stage) -> None:
        delivery = stage.one(THREAD)
        first = begin_and_lose(stage)
        with stage.database.write() as session:
            session.execute(update(Delivery).values(state="needs_review"))
        with stage.database.write() as session:
            review.resolve_send_again(session, delivery, now=stage.clock.now(), actor="staff")
        send_first_part(stage, first)
        assert stage.get(delivery).parts_out == 0
        assert ("scheduled", "scheduled", "late_proof.second_send") in stage.history(delivery)


class TestLateDoubt:
    def test_after_proof_that_nothing_was_sent_is_asked_about_again_before_anything_is_sent(self, stage: Stage) -> None:
        delivery = stage.one()
        first = begin_and_lose(stage)
        # The frozen worker goes on: the network takes the post after all, and the answer is lost.
        stage.faults.plan(first.connection.account, Fault.UNKNOWN_ACCEPTED)
        outcome = publish(stage.deps, first, Budget.start(stage.deps))
        assert outcome is not None
        record.outcome(stage.deps, first, outcome)
        stage.run()
        assert (stage.get(delivery).state, len(stage.attempts(delivery))) == ("published", 1)
        assert len(stage.texts()) == 1

    def test_of_an_older_attempt_is_asked_about_before_the_next_one(self, stage: Stage) -> None:
        delivery = stage.one()
        first = begin_and_lose(stage)
        second = begin(stage)
        answer(stage, first, Unknown("c", "lost"))
        answer(stage, second, Retryable("c", "busy"))
        stage.tick_after(1)
        assert (stage.get(delivery).state, len(stage.attempts(delivery))) == ("unknown", 2)
        stage.run()
        assert (stage.get(delivery).state, len(stage.texts())) == ("published", 1)

    def test_that_a_person_has_settled_is_not_asked_about_again(self, stage: Stage) -> None:
        delivery = stage.one(THREAD)
        stage.faults.plan(f"{stage.get_account(delivery).organization_id}/main", None, Fault.UNKNOWN_LOST)
        stage.tick_after(10)
        with stage.database.write() as session:
            session.execute(update(Delivery).values(state="needs_review"))
        with stage.database.write() as session:
            review.resolve_send_rest(session, delivery, now=stage.clock.now(), actor="staff")
        stage.tick_after(0)
        assert (stage.get(delivery).state, stage.texts()) == ("published", PARTS)

    def test_about_a_duplicate_is_settled_by_asking_and_not_by_sending_again(self, stage: Stage) -> None:
        delivery = stage.one()
        begin_and_lose(stage)
        second = begin(stage)
        stage.clock.advance(timedelta(minutes=2))
        assert reaper.reap(stage.deps) == 1
        answer(stage, second, Permanent("duplicate", "seen before", duplicate=True))
        assert stage.get(delivery).state == State.UNKNOWN
        stage.run()
        assert stage.get(delivery).state == "needs_review"
        assert len(stage.attempts(delivery)) == 2


class TestStopAsked:
    def test_in_flight_is_honoured_when_the_network_refuses_the_post(self, stage: Stage) -> None:
        delivery = stage.one()
        stage.clock.advance(timedelta(minutes=10))
        frozen = begin(stage)
        with stage.database.write() as session:
            commands.cancel(session, delivery, now=stage.clock.now(), actor="staff")
        answer(stage, frozen, Permanent("c", "no"))
        assert (stage.get(delivery).state, stage.get(delivery).state_reason) == ("cancelled", "stopped")
