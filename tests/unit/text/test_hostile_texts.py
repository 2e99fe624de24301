"""A text of 100,000 characters made to be slow takes time in proportion to its length, whatever reads it."""

from __future__ import annotations

import gc
import time
from importlib import import_module

import pytest

from app.text.common_links import common_links
from app.text.counting import measure
from app.text.folding import fold
from app.text.handles import find_handles
from app.text.hashtags import find_hashtags
from app.text.links import find_links
from app.text.profile import HashtagDialect, LinkDialect
from app.text.splitting import split_text
from app.text.telephones import find_telephone_numbers
from app.text.words import Words
from app.text.x_urls import scan

SLUGS = ("x", "bluesky", "mastodon", "threads", "instagram", "telegram")


def unkept(finder, text, dialect):
    """Find without the results that are kept from the call before."""
    for kept in (find_links, scan, common_links):
        kept.cache_clear()
    return finder(text, dialect)


READERS = {
    f"links of {dialect}": lambda text, d=dialect: unkept(find_links, text, d) for dialect in [None, *LinkDialect]
}
READERS |= {
    f"hashtags of {dialect}": lambda text, d=dialect: find_hashtags(text, d) for dialect in [None, *HashtagDialect]
}
PROFILES = {slug: import_module(f"app.platforms.{slug}.limits").PROFILE for slug in SLUGS}
READERS |= {f"measure on {slug}": lambda text, slug=slug: measure(text, PROFILES[slug]) for slug in SLUGS}
READERS |= {
    "folding": fold,
    "words": lambda text: Words(fold(text)).starts,
    "telephone numbers": find_telephone_numbers,
    "handles": find_handles,
}
READERS["splitting"] = lambda text: split_text(text, lambda part: len(part) <= 280, lambda part: len(part) <= 300)
PIECES = ["a.", "#", "http://", "(", "@a@a@", "1-", "e\u0301", "\u0301", "👩\u200d", "👩🏽\u200d🚀", "\u200d", "a.com/", "﹒。", " ", "a-", "%", "a ", "#a", "#a ", "#1", "a.com ", "a.com中", "中.", "a_b.", "_.", "-.", "http://a.com/((", "(a", "a.com/(a", "https://t.co/", "🙂", "1️⃣", "🇺🇸", "Dr. ", "U.S. ", "a@b.c ", "中。", "\r\n", "xn--a.", "éa.", "“a.com”", "a?b", "a.com/?a=", "＃", "#中", "ab.comb中", "a" * 63 + ".", "a." * 30 + "com.", "\ufe0f", "http://a@", "http://[", "https://a.com/)", "\u0600", "각", "2023 ", "888-", "1/1 ", "а", "vi\u200bctim ", "𝐯", "＃ａ", "#a_b", "x'", "run-away "]  # fmt: skip  # noqa: E501


FLOOR = 0.05


def seconds(reader, text):
    # A full collection of what the other tests left would be counted as the reader's.
    gc.disable()
    try:
        begun = time.process_time()
        reader(text)
        return time.process_time() - begun
    finally:
        gc.enable()


def grows_too_fast(reader, long, taken):
    if taken <= FLOOR + 15 * seconds(reader, long[:10_000]):
        return False
    short = min(seconds(reader, long[:10_000]) for _ in range(3))
    return min(seconds(reader, long) for _ in range(3)) > FLOOR + 15 * short


@pytest.mark.parametrize("name", READERS)
class TestTimeGrowsWithTheLength:
    def test_for_every_kind_of_piece(self, name):
        reader = READERS[name]
        slow = []
        for piece in PIECES:
            long = (piece * 100_000)[:100_000]
            taken = seconds(reader, long)
            assert taken < 1, piece
            # Measured against a tenth of the text; below a twentieth of a second the clock says nothing. A busy machine
            # may disturb one measurement, hardly the best of three.
            if taken > FLOOR and grows_too_fast(reader, long, taken):
                slow.append((piece, taken))
        assert slow == []
