"""People and schedulers that change the same rows at the same moment, over connections of their own."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from delivery_stage import START, LineComposer, Stage
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.bootstrap import House
from app.clock import VirtualClock
from app.db import Database
from app.delivery import commands, missed, review
from app.delivery.claim import claim_due
from app.delivery.deps import Composed
from app.delivery.options import EngineOptions
from app.errors import FocusweekError, StateRefused
from app.models import Account, Campaign, Delivery, Pause, Post
from app.services.withdrawals import withdraw_many
from app.settings import Settings


def at_once(*jobs: Callable[[], object]) -> list[Any]:
    """Do all at the same moment; return what each gave or, of ours, raised."""
    gate = threading.Barrier(len(jobs), timeout=10)

    def run(job: Callable[[], object]) -> object:
        gate.wait()
        try:
            return job()
        except FocusweekError as error:
            return error

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def published(stage: Stage, count: int) -> list[int]:
    """Deliveries that are out, each on an account of its own."""
    campaign = stage.campaign()
    post = stage.post(campaign)
    ids = [stage.delivery(post, stage.account(campaign, f"a{n}"), in_minutes=0) for n in range(count)]
    stage.engine.tick()
    assert set(stage.states()) == {"published"}
    return ids


@pytest.fixture
def house(stage: Stage, tmp_path: Path) -> Iterator[House]:
    """A house over the stage's database, at the stage's time."""
    url = stage.database.engine.url.render_as_string(hide_password=False)
    house = House(Settings(data_dir=tmp_path, database_url=url), clock=stage.clock)
    yield house
    house.close()


class TestTwoPeople:
    def test_who_settle_one_review_at_once_settle_it_once(self, stage: Stage) -> None:
        delivery = stage.one()
        with stage.database.write() as session:
            session.execute(update(Delivery).values(state="needs_review"))
        now = stage.clock.now()

        def settle(how: Callable[..., None], **values: object) -> str:
            with stage.database.write() as session:
                how(session, delivery, now=now, actor="staff", **values)
            return how.__name__

        again = [lambda: settle(review.resolve_send_again)] * 3
        out = [lambda: settle(review.resolve_went_out, link="https://social.example/1")] * 3
        answers = at_once(*again, *out)
        assert Counter(type(answer) for answer in answers) == {str: 1, StateRefused: 5}
        assert len(stage.history(delivery)) == 1

    def test_who_take_back_the_same_posts_at_once_ask_for_each_once(self, stage: Stage, house: House) -> None:
        ids = published(stage, 20)
        backwards = list(reversed(ids))
        answers = at_once(
            lambda: withdraw_many(house, ids, "a wrong number"),
            lambda: withdraw_many(house, backwards, "a wrong number"),
        )
        assert not [answer for answer in answers if isinstance(answer, FocusweekError)]
        for delivery in ids:
            asked = [event for event in stage.history(delivery) if event[1] == "withdrawing"]
            assert len(asked) == 1
        assert set(stage.states()) == {"withdrawing"}

    def test_who_move_and_cancel_one_delivery_at_once_leave_it_as_one_of_them_said(self, stage: Stage) -> None:
        delivery, now = stage.one(), stage.clock.now()

        def move() -> None:
            with stage.database.write() as session:
                commands.reschedule(session, delivery, due_at=now + timedelta(hours=2), now=now, actor="a")

        def cancel() -> None:
            with stage.database.write() as session:
                commands.cancel(session, delivery, now=now, actor="b")

        at_once(move, cancel)
        assert stage.get(delivery).state == "cancelled"


class TestPostThatIsEdited:
    def test_while_it_passes_the_gate_waits_and_what_was_judged_goes_out(self, stage: Stage) -> None:
        judging, go_on = threading.Event(), threading.Event()

        class Slow(LineComposer):
            def compose(self, session: Session, *, post: Post, account: Account, campaign: Campaign) -> Composed:
                judging.set()
                go_on.wait(10)
                return super().compose(session, post=post, account=account, campaign=campaign)

        delivery = stage.one("Judged. 1-888-373-7888")
        object.__setattr__(stage.deps, "composer", Slow())
        stage.clock.advance(timedelta(minutes=10))
        edited = threading.Event()

        def edit() -> None:
            with stage.database.write() as session:
                session.execute(update(Post).values(text="FORBIDDEN", version=Post.version + 1))
            edited.set()

        with ThreadPoolExecutor(2) as pool:
            ticking = pool.submit(stage.engine.tick)
            assert judging.wait(10)
            editing = pool.submit(edit)
            assert not edited.wait(0.3)
            go_on.set()
            ticking.result(10)
            editing.result(10)
        assert (stage.get(delivery).state, stage.texts()) == ("published", ["Judged. 1-888-373-7888"])


class TestPause:
    def test_that_is_committed_stops_every_gate_after_it(self, database: Database) -> None:
        stage = Stage(database, clock=VirtualClock(START), options=EngineOptions(workers=4, read_backs_budget=0))
        campaign = stage.campaign()
        posts = [stage.post(campaign, f"Post {n}. 1-888-373-7888") for n in range(8)]
        for n in range(6):
            account = stage.account(campaign, f"a{n}")
            for post in posts:
                stage.delivery(post, account, in_minutes=0)
        stop = threading.Event()

        def tick() -> None:
            while not stop.is_set():
                stage.engine.tick()
                time.sleep(0.002)

        with ThreadPoolExecutor(1) as pool:
            ticking = pool.submit(tick)
            while not stage.texts():
                time.sleep(0.005)
            with database.write() as session:
                session.add(
                    Pause(
                        scope="instance", organization_id=None, reason="a storm", started_by="staff",
                        started_at=stage.clock.now(),
                    )
                )  # fmt: skip
            # What had passed its gate by then goes out.
            while not stage.engine.idle():
                time.sleep(0.002)
            with database.read() as session:
                begun = set(session.scalars(select(Delivery.id).where(Delivery.attempts_made > 0)))
            time.sleep(0.3)
            stop.set()
            ticking.result(10)
        stage.engine.close()
        assert 0 < len(stage.texts()) == len(begun) < 48
        assert set(stage.states()) == {"published", "scheduled"}


class TestPlanThatIsCommitted:
    def test_while_posts_go_out_on_its_accounts_meets_no_deadlock(self, database: Database) -> None:
        stage = Stage(database, clock=VirtualClock(START), options=EngineOptions(workers=6, read_backs_budget=0))
        campaign = stage.campaign()
        accounts = [stage.account(campaign, f"a{n}") for n in range(12)]
        for number in range(4):
            post = stage.post(campaign, f"Post {number}. 1-888-373-7888")
            for account in accounts:
                stage.delivery(post, account, in_minutes=0)
        later = [stage.post(campaign, f"Later {number}. 1-888-373-7888") for number in range(10)]
        refused: list[FocusweekError] = []
        dice = random.Random(7)  # noqa: S311  # an order, no secret

        def plan() -> None:
            for post in later:
                order = dice.sample(accounts, len(accounts))
                try:
                    with database.write() as session:
                        for account in order:
                            session.add(planned(stage, post, account))
                            session.flush()
                except FocusweekError as error:
                    refused.append(error)

        with ThreadPoolExecutor(1) as pool:
            planning = pool.submit(plan)
            until = time.monotonic() + 30
            while stage.states().count("published") < 48 and time.monotonic() < until:
                try:
                    stage.engine.tick()
                except FocusweekError as error:
                    refused.append(error)
                time.sleep(0.002)
            planning.result(30)
        stage.engine.close()
        assert refused == []
        assert Counter(stage.states()) == {"published": 48, "scheduled": 120}


class TestTwoSchedulers:
    def test_of_which_one_claims_what_the_other_gives_up_meet_no_deadlock(self, stage: Stage) -> None:
        campaign = stage.campaign(lateness_minutes=60)
        posts = [stage.post(campaign, f"Post {n}. 1-888-373-7888") for n in range(3)]
        # The later an account was made, the longer its posts wait: the order by time is not that by id.
        for number in range(30):
            account = stage.account(campaign, f"a{number}")
            for post in posts:
                stage.delivery(post, account, in_minutes=60 - number)
        stage.clock.advance(timedelta(hours=3))
        answers: Sequence[object] = at_once(
            *[lambda: len(claim_due(stage.deps, 30))] * 2, *[lambda: missed.mark_missed(stage.deps)] * 2
        )
        assert not [answer for answer in answers if isinstance(answer, FocusweekError)]
        assert sum(answer for answer in answers if isinstance(answer, int)) == 90 - stage.states().count("scheduled")


def planned(stage: Stage, post: Post, account: Account) -> Delivery:
    later = stage.clock.now() + timedelta(days=3)
    return Delivery(
        organization_id=post.organization_id,
        campaign_id=post.campaign_id,
        post_id=post.id,
        account_id=account.id,
        occurrence="1",
        week=1,
        state_since=stage.clock.now(),
        due_at=later,
        ready_at=later,
        created_at=stage.clock.now(),
    )
