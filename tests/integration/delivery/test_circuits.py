"""Circuits: what a server's silence does to its accounts, and what it leaves alone."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from delivery_stage import START, Stage
from sqlalchemy import select

from app.delivery.circuit import Circuits, host, host_of, open_until
from app.delivery.options import EngineOptions
from app.models import Account, Circuit
from app.platforms.base import (
    AuthNeeded,
    HandedOver,
    Permanent,
    Published,
    PublishResult,
    RemoteRef,
    Retryable,
    Unknown,
)

HOST = "https://social.example"
OPTIONS = EngineOptions()
DEAD = Retryable("connect_timeout", "social.example: no connection in time")
LOST = Unknown("read_timeout", "social.example: no complete answer in time")
OUT = Published(RemoteRef("1"))
LIMITED = Retryable("rate_limited", "Too many requests", START + timedelta(minutes=5))


class Hosts:
    """Accounts on servers, and what their attempts came to."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.campaign = stage.campaign()
        self.dice = random.Random(3)  # noqa: S311  # jitter that a test can repeat

    def add(
        self, slug: str, server: str | None = HOST, *, platform: str = "mastodon", **values: object
    ) -> Account:
        account = self.stage.account(self.campaign, slug, **({"via": "network", "server": server} | values))
        with self.stage.database.write() as session:
            session.merge(account).platform = platform
        account.platform = platform
        return account

    def note(self, *notes: tuple[Account, PublishResult]) -> None:
        now = self.stage.clock.now()
        with self.stage.database.write() as session:
            circuits = Circuits(session, OPTIONS, self.dice)
            for account, result in notes:
                circuits.note(session.get_one(Account, account.id, with_for_update=True), result, now)
            circuits.save()

    def admit(self, account: Account) -> bool:
        with self.stage.database.write() as session:
            circuits = Circuits(session, OPTIONS, self.dice)
            return circuits.admit(session.get_one(Account, account.id), self.stage.clock.now())

    def row(self, name: str = HOST) -> Circuit | None:
        with self.stage.database.read() as session:
            return session.scalars(select(Circuit).where(Circuit.host == name)).first()

    def until(self, name: str = HOST) -> timedelta | None:
        row = self.row(name)
        return None if row is None or row.open_until is None else row.open_until - self.stage.clock.now()

    def account(self, account: Account) -> Account:
        with self.stage.database.read() as session:
            return session.get_one(Account, account.id)

    def pass_(self, wait: timedelta | None) -> None:
        assert wait is not None
        self.stage.clock.advance(wait)


@pytest.fixture
def hosts(stage: Stage) -> Hosts:
    return Hosts(stage)


class TestASilentHost:
    def test_is_left_alone_once_several_accounts_failed_in_a_row(self, hosts: Hosts) -> None:
        one, two = hosts.add("one"), hosts.add("two")
        hosts.note((one, DEAD), (one, LOST), (two, DEAD), (one, DEAD))
        assert hosts.until() is None
        assert hosts.admit(one)
        hosts.note((two, LOST))
        wait = hosts.until()
        assert wait is not None
        assert OPTIONS.circuit_first / 2 <= wait <= OPTIONS.circuit_first
        assert not hosts.admit(one)
        assert not hosts.admit(two)

    def test_leaves_accounts_elsewhere_alone(self, hosts: Hosts) -> None:
        one, two, elsewhere = hosts.add("one"), hosts.add("two"), hosts.add("else", "https://other.example")
        hosts.note(*[(one, DEAD), (two, DEAD)] * 5, (elsewhere, OUT))
        assert hosts.admit(elsewhere)
        assert hosts.until() is not None

    def test_opens_for_its_only_account(self, hosts: Hosts) -> None:
        one = hosts.add("one")
        hosts.add("gone", state="disconnected")
        hosts.add("paper", None, via="by_hand")
        hosts.note(*[(one, DEAD)] * 5)
        assert hosts.until() is not None

    def test_does_not_open_for_the_trouble_of_one_account_among_several(self, hosts: Hosts) -> None:
        one, two = hosts.add("one"), hosts.add("two")
        hosts.note(*[(one, LOST)] * 20)
        assert hosts.until() is None
        assert hosts.admit(two)
        hosts.note((two, DEAD))
        assert hosts.until() is not None

    def test_waits_longer_each_time_up_to_a_ceiling(self, hosts: Hosts) -> None:
        one = hosts.add("one")
        hosts.note(*[(one, DEAD)] * 5)
        for step in range(1, 8):
            hosts.pass_(hosts.until())
            assert hosts.admit(one)
            hosts.note((one, DEAD))
            full = min(OPTIONS.circuit_first * 2**step, OPTIONS.circuit_longest)
            wait = hosts.until()
            assert wait is not None
            assert full / 2 <= wait <= full

    def test_is_not_made_worse_by_what_was_on_its_way_when_it_opened(self, hosts: Hosts) -> None:
        accounts = [hosts.add(f"a{number}") for number in range(8)]
        hosts.note(*[(account, DEAD) for account in accounts])
        row = hosts.row()
        assert row is not None
        assert row.failures == 5

    @pytest.mark.parametrize("name", ["bluesky", "https://pds.example"])
    def test_is_known_by_its_server_or_its_networks_name(self, hosts: Hosts, name: str) -> None:
        server = None if name == "bluesky" else name
        one = hosts.add("one", server, platform="bluesky")
        hosts.note(*[(one, DEAD)] * 5)
        assert host(one) == name
        assert hosts.until(name) is not None


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
        "result", [Retryable("deadline.before_send", "x"), Permanent("text_too_long", "x"), Unknown("adapter.raised", "")]
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


