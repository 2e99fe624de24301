"""Two made-up networks: one with little room, one on which nothing is linked without a scheme."""

from __future__ import annotations

from app.text.profile import Clickable, Counting, HashtagDialect, LinkDialect, TextProfile

SHORT = TextProfile(
    slug="x",
    name="X",
    counting=Counting.CODE_POINTS,
    limit=20,
    hashtags=HashtagDialect.X,
    links=LinkDialect.X,
    clickable=Clickable.AS_WRITTEN,
)
OTHER = TextProfile(
    slug="mastodon",
    name="Mastodon",
    counting=Counting.CODE_POINTS,
    limit=500,
    hashtags=HashtagDialect.NONE,
    links=LinkDialect.SCHEME_ONLY,
    clickable=Clickable.ADD_SCHEME,
)
