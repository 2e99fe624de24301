"""Half-open circuits: one delivery finds out for all; and several schedulers on the same circuits."""

from __future__ import annotations

import random
import threading

import pytest
from circuit_hosts import DEAD, LIMITED, OPTIONS, OUT, Hosts, run_all
from delivery_stage import START, Stage

from app.delivery.circuit import Circuits
from app.delivery.options import EngineOptions
from app.models import Account
from app.platforms.results import AuthNeeded, Permanent, PublishResult, Retryable, Unknown


@pytest.fixture
def hosts(stage: Stage) -> Hosts:
    return Hosts(stage)


class TestHalfOpen:
    @pytest.fixture
    def half_open(self, hosts: Hosts) -> tuple[Account, Account]:
        one, two = hosts.add("one"), hosts.add("two")
        hosts.note(*[(one, DEAD), (two, DEAD)] * 3)
        hosts.pass_(hosts.until())
        return one, two

    def test_lets_one_account_try_and_the_others_wait(self, hosts: Hosts, half_open: tuple[Account, Account]) -> None:
        one, two = half_open
        assert hosts.admit(two)
        assert not hosts.admit(one)
        assert hosts.until() == OPTIONS.send_lease

    def test_is_probed_by_the_account_that_failed_least(self, hosts: Hosts, half_open: tuple[Account, Account]) -> None:
        fresh = hosts.add("fresh")
        with hosts.stage.database.write() as session:
            accounts = [session.get_one(Account, account.id) for account in (*half_open, fresh)]
            admitted = Circuits(session, OPTIONS, hosts.dice).admitted(accounts, hosts.stage.clock.now())
        assert [account.id for account in admitted] == [fresh.id]

    def test_closes_for_all_when_the_probe_is_answered(self, hosts: Hosts, half_open: tuple[Account, Account]) -> None:
        one, two = half_open
        assert hosts.admit(two)
        hosts.note((two, OUT))
        row = hosts.row()
        assert row is not None
        assert (row.failures, row.open_until, row.probe_id) == (0, None, None)
        assert hosts.admit(one)

    @pytest.mark.parametrize("result", [Permanent("http_422", "x"), AuthNeeded("token_refused", "x"), LIMITED])
    def test_closes_upon_any_clear_answer(
        self, hosts: Hosts, half_open: tuple[Account, Account], result: PublishResult
    ) -> None:
        assert hosts.admit(half_open[0])
        hosts.note((half_open[0], result))
        assert hosts.until() is None

    def test_opens_again_when_the_probe_is_not(self, hosts: Hosts, half_open: tuple[Account, Account]) -> None:
        one, two = half_open
        assert hosts.admit(two)
        hosts.note((two, DEAD))
        assert not hosts.admit(one)
        wait = hosts.until()
        assert wait is not None
        assert OPTIONS.circuit_first / 2 < wait <= OPTIONS.circuit_first * 2

    def test_lets_the_next_one_try_when_the_probe_is_not_heard_of(
        self, hosts: Hosts, half_open: tuple[Account, Account]
    ) -> None:
        one, two = half_open
        assert hosts.admit(two)
        hosts.pass_(OPTIONS.send_lease)
        assert hosts.admit(one)

    @pytest.mark.parametrize(
        "result",
        [Retryable("deadline.before_send", "x"), Permanent("text_too_long", "x"), Unknown("adapter.raised", "")],
    )
    def test_lets_the_next_one_try_when_nothing_was_sent(
        self, hosts: Hosts, half_open: tuple[Account, Account], result: PublishResult
    ) -> None:
        one, two = half_open
        assert hosts.admit(two)
        hosts.note((two, result))
        assert hosts.admit(one)

    def test_admits_one_of_many_that_ask_at_once(self, hosts: Hosts) -> None:
        accounts = [hosts.add(f"a{number}") for number in range(6)]
        hosts.note(*[(account, DEAD) for account in accounts])
        hosts.pass_(hosts.until())
        start = threading.Barrier(len(accounts))
        admitted: list[int] = []

        def ask(account: Account) -> None:
            start.wait()
            if hosts.admit(account):
                admitted.append(account.id)

        run_all([lambda account=account: ask(account) for account in accounts])
        assert len(admitted) == 1


class TestSeveralSchedulers:
    def test_count_every_failure_once_and_do_not_wait_in_a_circle(self, hosts: Hosts) -> None:
        servers = [f"https://s{number}.example" for number in range(3)]
        teams = [[hosts.add(f"t{team}-{n}", server) for n, server in enumerate(servers)] for team in range(4)]
        start = threading.Barrier(len(teams))

        def fail(team: list[Account]) -> None:
            start.wait()
            for _ in range(5):
                ours = random.sample(team, len(team))
                with hosts.stage.database.write() as session:
                    circuits = Circuits(session, EngineOptions(circuit_failures=1_000), hosts.dice)
                    for account in ours:
                        circuits.note(account, DEAD, START)
                    circuits.save()

        run_all([lambda team=team: fail(team) for team in teams])
        rows = [hosts.row(server) for server in servers]
        assert [row.failures for row in rows if row is not None] == [20, 20, 20]
