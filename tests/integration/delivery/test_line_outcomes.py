"""Outcomes that come in together: stored in one transaction, and none of them at another's cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from delivery_stage import Stage
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from app.db import Database
from app.delivery import attempt, claim, deliver, reaper, record
from app.delivery.freeze import Frozen
from app.delivery.reasons import SECOND_SEND
from app.delivery.unstored import Unstored
from app.errors import StorageUnavailable
from app.models import Delivery, DeliveryEvent
from app.platforms.results import Published, PublishResult, RemoteRef, Retryable, Unknown

LOST = Retryable("connect_timeout", "no connection in time")


class Deaf(Database):
    """The same database, whose answer to a commit is lost while `lost` is above 0, one time less at each."""

    def __init__(self, real: Database) -> None:
        self.engine, self._sessions = real.engine, real._sessions
        self.lost = 0

    @contextmanager
    def write(self) -> Iterator[Session]:
        with super().write() as session:
            yield session
        if self.lost > 0:
            self.lost -= 1
            raise StorageUnavailable("The connection to the database was lost.")


def begun(stage: Stage, count: int) -> list[Frozen]:
    campaign = stage.campaign()
    post = stage.post(campaign)
    for number in range(count):
        stage.delivery(post, stage.account(campaign, f"a{number}"), in_minutes=0)
    return attempt.begin_all(stage.deps, claim.claim_due(stage.deps, count))


def finished(frozen: Frozen, result: PublishResult) -> record.Finished:
    return record.Finished(frozen, record.Outcome(result, frozen.parts[-1]))


def out(name: str) -> Published:
    return Published(RemoteRef(name, f"https://example.org/{name}"))


def overtaken(stage: Stage) -> tuple[Frozen, Frozen]:
    """Return two attempts of one delivery, both under way: the first one's lease ran out, and its text was changed."""
    (first,) = begun(stage, 1)
    stage.clock.advance(stage.deps.options.send_lease + timedelta(seconds=1))
    assert reaper.reap(stage.deps) == 1
    with stage.database.write() as session:
        now = stage.clock.now()
        session.execute(update(Delivery).values(state="scheduled", ready_at=now, generation=Delivery.generation + 1))
    stage.clock.advance(timedelta(minutes=10))
    (second,) = attempt.begin_all(stage.deps, claim.claim_due(stage.deps, 1))
    return first, second


class TestOutcomesOfSeveralDeliveries:
    def test_are_stored_in_one_transaction(self, stage: Stage) -> None:
        attempts = begun(stage, 4)
        commits: list[None] = []
        event.listen(stage.database.engine, "commit", counted := lambda _connection: commits.append(None))
        results: Sequence[PublishResult] = (out("1"), LOST, Unknown("read_timeout", "no answer"), out("4"))
        deliver.stored(stage.deps, [finished(*pair) for pair in zip(attempts, results, strict=True)], Unstored())
        event.remove(stage.database.engine, "commit", counted)
        assert len(commits) == 1
        assert sorted(stage.states()) == ["published", "published", "scheduled", "unknown"]

    def test_are_all_stored_but_for_the_one_that_cannot_be(self, stage: Stage) -> None:
        attempts = begun(stage, 3)
        gone = replace(attempts[1], delivery_id=-1)
        all_three = [finished(one, out(one.parts[0].minted.key)) for one in (attempts[0], gone, attempts[2])]
        deliver.stored(stage.deps, all_three, Unstored())
        assert [stage.get(one.delivery_id).state for one in attempts] == ["published", "sending", "published"]


class TestOutcomesWhoseCommitGaveNoAnswer:
    def test_are_stored_once_although_they_are_offered_again(self, stage: Stage) -> None:
        attempts = begun(stage, 3)
        deaf = Deaf(stage.database)
        deaf.lost = 2
        results: Sequence[PublishResult] = (out("1"), LOST, Unknown("read_timeout", "no answer"))
        both = [finished(*pair) for pair in zip(attempts, results, strict=True)]
        deliver.stored(replace(stage.deps, database=deaf), both, Unstored())
        histories = [stage.history(one.delivery_id) for one in attempts]
        assert [history[1:] for history in histories] == [
            [("sending", "published", "published")],
            [("sending", "scheduled", "retry")],
            [("sending", "unknown", "no_answer")],
        ]

    def test_count_as_one_failure_each(self, stage: Stage) -> None:
        (one,) = begun(stage, 1)
        deaf = Deaf(stage.database)
        deaf.lost = 3
        deliver.stored(replace(stage.deps, database=deaf), [finished(one, LOST)], Unstored())
        assert stage.get_account(one.delivery_id).failures == 1

    def test_are_kept_one_by_one_and_harm_nothing_when_they_are_offered_later(self, stage: Stage) -> None:
        attempts = begun(stage, 2)
        deaf, unstored = Deaf(stage.database), Unstored()
        deaf.lost = 5
        both = [finished(one, out(str(number))) for number, one in enumerate(attempts)]
        deliver.stored(replace(stage.deps, database=deaf), both, unstored)
        assert unstored
        unstored.offer()
        assert unstored
        unstored.offer()
        assert not unstored
        assert [len(stage.history(one.delivery_id)) for one in attempts] == [2, 2]


class TestTwoAttemptsOfOneDelivery:
    @pytest.mark.parametrize("reverse", [False, True])
    def test_of_which_the_first_went_out_after_all_leave_nothing_to_send(self, stage: Stage, reverse: bool) -> None:
        first, second = overtaken(stage)
        both = [finished(first, out("1")), finished(second, LOST)]
        record.outcomes(stage.deps, both[::-1] if reverse else both)
        row = stage.get(first.delivery_id)
        assert (row.state, row.remote_id) == ("published", "1")

    @pytest.mark.parametrize("reverse", [False, True])
    def test_that_both_went_out_are_told(self, stage: Stage, reverse: bool) -> None:
        first, second = overtaken(stage)
        both = [finished(first, out("1")), finished(second, out("2"))]
        record.outcomes(stage.deps, both[::-1] if reverse else both)
        assert stage.get(first.delivery_id).state == "published"
        with stage.database.read() as session:
            told = session.scalars(select(DeliveryEvent.reason)).all()
        assert SECOND_SEND in told


class _Raising:
    """An observer that breaks its contract."""

    def attempt_ended(self, platform: str, outcome: str, seconds: float) -> None:
        raise RuntimeError("the counter is broken")

    def published(self, platform: str, lateness_seconds: float) -> None:
        raise RuntimeError("the counter is broken")

    def retried(self, platform: str) -> None:
        raise RuntimeError("the counter is broken")


class TestAnObserverThatRaises:
    def test_does_not_have_what_is_stored_stored_again(self, stage: Stage) -> None:
        attempts = begun(stage, 2)
        deps = replace(stage.deps, observer=_Raising())
        commits: list[None] = []
        event.listen(stage.database.engine, "commit", counted := lambda _connection: commits.append(None))
        deliver.stored(deps, [finished(one, out(str(n))) for n, one in enumerate(attempts)], Unstored())
        event.remove(stage.database.engine, "commit", counted)
        assert len(commits) == 1
        assert stage.states() == ["published", "published"]
