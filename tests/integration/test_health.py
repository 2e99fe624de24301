"""Readiness: what makes the service unready, and what does not, on both databases."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from delivery_stage import START, Stage
from sqlalchemy import text, update

from app.clock import VirtualClock
from app.db import Database
from app.models import Account, Attempt, Circuit, Credential, Delivery, Pause
from app.platforms.vault import KEY_FILE, Vault
from app.services.health import Health, Own, Reason
from app.services.heartbeats import TICK_FAILED, Pulse, Trouble
from app.settings import Settings


class Ward:
    """A stage with a scheduler that beats, and whoever asks for its health."""

    def __init__(self, database: Database, directory: Path) -> None:
        self.stage = Stage(database, clock=VirtualClock(START))
        self.settings = Settings(data_dir=directory)
        self.health = Health(self.stage.deps, self.settings)
        self.pulse = Pulse(database, self.stage.clock, longest_sleep=self.settings.longest_sleep)
        self.pulse.beat(None, None)

    def after(self, **time: float) -> None:
        """Let time pass while the scheduler beats and does nothing."""
        self.stage.clock.advance(timedelta(**time))
        self.pulse.beat(None, None)

    def reasons(self, own: Own | None = None) -> list[Reason]:
        return self.health.reasons(self.health.look(), own)

    def codes(self, own: Own | None = None) -> list[str]:
        return [reason.code for reason in self.reasons(own)]

    def change(self, table: type, row: int, **values: object) -> None:
        with self.stage.database.write() as session:
            session.execute(update(table).where(table.id == row).values(**values))

    def in_state(self, state: str, **values: object) -> int:
        delivery = self.stage.one()
        self.change(Delivery, delivery, state=state, fence=1, **values)
        return delivery


@pytest.fixture
def ward(database: Database, tmp_path: Path) -> Iterator[Ward]:
    ward = Ward(database, tmp_path)
    yield ward
    ward.stage.engine.close()


class TestScheduler:
    def test_that_beats_is_enough(self, ward: Ward) -> None:
        assert ward.reasons() == []
        assert ward.reasons(Own(ward.pulse.scheduler, None)) == []

    def test_that_was_never_started_is_a_reason(self, ward: Ward) -> None:
        ward.pulse.stop()
        (reason,) = ward.reasons()
        assert reason.code == "scheduler.none"
        assert "focusweek serve" in reason.hint

    def test_that_fell_silent_is_a_reason_with_its_numbers(self, ward: Ward) -> None:
        ward.stage.clock.advance(timedelta(seconds=69))
        assert ward.reasons() == []
        ward.stage.clock.advance(timedelta(seconds=2))
        (reason,) = ward.reasons()
        assert reason.code == "scheduler.silent"
        assert reason.numbers == {"silent_seconds": 71.0, "limit_seconds": 70.0}

    def test_of_this_process_must_beat_itself(self, ward: Ward) -> None:
        assert ward.codes(Own("host:1:other", None)) == ["scheduler.own_silent"]
        failing = Own(ward.pulse.scheduler, Trouble(TICK_FAILED, "The last tick failed."))
        assert ward.codes(failing) == [TICK_FAILED]

    def test_whose_ticks_fail_is_a_reason_unless_another_works(self, ward: Ward) -> None:
        ward.pulse.beat(None, Trouble(TICK_FAILED, "The last tick failed."))
        assert ward.codes() == [TICK_FAILED]
        Pulse(ward.stage.database, ward.stage.clock, longest_sleep=timedelta(seconds=30)).beat(None, None)
        assert ward.codes() == []


class TestOverdue:
    def test_delivery_that_nothing_keeps_is_a_reason_after_two_minutes(self, ward: Ward) -> None:
        delivery = ward.stage.one()
        ward.after(minutes=11.5)
        assert ward.reasons() == []
        ward.after(minutes=1)
        (reason,) = ward.reasons()
        assert (reason.code, reason.hint != "") == ("deliveries.overdue", True)
        assert reason.numbers == {"count": 1, "oldest_seconds": 150.0, "oldest_delivery": delivery}

    def test_by_hand_is_one_as_well(self, ward: Ward) -> None:
        ward.stage.one(via="by_hand", person="Staff")
        ward.after(minutes=13)
        assert ward.codes() == ["deliveries.overdue"]

    def test_of_a_thread_that_has_begun_is_one_whatever_is_paused(self, ward: Ward) -> None:
        delivery = ward.stage.one()
        ward.change(Delivery, delivery, parts_out=1)
        ward.stage.pause("instance", delivery)
        ward.after(minutes=13)
        assert ward.codes() == ["deliveries.overdue"]

    @pytest.mark.parametrize("scope", ["instance", "organization", "campaign", "week", "account"])
    def test_paused_is_none_nor_just_after(self, ward: Ward, scope: str) -> None:
        delivery = ward.stage.one()
        pause = ward.stage.pause(scope, delivery)
        ward.after(minutes=40)
        assert ward.codes() == []
        ward.change(Pause, pause, ended_at=ward.stage.clock.now(), ended_by="staff")
        ward.after(minutes=1)
        assert ward.codes() == []
        ward.after(minutes=2)
        assert ward.codes() == ["deliveries.overdue"]

    @pytest.mark.parametrize("state", ["needs_reconnect", "disconnected"])
    def test_on_an_account_that_is_not_connected_is_none(self, ward: Ward, state: str) -> None:
        ward.stage.one(state=state)
        ward.after(minutes=40)
        assert ward.codes() == []

    @pytest.mark.parametrize("state", ["held", "blocked", "needs_review", "failed", "missed", "published", "cancelled"])
    def test_in_another_state_is_none(self, ward: Ward, state: str) -> None:
        ward.in_state(state)
        ward.after(minutes=40)
        assert ward.codes() == []

    def test_that_has_just_come_back_to_the_line_is_none(self, ward: Ward) -> None:
        delivery = ward.stage.one()
        ward.stage.clock.advance(timedelta(minutes=30))
        ward.change(Delivery, delivery, state_since=ward.stage.clock.now())
        ward.after(minutes=1)
        assert ward.codes() == []

    def test_behind_a_gap_or_another_post_of_its_account_is_none(self, ward: Ward) -> None:
        waiting = ward.stage.one()
        account = ward.stage.get_account(waiting)
        ward.change(Account, account.id, next_free_at=START + timedelta(minutes=29))
        ward.after(minutes=30)
        assert ward.codes() == []
        ward.change(Account, account.id, next_free_at=START)
        post = ward.stage.post(ward.stage.campaign(slug="other"), "another")
        sending = ward.stage.delivery(post, account)
        lease = ward.stage.clock.now() + timedelta(minutes=2)
        ward.change(Delivery, sending, state="sending", lease="send", lease_until=lease)
        assert ward.codes() == []

    def test_behind_an_open_circuit_is_none(self, ward: Ward) -> None:
        ward.stage.one(via="network", server="https://social.example")
        with ward.stage.database.write() as session:
            until = START + timedelta(minutes=20)
            host = "https://social.example"
            session.add(Circuit(host=host, failures=5, open_until=until, changed_at=START))
        ward.after(minutes=21)
        assert ward.codes() == []
        ward.after(minutes=2)
        assert ward.codes() == ["deliveries.overdue"]


class TestStuck:
    @pytest.mark.parametrize("lease", ["dispatch", "send"])
    def test_sending_whose_lease_ended_is_a_reason_after_a_minute(self, ward: Ward, lease: str) -> None:
        delivery = ward.in_state("sending", lease=lease, lease_until=START)
        ward.after(seconds=59)
        assert ward.codes() == []
        ward.after(seconds=3)
        (reason,) = ward.reasons()
        assert (reason.code, reason.numbers["oldest_delivery"]) == ("deliveries.stuck", delivery)

    def test_withdrawing_whose_lease_ended_is_a_reason(self, ward: Ward) -> None:
        ward.in_state("withdrawing", withdraw_at=START, withdraw_lease_until=START)
        ward.after(seconds=62)
        assert "deliveries.stuck" in ward.codes()

    def test_withdrawing_by_a_person_is_none(self, ward: Ward) -> None:
        ward.in_state("withdrawing", withdraw_at=None, withdraw_asked_at=START)
        ward.after(hours=3)
        assert ward.codes() == []

    def test_withdrawing_that_nobody_is_at_is_a_reason_after_five_minutes(self, ward: Ward) -> None:
        ward.in_state("withdrawing", withdraw_at=START, withdraw_asked_at=START)
        ward.after(minutes=4)
        assert ward.codes() == []
        ward.after(minutes=2)
        assert ward.codes() == ["deliveries.not_withdrawn"]


class TestUnknown:
    def test_that_is_not_asked_about_is_a_reason_five_minutes_after_its_time(self, ward: Ward) -> None:
        delivery = ward.in_state("unknown", attempts_made=1)
        with ward.stage.database.write() as session:
            row = session.get_one(Delivery, delivery)
            started = {"started_at": START, "deadline_at": START + timedelta(seconds=45), "outcome": "unknown"}
            session.add(
                Attempt(
                    organization_id=row.organization_id,
                    delivery_id=delivery,
                    token=1,
                    generation=1,
                    digest="0" * 64,
                    policy_version="rules-1",
                    **started,
                )
            )
        # Deadline and settle time come first: 105 seconds.
        ward.after(minutes=6)
        assert ward.codes() == []
        ward.after(minutes=1)
        assert ward.codes() == ["deliveries.not_asked"]


class TestKey:
    def seal(self, ward: Ward) -> None:
        account = ward.stage.get_account(ward.stage.one())
        sealed = Vault.from_settings(ward.settings).encrypt({"token": "secret"})
        with ward.stage.database.write() as session:
            session.add(
                Credential(
                    organization_id=account.organization_id, account_id=account.id, sealed=sealed, updated_at=START
                )
            )

    def test_that_opens_the_credentials_is_no_reason(self, ward: Ward) -> None:
        self.seal(ward)
        assert ward.codes() == []

    def test_that_is_gone_is_a_reason_and_is_not_made_anew(self, ward: Ward) -> None:
        self.seal(ward)
        (ward.settings.data_dir / KEY_FILE).unlink()
        assert ward.codes() == ["credentials.key_missing"]
        assert not (ward.settings.data_dir / KEY_FILE).exists()

    def test_that_is_another_is_a_reason(self, ward: Ward) -> None:
        self.seal(ward)
        (ward.settings.data_dir / KEY_FILE).unlink()
        Vault.from_settings(ward.settings)
        assert ward.codes() == ["credentials.key_wrong"]

    def test_is_not_missed_where_nothing_is_sealed(self, ward: Ward) -> None:
        assert not (ward.settings.data_dir / KEY_FILE).exists()
        assert ward.codes() == []


class TestReasons:
    def test_each_say_in_words_what_is_wrong_and_what_to_do(self, ward: Ward) -> None:
        ward.stage.one()
        ward.stage.clock.advance(timedelta(hours=1))
        reasons = ward.reasons(Own("host:1:other", Trouble(TICK_FAILED, "The last tick failed.")))
        assert len(reasons) == 3
        for reason in reasons:
            assert reason.message.endswith(".")
            assert reason.hint.endswith(".")

    def test_of_a_database_that_lost_its_tables_is_that_it_gives_no_answer(self, tmp_path: Path) -> None:
        stage = Stage(Database(f"sqlite:///{tmp_path / 'empty.sqlite3'}", durable=False))
        health = Health(stage.deps, Settings(data_dir=tmp_path))
        assert [reason.code for reason in health.reasons(health.look())] == ["database.no_answer"]
        stage.engine.close()
        stage.database.dispose()

    @pytest.mark.postgres
    def test_of_tables_that_somebody_locks_is_that_it_gives_no_answer_and_that_in_time(
        self, migrated_postgres: Database, tmp_path: Path
    ) -> None:
        stage = Stage(migrated_postgres, clock=VirtualClock(START))
        health = Health(stage.deps, Settings(data_dir=tmp_path))
        with migrated_postgres.engine.begin() as connection:
            connection.execute(text("LOCK TABLE delivery IN ACCESS EXCLUSIVE MODE"))
            began = time.monotonic()
            look = health.look()
            assert time.monotonic() - began < 3
        assert look.error is not None
        assert [reason.code for reason in health.reasons(look)] == ["database.no_answer"]
        assert "database.no_answer" not in [reason.code for reason in health.reasons(health.look())]
        stage.engine.close()
