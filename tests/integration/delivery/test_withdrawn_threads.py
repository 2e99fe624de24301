"""A thread that has begun, and whose rest says what its issuer has withdrawn meanwhile."""

from __future__ import annotations

import pytest
from delivery_stage import Stage

from app.models import WithdrawnFact
from app.platforms.sandbox.faults import Fault

TEXT = "Help is there. 1-888-373-7888\n---\nOr write to help.example.org/chat at any hour."


@pytest.fixture
def begun(stage: Stage) -> int:
    """A thread whose first part is out, and whose second waits for another try."""
    delivery = stage.one(TEXT)
    stage.faults.plan(f"{stage.get_account(delivery).organization_id}/main", None, Fault.UNREACHABLE)
    stage.tick_after(10)
    row = stage.get(delivery)
    assert (row.state, row.parts_out) == ("scheduled", 1)
    return delivery


def withdraw(stage: Stage, kind: str, old: str) -> None:
    with stage.database.write() as session:
        session.add(
            WithdrawnFact(
                pack_key="pack",
                kind=kind,
                old=old,
                reason="It is dead.",
                issued_by="operator",
                issued_at=stage.clock.now(),
            )
        )


class TestAThreadThatHasBegun:
    def test_waits_for_a_person_where_its_rest_says_what_was_withdrawn(self, stage: Stage, begun: int) -> None:
        withdraw(stage, "link", "https://help.example.org/chat")
        stage.run(2)
        row = stage.get(begun)
        assert (row.state, row.state_reason, row.parts_out) == ("needs_review", "fact.withdrawn", 1)
        assert stage.texts() == ["Help is there. 1-888-373-7888"]
        assert row.state_detail == (
            "1 parts are out. The link “https://help.example.org/chat” was withdrawn by its issuer: It is dead."
        )

    def test_goes_on_where_only_what_is_out_says_it(self, stage: Stage, begun: int) -> None:
        withdraw(stage, "number", "888 373 7888")
        stage.run(2)
        assert (stage.get(begun).state, stage.get(begun).parts_out) == ("published", 2)
