"""A text of 100,000 characters made to be slow takes time in proportion to its length, whatever reads it."""

from __future__ import annotations

import time
from importlib import import_module

import pytest

from app.text.counting import measure
from app.text.hashtags import find_hashtags
from app.text.links import find_links
from app.text.profile import HashtagDialect, LinkDialect
from app.text.splitting import split_text

SLUGS = ("x", "bluesky", "mastodon", "threads", "linkedin", "facebook", "instagram", "discord", "telegram")
READERS = {
    f"links of {dialect}": lambda text, d=dialect: find_links.__wrapped__(text, d) for dialect in [None, *LinkDialect]
}
READERS |= {
    f"hashtags of {dialect}": lambda text, d=dialect: find_hashtags(text, d) for dialect in [None, *HashtagDialect]
}
PROFILES = {slug: import_module(f"app.platforms.{slug}.limits").PROFILE for slug in SLUGS}
READERS |= {f"measure on {slug}": lambda text, slug=slug: measure(text, PROFILES[slug]) for slug in SLUGS}
READERS["splitting"] = lambda text: split_text(text, lambda part: len(part) <= 280, lambda part: len(part) <= 300)
PIECES = ["a.", "#", "http://", "(", "@a@a@", "1-", "e\u0301", "\u0301", "👩\u200d", "👩🏽\u200d🚀", "\u200d", "a.com/", "﹒。", " ", "a-", "%", "a ", "#a", "#a ", "#1", "a.com ", "a.com中", "中.", "a_b.", "_.", "-.", "http://a.com/((", "(a", "a.com/(a", "https://t.co/", "🙂", "1️⃣", "🇺🇸", "Dr. ", "U.S. ", "a@b.c ", "中。", "\r\n", "xn--a.", "éa.", "“a.com”", "a?b", "a.com/?a=", "＃", "#中", "ab.comb中", "a" * 63 + ".", "a." * 30 + "com.", "\ufe0f", "http://a@", "http://[", "https://a.com/)", "\u0600", "각"]  # fmt: skip  # noqa: E501


def seconds(reader, text):
    begun = time.process_time()
    reader(text)
    return time.process_time() - begun


@pytest.mark.parametrize("name", READERS)
class TestTimeGrowsWithTheLength:
    def test_for_every_kind_of_piece(self, name):
        reader = READERS[name]
        slow = []
        for piece in PIECES:
            long = (piece * 100_000)[:100_000]
            taken = seconds(reader, long)
            # Measured against a tenth of the text; below a twentieth of a second the clock says nothing.
            if taken > 0.05 and taken > 25 * seconds(reader, long[:10_000]) + 0.2:
                slow.append((piece, taken))
            assert taken < 3, piece
        assert slow == []
