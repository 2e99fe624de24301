"""Telegram's rules for text: 4096 UTF-16 code units of a message.

Source: core.telegram.org/bots/api, `sendMessage` ("1-4096 characters after entities parsing") and "Entity lengths" of
core.telegram.org/api/entities (UTF-16 code units). Links are linked with or without a scheme.
"""

from __future__ import annotations

from app.text.profile import Clickable, Counting, HashtagDialect, LinkDialect, TextProfile

PROFILE = TextProfile(
    slug="telegram",
    name="Telegram",
    counting=Counting.UTF16,
    limit=4096,
    hashtags=HashtagDialect.PLAIN,
    links=LinkDialect.PLAIN,
    clickable=Clickable.AS_WRITTEN,
)
