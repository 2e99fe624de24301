"""What every adapter that publishes by itself keeps, whichever network stands behind it."""

from __future__ import annotations

import json
import logging
from datetime import timedelta

import pytest

from app.clock import SystemClock
from app.composing.values import Part, PartLink, PartTag
from app.platforms.base import Sending
from app.platforms.results import (
    AuthNeeded,
    CannotTell,
    Found,
    NotFound,
    Permanent,
    Published,
    Retracted,
    RetractFailed,
    Retryable,
    Unknown,
)

TEXT = (
    "Learn the signs 👩‍👩‍👧‍👦 & call 1-888-373-7888.\n"
    "https://www.acf.hhs.gov/otip/training/soar-health-and-wellness-training #Partner2Prevent"
)


class TestMinting:
    def test_the_same_seed_and_moment_give_the_same(self, rig) -> None:
        now = SystemClock().now()
        part = Part(TEXT, 1)
        one, two, other = (
            rig.adapter.mint(part, connection=rig.connection, language="en", now=now, seed=seed) for seed in "aab"
        )
        assert one == two
        assert other.key != one.key
        assert one.text == TEXT

    def test_the_record_can_be_stored_as_json(self, rig) -> None:
        part = Part("See x.org #A", 12, (PartLink((4, 9), "https://x.org"),), (PartTag((10, 12), "A"),))
        now = SystemClock().now()
        minted = rig.adapter.mint(part, connection=rig.connection, language="es", now=now, seed="s")
        assert json.loads(json.dumps(dict(minted.record))) == minted.record


class TestPublishing:
    def test_puts_exactly_the_text_out(self, rig) -> None:
        result = rig.publish(rig.sending(TEXT))
        assert isinstance(result, Published)
        assert result.ref.remote_id
        assert rig.texts() == [TEXT]

    def test_of_the_same_part_again_leaves_one_post(self, rig) -> None:
        sending = rig.sending(TEXT)
        first, second = rig.publish(sending), rig.publish(sending)
        assert isinstance(first, Published)
        assert isinstance(second, Published)
        assert first.ref == second.ref
        assert rig.texts() == [TEXT]

    def test_of_the_same_text_under_another_seed_makes_another_post(self, rig) -> None:
        refs = [rig.publish(rig.sending(TEXT)).ref.remote_id for _ in range(2)]
        assert len(set(refs)) == 2
        assert rig.texts() == [TEXT, TEXT]

    def test_of_a_thread_hangs_each_part_on_the_one_before(self, rig) -> None:
        root = parent = None
        for index in range(3):
            result = rig.publish(rig.sending(f"Part {index}", index=index, root=root, parent=parent))
            assert isinstance(result, Published)
            parent = result.ref
            root = root or parent
        assert rig.parents() == {"Part 0": None, "Part 1": "Part 0", "Part 2": "Part 1"}

    @pytest.mark.parametrize("text", ["", " \n\t ", "\u00a0"])
    def test_of_an_empty_text_is_refused(self, rig, text) -> None:
        assert isinstance(rig.publish(rig.sending(text)), Permanent)
        assert rig.texts() == []

    def test_of_a_text_that_is_too_long_is_refused(self, rig) -> None:
        assert isinstance(rig.publish(rig.sending("word " * 400)), Permanent)
        assert rig.texts() == []

    def test_after_the_deadline_sends_nothing(self, rig) -> None:
        assert isinstance(rig.publish(rig.sending(TEXT), seconds=-1), Retryable)
        assert rig.texts() == []

    def test_to_a_network_that_cannot_be_reached_is_proved_not_sent(self, rig) -> None:
        rig.go_away()
        assert isinstance(rig.publish(rig.sending(TEXT)), Retryable)

    def test_too_often_waits_until_the_networks_own_time(self, rig) -> None:
        rig.limit_rate()
        result = rig.publish(rig.sending(TEXT))
        assert isinstance(result, Retryable)
        assert timedelta(0) < result.retry_at - SystemClock().now() < timedelta(minutes=16)
        assert rig.texts() == []

    def test_with_a_refused_token_needs_a_person(self, rig) -> None:
        rig.refuse_token()
        assert isinstance(rig.publish(rig.sending(TEXT)), AuthNeeded)
        assert rig.texts() == []


