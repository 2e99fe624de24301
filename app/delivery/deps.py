"""What the engine works with, put together once by the composition root and handed to each step."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from app.clock import Clock
from app.composing.values import Composition
from app.db import Database
from app.delivery.observer import Nobody, Observer
from app.delivery.options import EngineOptions
from app.models import Account, Campaign, Post
from app.platforms.base import Credentials, Platform, Via
from app.policy.finding import Finding


class Adapters(Protocol):
    """The registry, as far as the engine needs it."""

    def adapter(self, platform: str, via: Via) -> Platform:
        """Return the adapter for a network's slug and the way an account's posts leave."""
        ...


@dataclass(frozen=True, slots=True)
class Composed:
    """What would go out. `refusals` are findings from outside the text that block too: an unconfirmed number.

    `approved_at` (aware) is since when exactly these parts have been approved, None where that is not asked for.
    """

    composition: Composition
    policy_version: str
    language: str
    refusals: tuple[Finding, ...] = ()
    approved_at: datetime | None = None


class Composer(Protocol):
    """Turns rows into the exact parts that would go out, with the rules' verdict."""

    def compose(self, session: Session, *, post: Post, account: Account, campaign: Campaign) -> Composed:
        """Compose a post for an account as things stand in `session`. Reads only."""
        ...

    def compose_all(
        self, session: Session, wanted: Sequence[tuple[Post, Account, Campaign]]
    ) -> Sequence[Composed | Exception]:
        """Compose many, in their order; what one of them fails with stands in its place."""
        ...


@dataclass(frozen=True, slots=True)
class Deps:
    """The engine's collaborators. `credentials` opens an account's secrets by its row id; `random` makes jitter.

    `sleep` (seconds) is only used between offers of an outcome to a database that does not take it.
    """

    database: Database
    clock: Clock
    platforms: Adapters
    composer: Composer
    credentials: Callable[[int], Credentials]
    options: EngineOptions = field(default_factory=EngineOptions)
    random: random.Random = field(default_factory=random.SystemRandom)
    sleep: Callable[[float], None] = time.sleep
    observer: Observer = field(default_factory=Nobody)
