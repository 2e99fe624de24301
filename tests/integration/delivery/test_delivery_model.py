"""A model of everybody acting at once: workers that freeze between any two steps, networks that fail, people.

Whatever they do in whatever order, the audience sees no part twice, unless a person had it sent again.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from delivery_stage import START, Stage
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from app.clock import VirtualClock
from app.db import Base, Database
from app.delivery import attempt, claim, commands, hold, publish, reconcile, record, review
from app.delivery.freeze import Frozen
from app.errors import StateRefused
from app.models import Account, Delivery, Pause, Post, State
from app.platforms.sandbox.faults import Fault

TEXTS = ("Alone. 1-888-373-7888", "One. 1-888-373-7888\n---\nTwo.\n---\nThree.")


class Everybody(RuleBasedStateMachine):
    """Two deliveries of one account, a single post and a thread, and all who act on them."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(tempfile.mkdtemp(prefix="focusweek-model-"))
        self.database = Database(f"sqlite:///{self.directory / 'model.sqlite3'}", durable=False)
        Base.metadata.create_all(self.database.engine)
        self.stage = Stage(self.database, clock=VirtualClock(START))
        self.again: set[int] = set()
        self.claims: list[claim.Claim] = []
        self.frozen: list[tuple[Frozen, publish.Budget]] = []
        self.answers: list[tuple[Frozen, record.Outcome]] = []

    @initialize()
    def scene(self) -> None:
        stage = self.stage
        campaign = stage.campaign(lateness_minutes=30)
        account = stage.account(campaign)
        self.account, self.name = account.id, f"{account.organization_id}/{account.slug}"
        self.rows = [stage.delivery(stage.post(campaign, text), account, in_minutes=1) for text in TEXTS]

    def teardown(self) -> None:
        self.stage.engine.close()
        self.database.dispose()
        shutil.rmtree(self.directory)

    # Time, and the engine's housekeeping.

    @rule(seconds=st.sampled_from([1, 30, 61, 121, 200, 1000]))
    def time_passes(self, seconds: int) -> None:
        self.stage.clock.advance(timedelta(seconds=seconds))

    @rule()
    def engine_ticks(self) -> None:
        self.stage.engine.tick()

    @rule()
    def engine_runs_on(self) -> None:
        self.stage.run(hours=0.1, most=300)

    # A worker, step by step; between two steps it may stand still for any time.

    @rule()
    def worker_claims(self) -> None:
        self.claims += claim.claim_due(self.stage.deps, 1)

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def worker_passes_the_gate(self, data: st.DataObject) -> None:
        budget = publish.Budget.start(self.stage.deps)
        frozen = attempt.begin(self.stage.deps, self._take(data, self.claims))
        if frozen is not None:
            row = self.stage.get(frozen.delivery_id)
            assert row.due_at + timedelta(minutes=30) >= self.stage.clock.now(), "too late"
            assert frozen.parts[0].ref is not None or not self._paused(), "paused"
            self.frozen.append((frozen, budget))

    @rule()
    def worker_freezes_after_the_gate_until_it_is_given_up(self) -> None:
        for claimed in claim.claim_due(self.stage.deps, 1):
            budget = publish.Budget.start(self.stage.deps)
            frozen = attempt.begin(self.stage.deps, claimed)
            if frozen is not None:
                self.frozen.append((frozen, budget))
        for _ in range(2):
            self.stage.clock.advance(timedelta(seconds=121))
            self.stage.engine.tick()

    @precondition(lambda self: self.frozen)
    @rule(data=st.data(), froze_after_its_last_look=st.booleans())
    def worker_sends(self, data: st.DataObject, froze_after_its_last_look: bool) -> None:  # drawn
        frozen, budget = self._take(data, self.frozen)
        if froze_after_its_last_look:
            budget = publish.Budget.start(self.stage.deps)
        outcome = publish.publish(self.stage.deps, frozen, budget)
        if outcome is not None:
            self.answers.append((frozen, outcome))

    @precondition(lambda self: self.answers)
    @rule(data=st.data())
    def worker_records(self, data: st.DataObject) -> None:
        record.outcome(self.stage.deps, *self._take(data, self.answers))

    @rule(row=st.integers(0, 1))
    def somebody_reconciles(self, row: int) -> None:
        with self.database.read() as session:
            ripe = [each for each, at in reconcile.waiting(self.stage.deps, session) if at <= self.stage.clock.now()]
        if self.rows[row] in ripe:
            reconcile.reconcile(self.stage.deps, self.rows[row])

    # The network, and people.

    @rule(faults=st.lists(st.one_of(st.none(), st.sampled_from(list(Fault))), min_size=1, max_size=4))
    def network_has_a_bad_day(self, faults: list[Fault | None]) -> None:
        self.stage.faults.plan(self.name, *faults)

    @rule(row=st.integers(0, 1), command=st.sampled_from([commands.cancel, commands.retry, commands.send_now]))
    def person_commands(self, row: int, command: Callable[..., object]) -> None:
        self._person(lambda session: command(session, self.rows[row], now=self.stage.clock.now(), actor="staff"))

    @rule(row=st.integers(0, 1), minutes=st.integers(0, 40))
    def replan_moves(self, row: int, minutes: int) -> None:
        due = self.stage.clock.now() + timedelta(minutes=minutes)
        self._person(
            lambda session: commands.move_delivery(
                session, self.rows[row], due_at=due, now=self.stage.clock.now(), actor="staff"
            )
        )

    @rule(row=st.integers(0, 1), text=st.sampled_from(["Changed.", "FORBIDDEN", "A.\n---\nB."]))
    def person_edits(self, row: int, text: str) -> None:
        with self.database.write() as session:
            session.get_one(Post, session.get_one(Delivery, self.rows[row]).post_id).text = text

    @rule()
    def person_pauses_or_resumes(self) -> None:
        with self.database.write() as session:
            pause = session.scalars(select(Pause).where(Pause.ended_at.is_(None))).first()
            if pause is not None:
                pause.ended_at = self.stage.clock.now()
                return
        self.stage.pause("campaign", self.rows[0])

    @rule()
    def person_disconnects_or_reconnects(self) -> None:
        with self.database.write() as session:
            account = session.get_one(Account, self.account)
            if account.state == "connected":
                account.state, account.version = "disconnected", account.version + 1
                session.flush()
                hold.hold_account(session, account, self.stage.clock.now())
            else:
                hold.release_account(session, account, self.stage.clock.now(), actor="staff")

    @rule(row=st.integers(0, 1))
    def person_has_the_rest_sent(self, row: int) -> None:
        def rest(session: object) -> None:
            # Whoever has the rest sent has looked: the next part is not out.
            review.resolve_send_rest(session, self.rows[row], now=self.stage.clock.now(), actor="staff")  # type: ignore[arg-type]
            self.again.add(self.rows[row])

        self._person(rest)

    @rule(row=st.integers(0, 1))
    def person_has_it_sent_again(self, row: int) -> None:
        def again(session: object) -> None:
            review.resolve_send_again(session, self.rows[row], now=self.stage.clock.now(), actor="staff")  # type: ignore[arg-type]
            self.again.add(self.rows[row])

        self._person(again)

    # What must hold at every instant.

    @invariant()
    def what_is_published_is_out(self) -> None:
        if not hasattr(self, "rows"):
            return
        for row in self.rows:
            if (delivery := self.stage.get(row)).state == State.PUBLISHED:
                assert delivery.remote_id is not None
                assert self.stage.feed.by_id(self.name, delivery.remote_id) is not None

    @invariant()
    def no_later_part_stands_without_its_first(self) -> None:
        posts = {post.id: post for post in self.stage.feed.list(limit=10_000)}
        for post in posts.values():
            assert post.parent_id is None or post.parent_id in posts

    @invariant()
    def nothing_is_out_that_its_row_does_not_own_up_to(self) -> None:
        if not hasattr(self, "rows") or self.claims or self.frozen or self.answers:
            return
        out = self.stage.feed.list(limit=10_000)
        for row in self.rows:
            delivery = self.stage.get(row)
            keys = {part.key for one in self.stage.attempts(row) for part in self.stage.parts(one)}
            seen = [post for post in out if post.key in keys]
            if delivery.state == State.CANCELLED:
                told = "late_proof.after_cancel" in [reason for _, _, reason in self.stage.history(row)]
                assert not seen or told
            if row not in self.again and delivery.state in {State.FAILED, State.MISSED, State.BLOCKED, State.HELD}:
                assert not seen, delivery.state_reason
            if row not in self.again:
                texts = Counter(post.text for post in seen)
                assert max(texts.values(), default=0) <= 1, texts

    def _take(self, data: st.DataObject, things: list):  # type: ignore[no-untyped-def,type-arg]
        return things.pop(data.draw(st.integers(0, len(things) - 1)))

    def _person(self, act: Callable[..., object]) -> None:
        try:
            with self.database.write() as session:
                act(session)
        except StateRefused:
            pass

    def _paused(self) -> bool:
        with self.database.read() as session:
            return session.scalars(select(Pause).where(Pause.ended_at.is_(None))).first() is not None


Everybody.TestCase.settings = settings(
    max_examples=12, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
TestEverybodyAtOnce = Everybody.TestCase
