from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from delivery_stage import Stage
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from app.db import Database, storage_errors
from app.errors import StorageUnavailable
from app.platforms.base import Connection, Sending
from app.platforms.results import (
    CannotTell,
    FindResult,
    Found,
    NotFound,
    Permanent,
    Published,
    PublishResult,
    RemoteRef,
    Retryable,
    Unknown,
)

THREAD = "One. 1-888-373-7888\n---\nTwo.\n---\nThree."
HOSTILE = "\x00 \ud800 " + "x" * 100_000


class Refusing(Database):
    """The same database, which refuses writing while `down` is above 0, one time less at each try."""

    def __init__(self, real: Database) -> None:
        self.engine, self._sessions = real.engine, real._sessions
        self.down = 0

    @contextmanager
    def write(self) -> Iterator[Session]:
        if self.down > 0:
            self.down -= 1
            raise StorageUnavailable("The disk is full.")
        with super().write() as session:
            yield session


class Answering:
    """A network that keeps what it is given, lets a test act after it, and answers as told."""

    def __init__(self, stage: Stage) -> None:
        self._sandbox = stage.adapters.sandbox
        self.sent: list[str] = []
        self.answers: list[PublishResult] = []
        self.found: FindResult | None = None
        self.after = lambda: None

    def __getattr__(self, name: str) -> object:
        return getattr(self._sandbox, name)

    def publish_part(self, sending: Sending, connection: Connection, *, deadline: float) -> PublishResult:
        self.sent.append(sending.minted.text)
        self.after()
        if self.answers:
            return self.answers.pop(0)
        return self._sandbox.publish_part(sending, connection, deadline=deadline)

    def find_part(self, sending: Sending, connection: Connection, **how: object) -> FindResult:
        return self.found or self._sandbox.find_part(sending, connection, **how)  # type: ignore[arg-type]


def network_of(stage: Stage) -> Answering:
    network = Answering(stage)
    stage.adapters.sandbox = network  # type: ignore[assignment]
    return network


def refusing(stage: Stage) -> Refusing:
    database = Refusing(stage.database)
    object.__setattr__(stage.deps, "database", database)
    return database


class TestDatabaseThatRefusesAnOutcome:
    def test_between_two_parts_is_offered_it_again_and_the_thread_goes_on(self, stage: Stage) -> None:
        delivery = stage.one(THREAD)
        database, network = refusing(stage), network_of(stage)
        stage.clock.advance(timedelta(minutes=10))

        def full_disk() -> None:
            database.down, network.after = 2, lambda: None

        network.after = full_disk
        stage.engine.tick()
        assert (stage.get(delivery).state, stage.texts()) == ("published", THREAD.split("\n---\n"))
        assert len(stage.attempts(delivery)) == 1

    def test_of_a_threads_part_for_long_takes_it_when_it_is_back(self, stage: Stage) -> None:
        delivery = stage.one(THREAD)
        database, network = refusing(stage), network_of(stage)
        network.found = CannotTell("There is no such call.")
        stage.clock.advance(timedelta(minutes=10))

        def full_disk() -> None:
            database.down, network.after = 4, lambda: None

        network.after = full_disk
        stage.engine.tick()
        assert (stage.get(delivery).state, stage.get(delivery).parts_out) == ("sending", 0)
        stage.engine.tick()
        assert stage.get(delivery).parts_out == 1
        stage.run()
        # Nobody can say whether the second part is out, so a person is asked; that the first is out is known.
        assert (stage.get(delivery).state, stage.get(delivery).parts_out) == ("needs_review", 1)

    def test_for_long_takes_it_when_it_is_back(self, stage: Stage) -> None:
        delivery = stage.one()
        database, network = refusing(stage), network_of(stage)
        network.answers = [Published(RemoteRef("r1"))]
        stage.clock.advance(timedelta(minutes=10))

        def full_disk() -> None:
            database.down = 4

        network.after = full_disk
        stage.engine.tick()
        assert stage.get(delivery).state == "sending"
        due = stage.engine.next_due()
        assert due is not None
        database.down = 1
        stage.engine.tick()
        assert stage.get(delivery).state == "sending"
        stage.engine.tick()
        assert (stage.get(delivery).state, stage.get(delivery).remote_id) == ("published", "r1")
        assert len(network.sent) == 1

    def test_until_the_engine_is_closed_is_offered_it_a_last_time(self, stage: Stage) -> None:
        delivery = stage.one()
        database, network = refusing(stage), network_of(stage)
        network.answers = [Published(RemoteRef("r1"))]
        stage.clock.advance(timedelta(minutes=10))

        def full_disk() -> None:
            database.down = 4

        network.after = full_disk
        stage.engine.tick()
        assert stage.get(delivery).state == "sending"
        database.down = 0
        stage.engine.close()
        assert stage.get(delivery).state == "published"


