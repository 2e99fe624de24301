"""An agency that reviews: a real house, its people, its accounts and its campaign, in virtual time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from app.bootstrap import House
from app.clock import VirtualClock
from app.identity.permissions import ALLOWED, Role
from app.identity.principal import Principal
from app.models import Account, Approval, Campaign, Delivery, Membership, Organization, Post, User
from app.packs.bundled import default_pack
from app.platforms.base import Via
from app.services.accounts import NewAccount, add_account
from app.services.approvals import approve
from app.services.approving import Word
from app.services.campaigns import create_campaign
from app.services.posts import change_post, create_post
from app.services.review_sets import PartsSet, sets_of

#: When the tests' clock stands, and what a post says on which the rules find nothing at all.
START = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
CLEAN = "Help is there, day and night. Call 1-888-373-7888. #Partner2Prevent"


@dataclass
class Agency:
    """What a test of reviewing needs, and short words for what people do."""

    house: House
    clock: VirtualClock
    organization_id: int
    campaign_id: int
    author: Principal
    reviewer: Principal
    other: Principal
    admin: Principal

    def setting(self, **values: object) -> None:
        with self.house.write() as scope:
            organization = scope.session.get_one(Organization, self.organization_id)
            for name, value in values.items():
                setattr(organization, name, value)

    def account(self, slug: str, platform: str, via: Via = Via.SANDBOX) -> int:
        with self.house.write(self.admin) as scope:
            account = add_account(scope, self.house.vault, NewAccount(slug, platform, via, person="A person"))
            return account.id

    def post(self, text: str = CLEAN, *, who: Principal | None = None, **values: object) -> int:
        with self.house.write(who or self.author) as scope:
            campaign = scope.get(Campaign, self.campaign_id)
            return create_post(scope, campaign, {"text": text, "week": 1, **values}).id

    def change(self, post_id: int, *, who: Principal | None = None, **values: object) -> None:
        with self.house.write(who or self.author) as scope:
            change_post(scope, scope.get(Post, post_id, lock=True), values)

    def approve(self, post_id: int, *acknowledged: str, who: Principal | None = None, **word: Any) -> None:
        with self.house.write(who or self.reviewer) as scope:
            approve(scope, post_id, Word(acknowledged=frozenset(acknowledged), **word))

    def sets(self, post_id: int) -> tuple[PartsSet, ...]:
        with self.house.read(self.author) as scope:
            post = scope.get(Post, post_id)
            return sets_of(scope, scope.get(Campaign, post.campaign_id), [post])[post_id]

    def approvals(self, post_id: int) -> list[Approval]:
        with self.house.read(self.author) as scope:
            return list(scope.session.scalars(scope.query(Approval).where(Approval.post_id == post_id)))

    def state(self, post_id: int) -> str:
        return self.row(post_id).review_state

    def row(self, post_id: int) -> Post:
        with self.house.read(self.author) as scope:
            return scope.get(Post, post_id)

    def findings(self, post_id: int, slug: str = "sky") -> list[str]:
        """Return the codes of the errors that the gate would find, as things stand."""
        with self.house.read(self.author) as scope:
            post = scope.get(Post, post_id)
            account = scope.session.scalars(scope.query(Account).where(Account.slug == slug)).one()
            campaign = scope.get(Campaign, post.campaign_id)
            composed = self.house.deps.composer.compose(scope.session, post=post, account=account, campaign=campaign)
            found = (*composed.composition.verdict.findings, *composed.refusals)
            return [finding.code for finding in found if finding.level == "error"]

    def delivery(self, post_id: int, slug: str = "sky", *, in_minutes: float = 10) -> int:
        due = self.clock.now() + timedelta(minutes=in_minutes)
        with self.house.write(self.author) as scope:
            post = scope.get(Post, post_id)
            account = scope.session.scalars(scope.query(Account).where(Account.slug == slug)).one()
            row = Delivery(
                organization_id=self.organization_id, campaign_id=post.campaign_id, post_id=post.id,
                account_id=account.id, occurrence="week", week=1, state_since=self.clock.now(), due_at=due,
                ready_at=due, created_at=self.clock.now(),
            )  # fmt: skip
            scope.session.add(row)
            scope.session.flush()
            return row.id

    def get(self, delivery_id: int) -> Delivery:
        with self.house.read(self.author) as scope:
            return scope.get(Delivery, delivery_id)

    def tick_after(self, minutes: float) -> None:
        self.clock.advance(timedelta(minutes=minutes))
        self.house.engine.tick()


def member(house: House, organization_id: int, name: str, role: Role) -> Principal:
    """Add a user to an organization and return them as they act."""
    with house.write_instance() as scope:
        user = User(email=f"{name}@agency.example", name=name, recovery_codes=[], created_at=scope.now)
        scope.session.add(user)
        scope.session.flush()
        scope.session.add(
            Membership(
                organization_id=organization_id, user_id=user.id, role=role.value, created_by="tests",
                created_at=scope.now,
            )
        )  # fmt: skip
        return Principal(user.email, ALLOWED[role], organization_id, user.id, "session")


def open_agency(house: House, clock: VirtualClock) -> Agency:
    """Set up an agency with one campaign and one sandbox account, `sky`."""
    with house.write() as scope:
        organization_id = scope.organization_id
        campaign = create_campaign(scope, default_pack(), year=2027, slug="month")
        add_account(scope, house.vault, NewAccount("sky", "bluesky", Via.SANDBOX))
        campaign_id = campaign.id
    people = {
        name: member(house, organization_id, name, role)
        for name, role in (
            ("author", Role.AUTHOR), ("reviewer", Role.REVIEWER), ("other", Role.REVIEWER), ("admin", Role.ADMIN),
        )
    }  # fmt: skip
    return Agency(house, clock, organization_id, campaign_id, **people)
