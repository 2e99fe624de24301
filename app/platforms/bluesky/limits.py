"""Bluesky's rules for text: 300 graphemes and 3000 bytes.

Source: the lexicons `app.bsky.feed.post` (maxGraphemes, maxLength) and `app.bsky.embed.images` (four images, 2,000,000
bytes, `alt` required), and @atproto/api 0.21.0 for facets. Nothing is linked by itself: the adapter writes facets.
"""

from __future__ import annotations

from app.text.profile import Clickable, Counting, HashtagDialect, ImageLimits, LinkDialect, TextProfile

PROFILE = TextProfile(
    slug="bluesky",
    name="Bluesky",
    counting=Counting.GRAPHEMES,
    limit=300,
    byte_limit=3000,
    hashtags=HashtagDialect.BLUESKY,
    links=LinkDialect.BLUESKY,
    clickable=Clickable.FACETS,
    has_threads=True,
    images=ImageLimits(count=4, max_bytes=2_000_000, types=("image/jpeg", "image/png", "image/gif", "image/webp")),
)
