"""Checks of texts as they stand: nothing is added to them, and nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.composing.values import Composition
from app.delivery.deps import Adapters
from app.models import Campaign, Post
from app.packs.bundled import DEFAULT_PACK, bundled_pack
from app.packs.window import default_year
from app.platforms.registry import network
from app.policy.evaluate import evaluate
from app.policy.facts import Facts
from app.policy.finding import Finding, Level, Verdict
from app.policy.policy import Policy
from app.services.accounts import accounts_of
from app.services.composer import CampaignComposer
from app.services.plans import compositions_for
from app.services.posts import is_meant_for
from app.services.scope import Scope
from app.services.voices import post_text_of, variants_of, voice_for, voice_of
from app.text.counting import Measure, measure


@dataclass(frozen=True, slots=True)
class TextCheck:
    """The verdict on a text, and its measure on the network that was named, if any."""

    verdict: Verdict
    platform: str | None
    measure: Measure | None


@dataclass(frozen=True, slots=True)
class PostPreview:
    """What a post would be on a network, or on one account with its server's own limits.

    `refusals` are findings from outside the text, such as an unconfirmed number. `limit` is in the network's own count.
    """

    platform: str
    account: str | None
    composition: Composition
    limit: int
    refusals: tuple[Finding, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All that is found, the text's own first."""
        return (*self.composition.verdict.findings, *self.refusals)

    @property
    def sendable(self) -> bool:
        """Whether the gate would let it out as things stand."""
        return not any(finding.level is Level.ERROR for finding in self.findings)


def check_text(policy: Policy, text: str, *, platform: str | None = None, language: str | None = None) -> TextCheck:
    """Check a text under a policy. Spans are half-open, in code points of `text`.

    Without a network no length rule applies, and a hashtag counts if any network links it.

    Raises:
        UnknownPlatform: There is no such network.
    """
    profile = None if platform is None else network(platform).profile
    verdict = evaluate(Facts(text, language=language or policy.language, profile=profile), policy)
    return TextCheck(verdict, platform, None if profile is None else measure(text, profile))


def policy_for(scope: Scope, *, campaign_id: int | None = None, pack: str | None = None) -> Policy:
    """Return the rules of a campaign, of a bundled pack by key, or of the default pack in its next year.

    Raises:
        NotFound: There is no such campaign or pack.
    """
    if campaign_id is not None:
        return voice_of(scope.session, scope.get(Campaign, campaign_id)).policy
    chosen = bundled_pack(pack or DEFAULT_PACK)
    return voice_for(chosen, default_year(chosen, scope.now), {}, {}).policy


def check_post(scope: Scope, post: Post, *, platform: str | None = None) -> TextCheck:
    """Check a post's text as it stands, or its variant for a network, under its campaign's rules.

    Raises:
        UnknownPlatform: There is no such network.
    """
    policy = voice_of(scope.session, scope.get(Campaign, post.campaign_id)).policy
    text = post_text_of(post, variants_of(scope.session, [post])[post.id])
    chosen = text.text if platform is None else text.for_network(network(platform).profile.slug)
    return check_text(policy, chosen, platform=platform, language=post.language)


def preview_post(scope: Scope, adapters: Adapters, post: Post, *, platform: str | None = None) -> Sequence[PostPreview]:
    """Return what a post would be on a network, or else on each account that it is for.

    Raises:
        UnknownPlatform: There is no such network.
    """
    campaign = scope.get(Campaign, post.campaign_id)
    if platform is not None:
        limit = network(platform).profile.limit
        composed = compositions_for(scope, campaign, [post], [platform])
        return [PostPreview(platform, None, composed[post.key, platform], limit)]
    composer = CampaignComposer(adapters)
    previews: list[PostPreview] = []
    for account in accounts_of(scope):
        if account.state == "disconnected" or not is_meant_for(post, account):
            continue
        composed_now = composer.compose(scope.session, post=post, account=account, campaign=campaign)
        limit = composer.profile(account).limit
        previews.append(
            PostPreview(account.platform, account.slug, composed_now.composition, limit, composed_now.refusals)
        )
    return previews