class TestALostAnswer:
    def test_is_unknown_and_then_found(self, rig) -> None:
        rig.lose(after=True)
        sending = rig.sending(TEXT)
        assert isinstance(rig.publish(sending), Unknown)
        found = rig.find(sending)
        assert isinstance(found, Found)
        assert rig.texts() == [TEXT]
        assert isinstance(rig.retract(found.ref), Retracted)
        assert rig.texts() == []

    def test_of_a_later_part_is_found_as_such(self, rig) -> None:
        first = rig.publish(rig.sending("Part 0")).ref
        rig.lose(after=True)
        second = rig.sending("Part 1", index=1, root=first, parent=first)
        assert isinstance(rig.publish(second), Unknown)
        found = rig.find(second)
        assert isinstance(found, Found)
        third = rig.publish(rig.sending("Part 2", index=2, root=first, parent=found.ref))
        assert isinstance(third, Published)
        assert rig.parents() == {"Part 0": None, "Part 1": "Part 0", "Part 2": "Part 1"}

    def test_of_a_request_that_was_lost_too_is_unknown_and_then_proved_not_out(self, rig) -> None:
        rig.lose(after=False)
        sending = rig.sending(TEXT)
        assert isinstance(rig.publish(sending), Unknown)
        assert isinstance(rig.find(sending), NotFound)
        assert isinstance(rig.publish(sending), Published)
        assert rig.texts() == [TEXT]


class TestFinding:
    def test_tells_the_same_as_publishing_did(self, rig) -> None:
        sending = rig.sending(TEXT)
        published = rig.publish(sending)
        found = rig.find(sending)
        assert isinstance(found, Found)
        assert found.ref == published.ref

    def test_does_not_take_a_post_that_is_recorded_elsewhere(self, rig) -> None:
        sending = rig.sending(TEXT)
        ref = rig.publish(sending).ref
        assert not isinstance(rig.find(sending, taken=frozenset({ref.remote_id})), Found)

    def test_does_not_take_another_text(self, rig) -> None:
        rig.publish(rig.sending(TEXT))
        assert isinstance(rig.find(rig.sending(TEXT + " too")), NotFound)

    def test_writes_nothing(self, rig) -> None:
        rig.find(rig.sending(TEXT))
        assert rig.texts() == []


class TestRetracting:
    def test_takes_one_post_back_and_leaves_the_others(self, rig) -> None:
        keep, drop = (rig.publish(rig.sending(text)).ref for text in ("keep", "drop"))
        assert isinstance(rig.retract(drop), Retracted)
        assert rig.texts() == ["keep"]
        assert keep != drop

    def test_twice_is_as_good_as_once(self, rig) -> None:
        ref = rig.publish(rig.sending(TEXT)).ref
        assert isinstance(rig.retract(ref), Retracted)
        assert isinstance(rig.retract(ref), Retracted)


class TestTheAccount:
    def test_is_said_by_the_network(self, rig) -> None:
        check = rig.check()
        assert check.ok, check.detail
        assert check.remote_id
        json.dumps(dict(check.settings))

    def test_has_the_text_rules_of_its_network(self, rig) -> None:
        profile = rig.adapter.profile(rig.connection)
        assert profile.slug == rig.connection.platform
        assert profile.limit > 0


class TestSecrets:
    def test_stand_in_no_result_or_log_however_the_server_answers(self, rig, caplog) -> None:
        caplog.set_level(logging.DEBUG)
        said = [rig.publish(rig.sending(TEXT)), rig.check(), rig.connection, rig.adapter]
        rig.refuse_token()
        said += [rig.publish(rig.sending(TEXT)), rig.check(), rig.find(rig.sending(TEXT)), rig.connection]
        shown = " ".join(repr(value) for value in said) + caplog.text
        assert not any(secret in shown for secret in rig.secrets)

    def test_a_server_that_has_gone_is_told_as_such(self, rig) -> None:
        ref = rig.publish(rig.sending(TEXT)).ref
        if rig.connection.via == "sandbox":
            assert rig.check().ok  # the local feed cannot go away
            return
        rig.go_away()
        assert isinstance(rig.find(rig.sending(TEXT)), CannotTell)
        assert isinstance(rig.retract(ref), RetractFailed)
        check = rig.check()
        assert (check.ok, check.unreachable) == (False, True)
        assert isinstance(rig.publish(Sending(rig.sending(TEXT).minted)), Retryable)
