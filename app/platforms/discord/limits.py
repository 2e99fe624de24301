"""Discord's rules for text: 2000 characters of a message.

Source: the Discord API documentation, "Execute Webhook" (`content`, up to 2000 characters). Only addresses with a
scheme become links, so composing writes it; a message has no hashtags.
"""

from __future__ import annotations

from app.text.profile import Clickable, Counting, HashtagDialect, LinkDialect, TextProfile

PROFILE = TextProfile(
    slug="discord",
    name="Discord",
    counting=Counting.CODE_POINTS,
    limit=2000,
    hashtags=HashtagDialect.NONE,
    links=LinkDialect.PLAIN,
    clickable=Clickable.ADD_SCHEME,
)
