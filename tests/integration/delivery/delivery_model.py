"""The world of the model test: a stage, a network that keeps what it accepted, and what must hold at every instant."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

from delivery_stage import START, LineComposer, Stage
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import VirtualClock
from app.db import Base, Database
from app.delivery.deps import Composed
from app.models import Account, Campaign, Delivery, DeliveryEvent, Pause, Post, State
from app.platforms.base import Connection, Sending
from app.platforms.results import Published, PublishResult, Unknown
from app.platforms.sandbox.adapter import SandboxAdapter
from app.policy.finding import Finding, Level

TEXTS = ("Alone. 1-888-373-7888", "One. 1-888-373-7888\n---\nTwo.\n---\nThree.")
WINDOW = 30  # minutes
_TOLD = frozenset({"late_proof.after_cancel", "late_proof.second_send"})


class Killed(BaseException):
    """The process ends here: nothing after this is done."""


class Network:
    """The sandbox, with a memory of its own, and with a place at which the worker that calls it is killed."""

    def __init__(self, sandbox: SandboxAdapter, stage: Stage) -> None:
        self._sandbox = sandbox
        self._stage = stage
        #: The calls that it accepted, by account and key.
        self.accepted: Counter[tuple[str, str]] = Counter()
        #: After so many further calls the worker is killed: before or after the call is carried out.
        self.kill: tuple[int, bool] | None = None

    def publish_part(self, sending: Sending, connection: Connection, *, deadline: float) -> PublishResult:
        calls, after = self.kill or (-1, False)
        self.kill = (calls - 1, after) if calls > 0 else None
        if calls == 0 and not after:
            raise Killed
        result = self._sandbox.publish_part(sending, connection, deadline=deadline)
        key = (connection.account, sending.minted.key)
        is_there = self._stage.feed.get(*key) is not None
        if isinstance(result, Published) or (isinstance(result, Unknown) and is_there):
            self.accepted[key] += 1
        if calls == 0:
            raise Killed
        return result

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sandbox, name)


class ConfirmedComposer(LineComposer):
    """Refuses everything while the contact facts are not confirmed."""

    confirmed = True

    def compose(self, session: Session, *, post: Post, account: Account, campaign: Campaign) -> Composed:
        composed = super().compose(session, post=post, account=account, campaign=campaign)
        if self.confirmed:
            return composed
        finding = Finding("contact.unconfirmed", Level.ERROR, (0, 0), "Nobody has confirmed the number.", "Confirm it.")
        return replace(composed, refusals=(finding,))


class World:
    """A single post and a thread on two accounts each."""

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="focusweek-model-"))
        self.database = Database(f"sqlite:///{self.directory / 'model.sqlite3'}", durable=False)
        Base.metadata.create_all(self.database.engine)
        self.composer = ConfirmedComposer()
        self.stage = stage = Stage(self.database, clock=VirtualClock(START))
        self.network = Network(stage.adapters.sandbox, stage)  # type: ignore[arg-type]  # the stage's own
        stage.adapters.sandbox = self.network  # type: ignore[assignment]  # all else is passed on
        stage.deps = replace(stage.deps, composer=self.composer)
        stage.engine = type(stage.engine)(stage.deps)
        campaign = stage.campaign(lateness_minutes=WINDOW)
        self.campaign = campaign.id
        accounts = [stage.account(campaign, slug) for slug in ("first", "second")]
        posts = [stage.post(campaign, text) for text in TEXTS]
        self.accounts = [account.id for account in accounts]
        self.names = [f"{account.organization_id}/{account.slug}" for account in accounts]
        self.rows = [stage.delivery(post, account, in_minutes=1) for account in accounts for post in posts]
        #: What a person had sent again, or finished: what the audience sees of it is that person's word.
        self.by_word: set[int] = set()
        #: Whether some worker stood still between its last look at the clock and its call: the one gap that only a
        #: network which honours keys closes.
        self.sent_late = False
        self._fences: dict[int, int] = {}

    def close(self) -> None:
        self.stage.engine.close()
        self.database.dispose()
        shutil.rmtree(self.directory)

    def is_paused(self) -> bool:
        with self.database.read() as session:
            return session.scalars(select(Pause).where(Pause.ended_at.is_(None))).first() is not None

    # What must hold at every instant.

    def check(self, *, quiet: bool) -> None:
        """Check everything; `quiet` says that no worker is between two steps."""
        sending: Counter[int] = Counter()
        for row in self.rows:
            delivery = self.stage.get(row)
            sending[delivery.account_id] += delivery.state == State.SENDING
            self._fence_and_events(delivery)
            self._parts(delivery, quiet=quiet)
        assert max(sending.values()) <= 1, "two posts of one account are being sent"
        self._threads()
        self._sent_once()

    def _fence_and_events(self, delivery: Delivery) -> None:
        assert delivery.fence >= self._fences.get(delivery.id, 0), "the fence went down"
        self._fences[delivery.id] = delivery.fence
        attempts = self.stage.attempts(delivery.id)
        tokens = [attempt.token for attempt in attempts]
        assert len(set(tokens)) == len(tokens)
        assert max(tokens, default=0) <= delivery.fence
        with self.database.read() as session:
            events = session.execute(
                select(DeliveryEvent.from_state, DeliveryEvent.to_state)
                .where(DeliveryEvent.delivery_id == delivery.id)
                .order_by(DeliveryEvent.id)
            ).all()
        claims = sum(before != after == State.SENDING for before, after in events)
        assert claims >= len(attempts), "an attempt without the event of its claim"
        state = State.SCHEDULED.value
        for before, after in events:
            assert before == state, "the history has a gap"
            state = after
        assert state == delivery.state, "the history ends elsewhere"

    def _parts(self, delivery: Delivery, *, quiet: bool) -> None:
        keys: defaultdict[tuple[int, int], set[str]] = defaultdict(set)
        for attempt in self.stage.attempts(delivery.id):
            for part in self.stage.parts(attempt):
                keys[attempt.generation, part.index].add(part.key)
        assert all(len(minted) == 1 for minted in keys.values()), "a part's key was minted twice in one generation"
        name = self.names[self.accounts.index(delivery.account_id)]
        ever = {place for place, (key,) in keys.items() if self.network.accepted[name, key]}
        public = [place for place, (key,) in keys.items() if self.stage.feed.get(name, key) is not None]
        out = {index for generation, index in ever if generation == delivery.generation}
        assert delivery.parts_out <= len(out), "more parts are counted than are out"
        if delivery.state == State.PUBLISHED:
            assert delivery.parts_out == len(out)
            assert delivery.remote_id is not None
            assert self.stage.feed.by_id(name, delivery.remote_id) is not None
        if quiet:
            self._owned_up(delivery, public)

    def _owned_up(self, delivery: Delivery, public: list[tuple[int, int]]) -> None:
        """What is public is known to be, or told."""
        told = _TOLD & {reason for _, _, reason in self.stage.history(delivery.id)}
        if delivery.state in {State.CANCELLED, State.WITHDRAWN}:
            assert not public or told or delivery.id in self.by_word, delivery.state_reason
        if delivery.id in self.by_word:
            return
        if delivery.state in {State.FAILED, State.MISSED, State.BLOCKED, State.HELD}:
            assert not public, delivery.state_reason
        indexes = Counter(index for _, index in public)
        assert max(indexes.values(), default=0) <= 1, "a part stands there in two generations"

    def _threads(self) -> None:
        posts = {post.id: post for post in self.stage.feed.list(limit=10_000)}
        assert all(post.parent_id is None or post.parent_id in posts for post in posts.values()), (
            "a later part stands without the one before it"
        )

    def _sent_once(self) -> None:
        if not self.sent_late:
            twice = [key for key, times in self.network.accepted.items() if times > 1]
            assert not twice, f"accepted more than once: {twice}"
