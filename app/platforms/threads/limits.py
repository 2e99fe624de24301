"""Threads' rules for text: 500 characters, an emoji as its UTF-8 bytes, at most five links.

Source: developers.facebook.com/docs/threads/posts (500 characters; "emojis are counted as the number of UTF-8 bytes
when published through the API"; 5 links). Of several hashtags the first becomes the post's one topic. Whether a link
without a scheme is linked is not documented: composing writes the scheme, which is linked for certain. A carousel
takes 20 images, JPEG or PNG of 8 MB.
"""

from __future__ import annotations

from app.text.profile import Clickable, Counting, HashtagDialect, ImageLimits, LinkDialect, TextProfile

PROFILE = TextProfile(
    slug="threads",
    name="Threads",
    counting=Counting.EMOJI_AS_BYTES,
    limit=500,
    hashtags=HashtagDialect.PLAIN,
    links=LinkDialect.PLAIN,
    clickable=Clickable.ADD_SCHEME,
    has_threads=True,
    max_links=5,
    images=ImageLimits(count=20, max_bytes=8_000_000, types=("image/jpeg", "image/png")),
)
