"""LinkedIn's rules for text: 3000 characters of commentary.

Source: learn.microsoft.com "Posts API" and "little Text Format" (hashtags are written as templates there); images from
"MultiImage API" (2 to 20, alternative text to 4086). How LinkedIn counts is not documented: UTF-16 code units are the
stricter reading. Whether it links an address without a scheme is not documented: composing writes the scheme.
"""

from __future__ import annotations

from app.text.profile import Clickable, Counting, HashtagDialect, ImageLimits, LinkDialect, TextProfile

PROFILE = TextProfile(
    slug="linkedin",
    name="LinkedIn",
    counting=Counting.UTF16,
    limit=3000,
    hashtags=HashtagDialect.PLAIN,
    links=LinkDialect.PLAIN,
    clickable=Clickable.ADD_SCHEME,
    images=ImageLimits(count=20, alt_length=4086, types=("image/jpeg", "image/png", "image/gif")),
)
