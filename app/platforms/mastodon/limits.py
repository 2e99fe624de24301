"""Mastodon's rules for text: 500 graphemes, an `http(s)` link counted as 23, of `@user@domain` only `@user`.

Source: docs.joinmastodon.org (`/api/v2/instance`, "Posting to your profile") and mastodon's own code
(app/validators/status_length_validator.rb, app/models/tag.rb). A server may say otherwise: see `profile_for`. A link
without a scheme stays plain text. Four images of 16 MB, a description to 1500 characters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.text.profile import Clickable, Counting, HashtagDialect, ImageLimits, LinkDialect, TextProfile

#: What a server may say of its limits, as its account keeps it.
LIMITS = ("max_characters", "characters_reserved_per_url")
#: More than any server allows.
_MOST = 1_000_000

PROFILE = TextProfile(
    slug="mastodon",
    name="Mastodon",
    counting=Counting.GRAPHEMES_SHORT_LINKS,
    limit=500,
    hashtags=HashtagDialect.MASTODON,
    links=LinkDialect.SCHEME_ONLY,
    clickable=Clickable.ADD_SCHEME,
    link_length=23,
    has_threads=True,
    images=ImageLimits(
        count=4,
        max_bytes=16_777_216,
        alt_length=1500,
        types=("image/jpeg", "image/png", "image/gif", "image/webp"),
    ),
)


def profile_for(max_characters: int | None, characters_reserved_per_url: int | None) -> TextProfile:
    """Return the profile of a server that states `configuration.statuses` in `/api/v2/instance`.

    None or a number below 1 leaves Mastodon's own value in place.
    """
    limit = max_characters if max_characters and max_characters > 0 else PROFILE.limit
    reserved = characters_reserved_per_url
    link_length = reserved if reserved and reserved > 0 else PROFILE.link_length
    return replace(PROFILE, limit=limit, link_length=link_length)


def profile_with(settings: Mapping[str, Any]) -> TextProfile:
    """Return the profile with a server's own limits, as its account's settings keep them."""
    known = {name: settings[name] for name in LIMITS if is_limit(settings.get(name))}
    return profile_for(known.get("max_characters"), known.get("characters_reserved_per_url"))


def is_limit(value: object) -> bool:
    """Whether a server's number can be a limit."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _MOST
