"""A network for withdrawals: the stage's sandbox, with answers that a test scripts; and short words for a person."""

from __future__ import annotations

from collections import deque
from datetime import timedelta

from delivery_stage import PROFILE, Stage
from sqlalchemy import select

from app.db import Database
from app.delivery import withdraw_commands
from app.delivery.options import EngineOptions
from app.models import Attempt, AttemptPart
from app.platforms.base import Connection
from app.platforms.results import ReadResult, RemoteRef, Retracted, RetractFailed, RetractResult
from app.platforms.sandbox.adapter import SandboxAdapter

THREAD = "One. 1-888-373-7888\n---\nTwo.\n---\nThree."
PARTS = THREAD.split("\n---\n")
REASON = "The number is wrong."


class Moody(SandboxAdapter):
    """Takes back and reads as the sandbox does, unless a test has an answer for the next call."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(PROFILE, stage.feed, stage.clock, stage.faults)
        self.retracts: deque[RetractResult | Exception | None] = deque()
        self.reads: deque[ReadResult | Exception | None] = deque()
        self.asked: list[str] = []

    def retract_part(self, ref: RemoteRef, connection: Connection, *, deadline: float) -> RetractResult:
        self.asked.append(ref.remote_id)
        answer = self.retracts.popleft() if self.retracts else None
        if isinstance(answer, Exception):
            raise answer
        return answer or super().retract_part(ref, connection, deadline=deadline)

    def read_part(self, ref: RemoteRef, connection: Connection, *, deadline: float) -> ReadResult:
        answer = self.reads.popleft() if self.reads else None
        if isinstance(answer, Exception):
            raise answer
        return answer or super().read_part(ref, connection, deadline=deadline)


def moody_stage(database: Database, **options: object) -> tuple[Stage, Moody]:
    stage = Stage(database, options=EngineOptions(workers=0, **({"read_backs_budget": 0} | options)))  # type: ignore[arg-type]
    network = Moody(stage)
    stage.adapters.sandbox = network
    return stage, network


def ask(stage: Stage, delivery: int, reason: str = REASON) -> None:
    with stage.database.write() as session:
        withdraw_commands.ask(session, delivery, reason=reason, now=stage.clock.now(), actor="staff")


def again(stage: Stage, delivery: int) -> None:
    with stage.database.write() as session:
        withdraw_commands.again(session, delivery, now=stage.clock.now(), actor="staff")


def gone(stage: Stage, delivery: int) -> None:
    with stage.database.write() as session:
        withdraw_commands.gone(session, delivery, now=stage.clock.now(), actor="staff")


def published(stage: Stage, text: str = THREAD, **account: object) -> int:
    delivery = stage.one(text, **account)
    stage.tick_after(10)
    assert stage.get(delivery).state == "published"
    return delivery


def retracted(stage: Stage, delivery: int) -> list[tuple[int, bool, str | None]]:
    """Which parts are known to be taken back, by place, and why not the others."""
    with stage.database.read() as session:
        rows = session.execute(
            select(AttemptPart.index, AttemptPart.retracted_at, AttemptPart.retract_code)
            .join(Attempt, Attempt.id == AttemptPart.attempt_id)
            .where(Attempt.delivery_id == delivery)
            .order_by(AttemptPart.id)
        )
        return [(row[0], row[1] is not None, row[2]) for row in rows]


def busy(minutes: float | None = None, stage: Stage | None = None) -> RetractFailed:
    at = None if minutes is None or stage is None else stage.clock.now() + timedelta(minutes=minutes)
    return RetractFailed("rate_limited", "Too many requests.", later=True, retry_at=at)


REFUSED = RetractFailed("http_403", "This is not allowed.")
GONE_ALREADY = Retracted()
