"""Instagram's rules for captions: 2200 characters, 30 hashtags, 20 handles.

Source: developers.facebook.com/docs/instagram-platform, `POST /{ig-user-id}/media`. Counted in UTF-16 code units, the
stricter reading. A caption never links; a post needs an image (JPEG, 8 MB, to 10 in a carousel).
"""

from __future__ import annotations

from app.text.profile import Clickable, Counting, HashtagDialect, ImageLimits, LinkDialect, TextProfile

PROFILE = TextProfile(
    slug="instagram",
    name="Instagram",
    counting=Counting.UTF16,
    limit=2200,
    hashtags=HashtagDialect.PLAIN,
    links=LinkDialect.PLAIN,
    clickable=Clickable.NEVER,
    max_hashtags=30,
    max_handles=20,
    images=ImageLimits(count=10, max_bytes=8_000_000, types=("image/jpeg",), required=True),
)
