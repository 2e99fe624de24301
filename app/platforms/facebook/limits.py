"""Facebook's rules for text: 63,206 characters on a Page.

Source: developers.facebook.com/docs/pages-api/posts; the limit is the one Facebook announced for posts. Counted in
UTF-16 code units, the stricter reading. Links are linked with or without a scheme. Images: 4 MB, JPEG or PNG.
"""

from __future__ import annotations

from app.text.profile import Clickable, Counting, HashtagDialect, ImageLimits, LinkDialect, TextProfile

PROFILE = TextProfile(
    slug="facebook",
    name="Facebook",
    counting=Counting.UTF16,
    limit=63_206,
    hashtags=HashtagDialect.PLAIN,
    links=LinkDialect.PLAIN,
    clickable=Clickable.AS_WRITTEN,
    images=ImageLimits(count=10, max_bytes=4_000_000, types=("image/jpeg", "image/png")),
)
