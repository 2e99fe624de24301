from __future__ import annotations

from dataclasses import replace

import pytest
from rigs import Rig

from app.platforms.base import Connection, Via
from app.platforms.by_hand.adapter import ByHandAdapter
from app.platforms.credentials import MemoryCredentials
from app.platforms.linkedin.limits import PROFILE
from app.platforms.results import CannotTell, HandedOver, Permanent, RemoteRef, RetractByHand


@pytest.fixture
def by_hand() -> Rig:
    connection = Connection("agency", "linkedin", Via.BY_HAND, MemoryCredentials(), person="The press office")
    return Rig(ByHandAdapter(PROFILE), connection)


class TestHandingOver:
    def test_names_the_person(self, by_hand) -> None:
        assert by_hand.publish(by_hand.sending("Text")) == HandedOver("The press office")

    @pytest.mark.parametrize("person", [None, "", "  "])
    def test_needs_a_person(self, by_hand, person) -> None:
        by_hand.connection = replace(by_hand.connection, person=person)
        assert isinstance(by_hand.publish(by_hand.sending("Text")), Permanent)
        assert not by_hand.check().ok

    def test_needs_a_text(self, by_hand) -> None:
        assert isinstance(by_hand.publish(by_hand.sending(" ")), Permanent)

    def test_freezes_the_text_to_copy(self, by_hand) -> None:
        assert by_hand.sending("Text").minted.text == "Text"


class TestWhatOnlyThePersonKnows:
    def test_cannot_be_told(self, by_hand) -> None:
        assert isinstance(by_hand.find(by_hand.sending("Text")), CannotTell)

    def test_is_taken_back_by_hand_at_its_address(self, by_hand) -> None:
        result = by_hand.retract(RemoteRef("1", "https://www.linkedin.com/feed/update/1"))
        assert isinstance(result, RetractByHand)
        assert "https://www.linkedin.com/feed/update/1" in result.detail

    def test_is_read_back_by_nobody_else(self, by_hand) -> None:
        ref = RemoteRef("1", "https://www.linkedin.com/feed/update/1")
        answer = by_hand.adapter.read_part(ref, by_hand.connection, deadline=0.0)
        assert isinstance(answer, CannotTell)
        assert not answer.later
        assert "The press office" in answer.reason

    def test_is_under_the_networks_own_rules(self, by_hand) -> None:
        assert by_hand.adapter.profile(by_hand.connection) is PROFILE
        assert by_hand.check().ok