class TestAnswerThatCannotBeKept:
    @pytest.mark.parametrize(
        ("result", "state"),
        [
            (Permanent("c" * 100, HOSTILE), "failed"),
            (Permanent("\x00", "no"), "failed"),
            (Retryable("\ud800", HOSTILE), "scheduled"),
            (Unknown("c", HOSTILE), "unknown"),
        ],
    )
    def test_in_its_words_is_kept_without_them(self, stage: Stage, result: PublishResult, state: str) -> None:
        delivery = stage.one()
        network_of(stage).answers = [result]
        stage.tick_after(10)
        row = stage.get(delivery)
        assert row.state == state
        assert len(row.state_detail or "") <= 2200

    def test_in_its_address_is_kept_without_it(self, stage: Stage) -> None:
        delivery = stage.one()
        network_of(stage).answers = [Published(RemoteRef("r1", "https://example.org/" + "x" * 2000, {"cid": "\ud800"}))]
        stage.tick_after(10)
        row = stage.get(delivery)
        assert (row.state, row.remote_id, row.remote_url) == ("published", "r1", None)

    @pytest.mark.parametrize("remote_id", ["", "x" * 501, "a\x00b", "\ud800"])
    def test_in_its_id_is_no_proof_and_ends_with_a_person(self, stage: Stage, remote_id: str) -> None:
        delivery = stage.one()
        network = network_of(stage)
        network.answers = [Published(RemoteRef(remote_id))]
        network.found = Found(RemoteRef(remote_id))
        stage.tick_after(10)
        assert stage.get(delivery).state == "unknown"
        stage.run()
        assert (stage.get(delivery).state, len(network.sent)) == ("needs_review", 1)

    def test_found_under_an_id_that_is_recorded_elsewhere_is_no_proof(self, stage: Stage) -> None:
        campaign = stage.campaign()
        account = stage.account(campaign)
        other = stage.delivery(stage.post(campaign, "First."), account, in_minutes=5)
        delivery = stage.delivery(stage.post(campaign, "Second."), account, in_minutes=10)
        network = network_of(stage)
        network.answers = [Published(RemoteRef("r1")), Unknown("c", "lost")]
        network.found = Found(RemoteRef("r1"))
        stage.run()
        assert [stage.get(row).state for row in (other, delivery)] == ["published", "needs_review"]

    def test_by_asking_is_left_to_a_person_and_not_asked_for_ever(self, stage: Stage) -> None:
        delivery = stage.one()
        network = network_of(stage)
        network.answers = [Unknown("c", "lost")]
        network.found = NotFound()
        stage.tick_after(10)

        def lost(account_id: int) -> object:
            raise RuntimeError(f"the key of account {account_id} is lost")

        object.__setattr__(stage.deps, "credentials", lost)
        assert stage.run(most=20) < 20
        assert stage.get(delivery).state == "needs_review"


class TestStorageErrors:
    def test_count_a_pool_without_a_free_connection_among_them(self) -> None:
        with pytest.raises(StorageUnavailable), storage_errors():
            raise PoolTimeoutError("QueuePool limit of size 5 overflow 10 reached")
