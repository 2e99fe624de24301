"""The networks: one line each. A new one is a folder with its `limits.py` and a line here."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.clock import Clock
from app.errors import NotAllowed, UnknownPlatform
from app.platforms.base import Platform, Via
from app.platforms.bluesky.adapter import BlueskyAdapter
from app.platforms.bluesky.limits import PROFILE as BLUESKY
from app.platforms.by_hand.adapter import ByHandAdapter
from app.platforms.discord.limits import PROFILE as DISCORD
from app.platforms.facebook.limits import PROFILE as FACEBOOK
from app.platforms.http import Outbound
from app.platforms.instagram.limits import PROFILE as INSTAGRAM
from app.platforms.linkedin.limits import PROFILE as LINKEDIN
from app.platforms.mastodon.adapter import MastodonAdapter
from app.platforms.mastodon.limits import PROFILE as MASTODON
from app.platforms.mastodon.limits import profile_with as mastodon_with
from app.platforms.sandbox.adapter import SandboxAdapter
from app.platforms.sandbox.faults import Faults
from app.platforms.sandbox.feed import Feed
from app.platforms.telegram.limits import PROFILE as TELEGRAM
from app.platforms.threads.limits import PROFILE as THREADS
from app.platforms.x.limits import PROFILE as X
from app.text.profile import TextProfile

AdapterFactory = Callable[[Outbound], Platform]


@dataclass(frozen=True, slots=True)
class Network:
    """A network's text rules, and how to reach its API (None: by hand or in the sandbox only).

    `profile_with` gives the rules of an account's own server from the account's settings, where servers differ.
    """

    profile: TextProfile
    adapter: AdapterFactory | None = None
    profile_with: Callable[[Mapping[str, Any]], TextProfile] | None = None


NETWORKS: dict[str, Network] = {
    "x": Network(X),
    "bluesky": Network(BLUESKY, BlueskyAdapter),
    "mastodon": Network(MASTODON, MastodonAdapter, mastodon_with),
    "threads": Network(THREADS),
    "linkedin": Network(LINKEDIN),
    "facebook": Network(FACEBOOK),
    "instagram": Network(INSTAGRAM),
    "discord": Network(DISCORD),
    "telegram": Network(TELEGRAM),
}


def network(slug: str) -> Network:
    """Return the network with this slug.

    Raises:
        UnknownPlatform: There is none; the message names those that there are.
    """
    found = NETWORKS.get(slug)
    if found is None:
        near = difflib.get_close_matches(slug.lower(), NETWORKS, n=1)
        meant = f"Did you mean {near[0]}?" if near else "Use one of the names above."
        raise UnknownPlatform(f"There is no platform {slug[:40]!r}. Known: {', '.join(NETWORKS)}.", hint=meant)
    return found


def profile_of(platform: str, via: Via, settings: Mapping[str, Any]) -> TextProfile:
    """Return the text rules that hold for an account, as its adapter would, without a way out.

    Raises:
        UnknownPlatform: There is no such network.
    """
    chosen = network(platform)
    return chosen.profile_with(settings) if via is Via.NETWORK and chosen.profile_with else chosen.profile


class Platforms:
    """Finds the adapter for an account; put together once, in bootstrap."""

    def __init__(self, outbound: Outbound, clock: Clock, feed: Feed, faults: Faults | None = None) -> None:
        self._outbound = outbound
        self._clock = clock
        self._feed = feed
        #: The script of what goes wrong in the sandbox; empty unless a rehearsal or test writes one.
        self.faults = faults or Faults()

    def adapter(self, platform: str, via: Via) -> Platform:
        """Return the adapter for a network and a way out.

        Raises:
            UnknownPlatform: There is no such network.
            NotAllowed: The network's API is not spoken yet.
        """
        chosen = network(platform)
        if via is Via.SANDBOX:
            return SandboxAdapter(chosen.profile, self._feed, self._clock, self.faults)
        if via is Via.BY_HAND:
            return ByHandAdapter(chosen.profile)
        if chosen.adapter is None:
            raise NotAllowed(
                f"Posting by API to {chosen.profile.name} comes later.",
                hint="Add the account as by_hand or sandbox.",
            )
        return chosen.adapter(self._outbound)