class TestAnAccountInTrouble:
    def test_backs_off_and_its_host_stays_open_for_the_others(self, hosts: Hosts) -> None:
        one, two = hosts.add("one"), hosts.add("two")
        now = hosts.stage.clock.now()
        hosts.note((one, DEAD))
        assert hosts.account(one).next_free_at <= now
        for step in range(8):
            hosts.note((one, LOST))
            rest = hosts.account(one).next_free_at - now
            assert min(timedelta(minutes=2**step), timedelta(minutes=15)) / 2 <= rest <= timedelta(minutes=15)
        assert hosts.account(two).next_free_at <= now

    def test_is_free_again_after_an_answer(self, hosts: Hosts) -> None:
        one = hosts.add("one")
        hosts.note((one, DEAD), (one, OUT), (one, DEAD))
        account = hosts.account(one)
        assert (account.failures, account.next_free_at <= hosts.stage.clock.now()) == (1, True)

    def test_rests_without_a_host_too(self, hosts: Hosts) -> None:
        sandbox = hosts.add("sandbox", None, via="sandbox")
        hosts.note(*[(sandbox, DEAD)] * 9)
        assert hosts.account(sandbox).next_free_at > hosts.stage.clock.now()
        assert host(sandbox) is None
        assert hosts.row("mastodon") is None
        assert hosts.admit(sandbox)

    def test_that_is_told_to_wait_is_no_trouble_of_its_host(self, hosts: Hosts) -> None:
        one, two = hosts.add("one"), hosts.add("two")
        hosts.note(*[(one, LIMITED), (two, LIMITED)] * 5, (one, HandedOver("x")))
        assert hosts.row() is None
        assert hosts.account(one).failures == 0


class TestInQueries:
    def test_every_account_knows_its_host_and_until_when_it_is_closed_off(self, hosts: Hosts) -> None:
        accounts = [
            hosts.add("one"),
            hosts.add("two", None, platform="bluesky"),
            hosts.add("three", None, via="sandbox"),
            hosts.add("four", HOST, via="by_hand"),
        ]
        hosts.note(*[(accounts[0], DEAD)] * 5)
        with hosts.stage.database.read() as session:
            rows = session.execute(select(Account.id, host_of(), open_until()).order_by(Account.id)).all()
        row = hosts.row()
        assert row is not None
        assert [tuple(found) for found in rows] == [
            (accounts[0].id, HOST, row.open_until),
            (accounts[1].id, "bluesky", None),
            (accounts[2].id, None, None),
            (accounts[3].id, None, None),
        ]
        assert [host(account) for account in accounts] == [found[1] for found in rows]


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


class TestAWindowThatPasses:
    def test_while_the_host_was_silent_says_so_and_names_it(self, hosts: Hosts) -> None:
        one = hosts.add("one", next_free_at=START + timedelta(hours=9))
        delivery = hosts.stage.delivery(hosts.stage.post(hosts.campaign), one, in_minutes=10)
        hosts.note(*[(one, DEAD)] * 5)
        hosts.stage.tick_after(10 + 61)
        row = hosts.stage.get(delivery)
        assert (row.state, row.state_reason) == ("missed", "late.unreachable")
        assert row.state_detail is not None
        assert "social.example" in row.state_detail

    def test_after_it_answered_again_says_nothing_of_it(self, hosts: Hosts) -> None:
        one = hosts.add("one", next_free_at=START + timedelta(hours=9))
        delivery = hosts.stage.delivery(hosts.stage.post(hosts.campaign), one, in_minutes=10)
        hosts.note(*[(one, DEAD)] * 5, (one, OUT))
        with hosts.stage.database.write() as session:
            session.get_one(Account, one.id).next_free_at = START + timedelta(hours=9)
        hosts.stage.tick_after(10 + 61)
        assert hosts.stage.get(delivery).state_reason == "late"


def run_all(jobs: list[Callable[[], None]]) -> None:
    """Run jobs at once, each in a thread; what one raises, the test raises."""
    errors: list[BaseException] = []

    def run(job: Callable[[], None]) -> None:
        try:
            job()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert errors == []
