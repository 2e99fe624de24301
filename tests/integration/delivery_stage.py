"""A stage for the engine: a real database, the real sandbox, virtual time, and a composer that takes texts as they are.

The composer is small and real: a text is split where a line of three dashes stands, and a text that holds the word
FORBIDDEN has an error. The rules themselves have tests of their own.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import Clock, VirtualClock
from app.composing.values import Composition, Part
from app.db import Database
from app.delivery.deps import Composed, Deps
from app.delivery.engine import Engine
from app.delivery.options import EngineOptions
from app.models import Account, Attempt, AttemptPart, Campaign, Delivery, DeliveryEvent, Organization, Pause, Post
from app.platforms.base import Platform, Via
from app.platforms.by_hand.adapter import ByHandAdapter
from app.platforms.credentials import MemoryCredentials
from app.platforms.sandbox.adapter import SandboxAdapter
from app.platforms.sandbox.faults import Faults
from app.platforms.sandbox.feed import Feed, MemoryFeed
from app.policy.finding import Finding, Level, Verdict
from app.text.profile import Clickable, Counting, HashtagDialect, LinkDialect, TextProfile

#: A moment that tests begin at: the first morning of the month.
START = datetime(2027, 1, 1, 14, 0, tzinfo=UTC)
_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
PROFILE = TextProfile(
    slug="mastodon",
    name="Mastodon",
    counting=Counting.CODE_POINTS,
    limit=500,
    hashtags=HashtagDialect.PLAIN,
    links=LinkDialect.PLAIN,
    clickable=Clickable.AS_WRITTEN,
    has_threads=True,
)


class LineComposer:
    """Composes a post of parts separated by lines of three dashes."""

    def compose(self, session: Session, *, post: Post, account: Account, campaign: Campaign) -> Composed:
        texts = [text.strip() for text in post.text.split("\n---\n")]
        findings = ()
        if "FORBIDDEN" in post.text:
            at = post.text.index("FORBIDDEN")
            findings = (Finding("test.forbidden", Level.ERROR, (at, at + 9), "This word may not go out.", "Drop it."),)
        parts = tuple(Part(text, len(text)) for text in texts)
        return Composed(Composition(parts, Verdict(findings, "rules-1")), "rules-1", post.language)

    def compose_all(
        self, session: Session, wanted: Sequence[tuple[Post, Account, Campaign]]
    ) -> Sequence[Composed | Exception]:
        composed: list[Composed | Exception] = []
        for post, account, campaign in wanted:
            try:
                composed.append(self.compose(session, post=post, account=account, campaign=campaign))
            except Exception as error:  # noqa: BLE001  # the contract: it stands in its place
                composed.append(error)
        return composed


class Adapters:
    """The registry of the stage: the sandbox, by hand, and whatever a test puts in place of a network."""

    def __init__(self, feed: Feed, clock: Clock, faults: Faults) -> None:
        self.sandbox: Platform = SandboxAdapter(PROFILE, feed, clock, faults)
        self.by_hand: Platform = ByHandAdapter(PROFILE)
        self.network: Platform = self.sandbox

    def adapter(self, platform: str, via: Via) -> Platform:
        return {Via.SANDBOX: self.sandbox, Via.BY_HAND: self.by_hand, Via.NETWORK: self.network}[via]


class Stage:
    """Everything a test of the engine needs, and short words for what it does with it."""

    def __init__(
        self,
        database: Database,
        *,
        clock: Clock | None = None,
        feed: Feed | None = None,
        options: EngineOptions | None = None,
    ) -> None:
        self.database = database
        self.clock = clock or VirtualClock(START)
        self.feed = feed or MemoryFeed()
        self.faults = Faults()
        self.adapters = Adapters(self.feed, self.clock, self.faults)
        self.deps = Deps(
            database=database,
            clock=self.clock,
            platforms=self.adapters,
            composer=LineComposer(),
            credentials=lambda account_id: MemoryCredentials(),
            # Reading back has tests of its own; elsewhere it would only add ticks.
            options=options or EngineOptions(workers=0, read_backs_budget=0),
            random=random.Random(7),  # noqa: S311  # jitter that a test can repeat
            sleep=lambda seconds: None,
        )
        self.engine = Engine(self.deps)

    # What is on it.

    def campaign(self, *, lateness_minutes: int = 60, slug: str = "month", organization: str = "agency") -> Campaign:
        now = self.clock.now()
        with self.database.write() as session:
            owner = session.scalars(select(Organization).where(Organization.slug == organization)).first()
            if owner is None:
                owner = Organization(slug=organization, name=organization, created_at=now)
                session.add(owner)
                session.flush()
            campaign = Campaign(
                organization_id=owner.id,
                slug=slug,
                name=slug,
                pack_key="pack",
                pack_version="1",
                pack_digest="0" * 64,
                pack={},
                year=2027,
                time_zone="America/New_York",
                starts_on=date(2027, 1, 1),
                ends_on=date(2027, 1, 28),
                lateness_minutes=lateness_minutes,
                cadence={},
                created_at=now,
                updated_at=now,
            )
            session.add(campaign)
        return campaign

    def account(self, campaign: Campaign, slug: str = "main", **values: object) -> Account:
        account = Account(
            organization_id=campaign.organization_id,
            slug=slug,
            platform="mastodon",
            created_at=self.clock.now(),
            **({"via": "sandbox", "settings": {}, "state": "connected", "next_free_at": _LONG_AGO} | values),
        )
        with self.database.write() as session:
            session.add(account)
        return account

    def post(self, campaign: Campaign, text: str = "Help is there. 1-888-373-7888", key: str | None = None) -> Post:
        now = self.clock.now()
        post = Post(
            organization_id=campaign.organization_id,
            campaign_id=campaign.id,
            key=key or hashlib.sha256(text.encode()).hexdigest()[:12],
            position=1,
            week=1,
            language="en",
            text=text,
            created_at=now,
            updated_at=now,
        )
        with self.database.write() as session:
            session.add(post)
        return post

    def delivery(self, post: Post, account: Account, *, in_minutes: float = 10, occurrence: str = "1") -> int:
        due = self.clock.now() + timedelta(minutes=in_minutes)
        delivery = Delivery(
            organization_id=post.organization_id,
            campaign_id=post.campaign_id,
            post_id=post.id,
            account_id=account.id,
            occurrence=occurrence,
            week=post.week,
            state_since=self.clock.now(),
            due_at=due,
            ready_at=due,
            created_at=self.clock.now(),
        )
        with self.database.write() as session:
            session.add(delivery)
        return delivery.id

    def one(self, text: str = "Help is there. 1-888-373-7888", **account: object) -> int:
        """Set up one campaign with one account and one delivery that is due in ten minutes."""
        campaign = self.campaign()
        return self.delivery(self.post(campaign, text), self.account(campaign, **account))

    def pause(self, scope: str, delivery_id: int) -> int:
        row = self.get(delivery_id)
        pause = Pause(
            scope=scope,
            organization_id=None if scope == "instance" else row.organization_id,
            campaign_id=row.campaign_id if scope in {"campaign", "week"} else None,
            week=row.week if scope == "week" else None,
            account_id=row.account_id if scope == "account" else None,
            reason="a storm",
            started_by="staff",
            started_at=self.clock.now(),
        )
        with self.database.write() as session:
            session.add(pause)
        return pause.id

    # What happens on it.

    def tick_after(self, minutes: float) -> None:
        self.clock.advance(timedelta(minutes=minutes))
        self.engine.tick()

    def run(self, hours: float = 48, *, most: int = 10_000) -> int:
        """Follow the engine's own idea of what is due next; return the number of ticks."""
        end, ticks = self.clock.now() + timedelta(hours=hours), 0
        while (due := self.engine.next_due()) is not None and due <= end:
            assert ticks < most, f"the engine calls {due} due again and again"
            self.clock.move_to(due)
            self.engine.tick()
            ticks += 1
        return ticks

    # What is to be seen.

    def get(self, delivery_id: int) -> Delivery:
        with self.database.read() as session:
            return session.get_one(Delivery, delivery_id)

    def get_account(self, delivery_id: int) -> Account:
        with self.database.read() as session:
            return session.get_one(Account, session.get_one(Delivery, delivery_id).account_id)

    def states(self) -> list[str]:
        with self.database.read() as session:
            return list(session.scalars(select(Delivery.state).order_by(Delivery.id)))

    def history(self, delivery_id: int) -> list[tuple[str | None, str, str | None]]:
        with self.database.read() as session:
            rows = session.execute(
                select(DeliveryEvent.from_state, DeliveryEvent.to_state, DeliveryEvent.reason)
                .where(DeliveryEvent.delivery_id == delivery_id)
                .order_by(DeliveryEvent.id)
            )
            return [(row[0], row[1], row[2]) for row in rows]

    def attempts(self, delivery_id: int) -> Sequence[Attempt]:
        with self.database.read() as session:
            return session.scalars(select(Attempt).where(Attempt.delivery_id == delivery_id).order_by(Attempt.id)).all()

    def parts(self, attempt: Attempt) -> Sequence[AttemptPart]:
        with self.database.read() as session:
            return session.scalars(
                select(AttemptPart).where(AttemptPart.attempt_id == attempt.id).order_by(AttemptPart.index)
            ).all()

    def texts(self) -> list[str]:
        """What the audience sees, oldest first."""
        return [post.text for post in reversed(self.feed.list(limit=100_000))]
