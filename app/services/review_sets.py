"""What there is to approve of a post: each distinct set of parts that its accounts would get."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.composing.values import Composition
from app.models import Account, Campaign, Post
from app.platforms.registry import NETWORKS
from app.policy.finding import Finding, Level
from app.services.compositions import Made, account_profile, made
from app.services.posts import is_meant_for
from app.services.scope import Scope
from app.services.voices import post_text_of, variants_of, voice_of
from app.text.profile import TextProfile


@dataclass(frozen=True, slots=True)
class PartsSet:
    """The same parts wherever they would go out. One decision is taken of them.

    `accounts` are slugs; none where the post has no account yet and its networks stand in. `made` is one composition
    for each different way in which rules look at them there.
    """

    digest: str
    platforms: tuple[str, ...]
    accounts: tuple[str, ...]
    made: tuple[Made, ...]
    policy_version: str

    @property
    def composition(self) -> Composition:
        """The parts."""
        return self.made[0].composition

    @property
    def sendable(self) -> bool:
        """Whether the rules let them out anywhere."""
        return any(one.composition.sendable for one in self.made)

    @property
    def warnings(self) -> dict[str, Finding]:
        """The warnings to acknowledge, by their keys: of wherever the rules would let the parts out, or else of all."""
        counted = [one for one in self.made if one.composition.sendable] or list(self.made)
        found: dict[str, Finding] = {}
        for one in counted:
            for key, warning in one.warnings.items():
                found.setdefault(key, warning)
        return found

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All that the rules find in them, wherever they would go out."""
        return tuple(dict.fromkeys(f for one in self.made for f in one.composition.verdict.findings))

    @property
    def clean(self) -> bool:
        """Whether the rules have neither an error nor a warning on them."""
        return not any(finding.level in {Level.ERROR, Level.WARNING} for finding in self.findings)


def sets_of(scope: Scope, campaign: Campaign, posts: Sequence[Post]) -> dict[int, tuple[PartsSet, ...]]:
    """Return by post id what there is to approve of posts of a campaign, in the order of their accounts.

    For the accounts that a post is for, but for disconnected ones; where it has none, for its networks.
    """
    voice = voice_of(scope.session, campaign)
    query = scope.query(Account).where(Account.state != "disconnected").order_by(Account.id)
    accounts = [(account, account_profile(account)) for account in scope.session.scalars(query)]
    variants = variants_of(scope.session, posts)
    found: dict[int, tuple[PartsSet, ...]] = {}
    for post in posts:
        text = post_text_of(post, variants[post.id])
        groups: dict[str, _Group] = {}
        for platform, slug, profile in _places(post, accounts):
            one = made(text, profile, voice)
            groups.setdefault(one.digest, _Group([], [], [])).add(platform, slug, one)
        found[post.id] = tuple(group.as_set(digest, voice.policy.version) for digest, group in groups.items())
    return found


@dataclass(frozen=True, slots=True)
class _Group:
    platforms: list[str]
    accounts: list[str]
    made: list[Made]

    def add(self, platform: str, slug: str | None, one: Made) -> None:
        if platform not in self.platforms:
            self.platforms.append(platform)
        if slug is not None:
            self.accounts.append(slug)
        if not any(one is other for other in self.made):
            self.made.append(one)

    def as_set(self, digest: str, policy_version: str) -> PartsSet:
        return PartsSet(digest, tuple(self.platforms), tuple(self.accounts), tuple(self.made), policy_version)


def _places(post: Post, accounts: Sequence[tuple[Account, TextProfile]]) -> list[tuple[str, str | None, TextProfile]]:
    """Return where a post would go out: platform, account's slug, and the rules that hold there."""
    meant = [(account.platform, account.slug, profile) for account, profile in accounts if is_meant_for(post, account)]
    if meant:
        return [*meant]
    slugs = [slug for slug in NETWORKS if post.platforms is None or slug in post.platforms]
    return [(slug, None, NETWORKS[slug].profile) for slug in slugs]
