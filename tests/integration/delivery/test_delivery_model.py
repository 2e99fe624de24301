"""A model of everybody acting at once: workers that freeze or die between any two steps, networks that fail, people.

Whatever they do in whatever order, the audience sees no part twice, unless a person had it sent again. The steps are
the same in every run; FOCUSWEEK_MODEL_EXAMPLES asks for so many new ones instead.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta

from delivery_model import WINDOW, Killed, World
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.delivery import (
    attempt,
    claim,
    commands,
    hold,
    publish,
    record,
    reevaluate,
    resume,
    review,
    withdraw_commands,
)
from app.delivery.errands import READ_BACK, RECONCILE, WITHDRAW, Errand
from app.delivery.freeze import Frozen
from app.delivery.unstored import Unstored
from app.errors import StateRefused
from app.models import Account, Delivery, Pause, Post
from app.platforms.sandbox.faults import Fault

EXAMPLES = "FOCUSWEEK_MODEL_EXAMPLES"
ROWS = st.integers(0, 3)
ACCOUNTS = st.integers(0, 1)


class Everybody(RuleBasedStateMachine):
    """Two accounts, a post and a thread on each, and all who act on them."""

    @initialize()
    def scene(self) -> None:
        self.world = World()
        self.stage = self.world.stage
        self.claims: list[claim.Claim] = []
        self.frozen: list[tuple[Frozen, publish.Budget]] = []
        self.answers: list[record.Finished] = []

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.close()

    @invariant()
    def all_holds(self) -> None:
        if hasattr(self, "world"):
            self.world.check(quiet=not (self.claims or self.frozen or self.answers))

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

    # Workers, step by step; between two steps one may stand still for any time, or die.

    @rule(limit=st.integers(1, 2))
    def worker_claims(self, limit: int) -> None:
        self.claims += claim.claim_due(self.stage.deps, limit)

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), all_together=st.booleans())
    def worker_passes_the_gate(self, data: st.DataObject, all_together: bool) -> None:  # drawn
        claims = list(self.claims) if all_together else [self._take(data, self.claims)]
        if all_together:
            self.claims.clear()
        budget = publish.Budget.start(self.stage.deps)
        for frozen in attempt.begin_all(self.stage.deps, claims):
            row = self.stage.get(frozen.delivery_id)
            begun = frozen.parts[0].ref is not None
            assert row.due_at + timedelta(minutes=WINDOW) >= self.stage.clock.now(), "too late"
            assert begun or not self.world.is_paused(), "paused"
            assert begun or self.world.composer.confirmed, "not confirmed"
            assert row.stop_requested_at is None, "a stop was asked"
            self.frozen.append((frozen, budget))

    @rule()
    def worker_freezes_after_the_gate_until_it_is_given_up(self) -> None:
        budget = publish.Budget.start(self.stage.deps)
        claims = claim.claim_due(self.stage.deps, 1)
        self.frozen += [(frozen, budget) for frozen in attempt.begin_all(self.stage.deps, claims)]
        for _ in range(2):
            self.stage.clock.advance(timedelta(seconds=121))
            self.stage.engine.tick()

    @precondition(lambda self: self.frozen)
    @rule(data=st.data(), froze_after_its_last_look=st.booleans())
    def worker_sends(self, data: st.DataObject, froze_after_its_last_look: bool) -> None:  # drawn
        frozen, budget = self._take(data, self.frozen)
        if froze_after_its_last_look:
            budget, self.world.sent_late = publish.Budget.start(self.stage.deps), True
        self._send(frozen, budget)

    @precondition(lambda self: self.frozen)
    @rule(data=st.data(), calls=st.integers(0, 2), after=st.booleans())
    def worker_dies_while_it_sends(self, data: st.DataObject, calls: int, after: bool) -> None:  # drawn
        self.world.network.kill = (calls, after)
        try:
            self._send(*self._take(data, self.frozen))
        except Killed:
            pass
        finally:
            self.world.network.kill = None

    @precondition(lambda self: self.answers)
    @rule(data=st.data(), all_together=st.booleans())
    def worker_records(self, data: st.DataObject, all_together: bool) -> None:  # drawn
        finished = list(self.answers) if all_together else [self._take(data, self.answers)]
        if all_together:
            self.answers.clear()
        record.outcomes(self.stage.deps, finished)

    @precondition(lambda self: self.claims or self.frozen or self.answers)
    @rule(data=st.data())
    def worker_dies(self, data: st.DataObject) -> None:
        things = [each for each in (self.claims, self.frozen, self.answers) if each]
        self._take(data, data.draw(st.sampled_from(things)))

    @rule(row=ROWS, errand=st.sampled_from([RECONCILE, WITHDRAW, READ_BACK]))
    def worker_runs_an_errand(self, row: int, errand: Errand) -> None:
        with self.world.database.read() as session:
            waiting = errand.waiting(self.stage.deps, session)
        if self.world.rows[row] in [each for each, at in waiting if at <= self.stage.clock.now()]:
            errand.run(self.stage.deps, self.world.rows[row])

    # The network, and people.

    @rule(account=ACCOUNTS, faults=st.lists(st.none() | st.sampled_from(list(Fault)), min_size=1, max_size=4))
    def network_has_a_bad_day(self, account: int, faults: list[Fault | None]) -> None:
        self.stage.faults.plan(self.world.names[account], *faults)

    @rule(row=ROWS, command=st.sampled_from([commands.cancel, commands.retry, commands.send_now]))
    def person_commands(self, row: int, command: Callable[..., object]) -> None:
        self._person(command, row)

    @rule(row=ROWS, minutes=st.integers(0, 40), command=st.sampled_from([commands.move_delivery, commands.reschedule]))
    def person_gives_another_time(self, row: int, minutes: int, command: Callable[..., object]) -> None:
        self._person(command, row, due_at=self.stage.clock.now() + timedelta(minutes=minutes))

    @rule(row=ROWS, text=st.sampled_from(["Changed.", "FORBIDDEN", "A.\n---\nB."]))
    def person_edits(self, row: int, text: str) -> None:
        with self.world.database.write() as session:
            session.get_one(Post, session.get_one(Delivery, self.world.rows[row]).post_id).text = text
            self._reevaluate(session)

    @rule()
    def person_confirms_the_contacts_or_takes_it_back(self) -> None:
        self.world.composer.confirmed = not self.world.composer.confirmed
        with self.world.database.write() as session:
            self._reevaluate(session)

    @rule(row=ROWS, scope=st.sampled_from(["instance", "campaign", "account"]), do=st.sampled_from(list(resume.Do)))
    def person_pauses_or_resumes(self, row: int, scope: str, do: resume.Do) -> None:
        now = self.stage.clock.now()
        with self.world.database.write() as session:
            pause = session.scalars(select(Pause).where(Pause.ended_at.is_(None))).first()
            if pause is not None:
                at = now + timedelta(minutes=5) if do is resume.Do.MOVE else None
                waiting = [(one, resume.Decision(do, at)) for one in resume.lock_waiting(session, pause, now)]
                resume.settle(session, pause, waiting, now=now, actor="staff", gap=timedelta(minutes=1))
                pause.ended_at = now
                return
        self.stage.pause(scope, self.world.rows[row])

    @rule(account=ACCOUNTS)
    def person_disconnects_or_reconnects(self, account: int) -> None:
        now = self.stage.clock.now()
        with self.world.database.write() as session:
            row = session.get_one(Account, self.world.accounts[account])
            if row.state == "connected":
                row.state, row.version = "disconnected", row.version + 1
                session.flush()
                hold.hold_account(session, row, now)
            else:
                hold.release_account(session, row, now, actor="staff")

    @rule(row=ROWS, word=st.sampled_from([review.resolve_send_again, review.resolve_send_rest]))
    def person_has_it_or_the_rest_sent(self, row: int, word: Callable[..., object]) -> None:
        # Whoever has it sent has looked: what is sent is not out.
        if self._person(word, row):
            self.world.by_word.add(self.world.rows[row])

    @rule(row=ROWS)
    def person_finishes_a_thread_as_it_stands(self, row: int) -> None:
        if self.stage.get(self.world.rows[row]).parts_out:
            self._person(review.resolve_went_out, row, link=None)

    @rule(row=ROWS)
    def person_withdraws(self, row: int) -> None:
        self._person(withdraw_commands.ask, row, reason="A wrong number.")

    @rule(row=ROWS, command=st.sampled_from([withdraw_commands.again, withdraw_commands.gone]))
    def person_sees_to_a_withdrawal(self, row: int, command: Callable[..., object]) -> None:
        if self._person(command, row) and command is withdraw_commands.gone:
            self.world.by_word.add(self.world.rows[row])

    def _send(self, frozen: Frozen, budget: publish.Budget) -> None:
        outcome = publish.publish(self.stage.deps, frozen, budget, unstored=Unstored())
        if outcome is not None:
            self.answers.append(record.Finished(frozen, outcome))

    def _take(self, data: st.DataObject, things: list):  # type: ignore[no-untyped-def,type-arg]
        return things.pop(data.draw(st.integers(0, len(things) - 1)))

    def _person(self, act: Callable[..., object], row: int, **values: object) -> bool:
        try:
            with self.world.database.write() as session:
                act(session, self.world.rows[row], now=self.stage.clock.now(), actor="staff", **values)
        except StateRefused:
            return False
        return True

    def _reevaluate(self, session: Session) -> None:
        session.flush()
        reevaluate.reevaluate(session, self.world.campaign, now=self.stage.clock.now(), actor="staff")


_asked = int(os.environ.get(EXAMPLES, "0"))
Everybody.TestCase.settings = settings(
    max_examples=_asked or 15,
    stateful_step_count=80 if _asked else 40,
    derandomize=not _asked,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
TestEverybodyAtOnce = Everybody.TestCase
