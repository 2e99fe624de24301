"""X's rules for text: 280 weighted characters.

Source: docs.x.com "Counting characters" and twitter-text 3.1.0, configuration v3; images from docs.x.com "Media best
practices" (four images, 5 MB, alternative text to 1000 characters).
"""

from __future__ import annotations

from app.text.profile import Clickable, Counting, HashtagDialect, ImageLimits, LinkDialect, TextProfile

PROFILE = TextProfile(
    slug="x",
    name="X",
    counting=Counting.WEIGHTED,
    limit=280,
    hashtags=HashtagDialect.X,
    links=LinkDialect.X,
    clickable=Clickable.AS_WRITTEN,
    link_length=23,
    has_threads=True,
    images=ImageLimits(
        count=4,
        max_bytes=5_000_000,
        alt_length=1000,
        types=("image/jpeg", "image/png", "image/gif", "image/webp"),
    ),
)
