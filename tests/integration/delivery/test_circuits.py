"""Circuits: what a server's silence does to its accounts, and what it leaves alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from circuit_hosts import DEAD, HOST, LIMITED, LOST, OPTIONS, OUT, Hosts
from delivery_stage import START, Stage
from sqlalchemy import select

from app.delivery.circuit import host, host_of, open_until
from app.models import Account
from app.platforms.results import HandedOver


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
