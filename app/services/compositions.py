"""Compositions as approvals and the gate need them: the parts, their digest and their warnings, kept while in use."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from app.composing.approving import parts_digest, warnings_of
from app.composing.compose import compose
from app.composing.values import Composition, PostText, Voice
from app.models import Account
from app.platforms.base import Via
from app.platforms.registry import profile_of
from app.policy.finding import Finding
from app.text.profile import TextProfile


@dataclass(frozen=True)
class Made:
    """A post composed for a network; what is asked of it again and again is found once."""

    composition: Composition
    language: str

    @cached_property
    def digest(self) -> str:
        """The digest of the parts, as approvals name them."""
        return parts_digest(self.composition, self.language)

    @cached_property
    def warnings(self) -> dict[str, Finding]:
        """The warnings on the parts, by the keys that they are acknowledged by."""
        return warnings_of(self.composition)


class _Kept:
    """A voice as a key: one that was built once is kept while in use, and comparing two costs more than it saves."""

    __slots__ = ("voice",)

    def __init__(self, voice: Voice) -> None:
        self.voice = voice

    def __hash__(self) -> int:
        return id(self.voice)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Kept) and other.voice is self.voice


def made(post: PostText, profile: TextProfile, voice: Voice) -> Made:
    """Compose, or give what was composed before from the very same facts: text, variants, links, rules, fill-ins."""
    return _made(post, profile, _Kept(voice))


@lru_cache(maxsize=512)
def _made(post: PostText, profile: TextProfile, kept: _Kept) -> Made:
    return Made(compose(post, profile, kept.voice), post.language)


def for_account(account: Account, profile: TextProfile) -> TextProfile:
    """Return the rules to compose by: its server may have limits of its own; it gets the network's variant."""
    return replace(profile, slug=account.platform)


def account_profile(account: Account) -> TextProfile:
    """Return the rules to compose by for an account, without asking its adapter."""
    return for_account(account, profile_of(account.platform, Via(account.via), account.settings))
