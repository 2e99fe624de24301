"""Pauses and resumes at the same moment as gates and one another, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from delivery_stage import Stage
from pause_scene import KEEP, in_force, resume
from people import person
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app.delivery import gate
from app.delivery.resume import Do
from app.errors import Conflict
from app.models import Campaign, Delivery, Organization, Pause
from app.services import pauses
from app.services.scope import LOCAL_ACTOR, Scope

Order = Callable[[Scope], Pause]


def orders(campaign: Campaign) -> dict[str, Order]:
    return {
        "instance": lambda scope: pauses.pause_instance(scope, reason="a storm"),
        "organization": lambda scope: pauses.pause_organization(scope, reason="a storm"),
        "campaign": lambda scope: pauses.pause_campaign(scope, scope.get(Campaign, campaign.id), reason="a storm"),
        "account": lambda scope: pauses.pause_account(scope, "main", reason="a storm"),
    }


def ordered(stage: Stage, organization_id: int, order: Order) -> int:
    with stage.database.write() as session:
        return order(Scope(session, organization_id, stage.clock.now(), person(LOCAL_ACTOR))).id


@pytest.mark.parametrize("scope", ["instance", "organization", "campaign", "account"])
class TestOrderedAtOnce:
    def test_one_wins_and_the_others_are_told_that_it_is_paused(self, stage: Stage, scope: str) -> None:
        campaign = stage.campaign()
        stage.account(campaign)
        order, start = orders(campaign)[scope], threading.Barrier(4)

        def ask() -> str:
            start.wait(10)
            try:
                ordered(stage, campaign.organization_id, order)
            except Conflict:
                return "conflict"
            return "paused"

        with ThreadPoolExecutor(4) as pool:
            answers = sorted(done.result(30) for done in [pool.submit(ask) for _ in range(4)])
        assert answers == ["conflict", "conflict", "conflict", "paused"]
        with stage.database.read() as session:
            assert session.execute(select(func.count(Pause.id))).scalar_one() == 1

    def test_it_waits_for_the_gate_that_is_at_work_and_lets_no_other_begin(self, stage: Stage, scope: str) -> None:
        delivery = stage.one()
        with stage.database.read() as session:
            campaign = session.scalars(select(Campaign)).one()
        order = orders(campaign)[scope]
        with ThreadPoolExecutor(1) as pool:
            with stage.database.write() as session:
                gate.lock_case(session, delivery)
                asked = pool.submit(ordered, stage, campaign.organization_id, order)
                # Nothing tells that it has come to the lock; it comes there within this time.
                threading.Event().wait(0.2)
                assert not asked.done()
            assert asked.result(10)


class TestOrderedWhereThereIsNoCampaign:
    def test_the_database_itself_lets_one_through(self, stage: Stage) -> None:
        with stage.database.write() as session:
            owner = Organization(slug="new", name="new", created_at=stage.clock.now())
            session.add(owner)
        with ThreadPoolExecutor(8) as pool:
            asked = [
                pool.submit(ordered, stage, owner.id, lambda scope: pauses.pause_organization(scope, reason="x"))
                for _ in range(8)
            ]
            errors = [done.exception(30) for done in asked]
        assert len([error for error in errors if error is None]) == 1
        assert {type(error) for error in errors if error is not None} == {Conflict}

    @pytest.mark.parametrize("scope", ["instance", "organization", "campaign", "week", "account"])
    def test_two_of_a_thing_cannot_be_in_force(self, stage: Stage, scope: str) -> None:
        delivery = stage.one()
        first = stage.pause(scope, delivery)
        with pytest.raises(IntegrityError):
            stage.pause(scope, delivery)
        resume(stage, first)
        assert stage.pause(scope, delivery) != first


class TestResumedAtOnce:
    def test_one_ends_it_and_the_others_are_told_so(self, stage: Stage) -> None:
        delivery = stage.one()
        pause = stage.pause("organization", delivery)
        stage.tick_after(15)
        start = threading.Barrier(4)

        def ask() -> str:
            start.wait(10)
            try:
                resume(stage, pause, {delivery: KEEP})
            except Conflict:
                return "conflict"
            return "resumed"

        with ThreadPoolExecutor(4) as pool:
            answers = sorted(done.result(30) for done in [pool.submit(ask) for _ in range(4)])
        assert answers == ["conflict", "conflict", "conflict", "resumed"]
        assert [step[2] for step in stage.history(delivery)] == ["resume.kept"]

    def test_what_is_cancelled_meanwhile_is_not_decided_on_any_more(self, stage: Stage) -> None:
        delivery = stage.one()
        pause = stage.pause("campaign", delivery)
        stage.tick_after(15)
        with ThreadPoolExecutor(1) as pool:
            with stage.database.write() as session:
                row = session.scalars(select(Delivery).with_for_update()).one()
                asked = pool.submit(resume, stage, pause, {delivery: KEEP})
                threading.Event().wait(0.2)
                row.state = "cancelled"
            with pytest.raises(Conflict, match="does not wait"):
                asked.result(10)
        assert (in_force(stage, pause), stage.get(delivery).state) == (True, "cancelled")
        assert resume(stage, pause, rest=Do.KEEP).kept == 0
