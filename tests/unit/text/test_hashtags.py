from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.text.hashtags import find_hashtags
from app.text.profile import HashtagDialect


def tags(text, dialect=None):
    return [hashtag.tag for hashtag in find_hashtags(text, dialect)]


class TestHashtagsOfX:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [("#EndTrafficking", ["EndTrafficking"]), ("#2024", []), ("#1a", ["1a"]), ("#a-b", ["a"]), ("＃tag", ["tag"]),
         ("(#x)", ["x"]), ("a#b", []), ("#a#b", []), ("example.org/#anchor", []), ("#a.b", ["a"]), ("&#x", []),
         ("#a #a", ["a", "a"]), ("#日本語", ["日本語"]), ("#e\u0301", ["e\u0301"]), ("#️⃣", []), ("中#b", [])],
    )  # fmt: skip
    def test_are_those_of_its_own_library(self, text, expected):
        assert tags(text, HashtagDialect.X) == expected


class TestHashtagsOfBluesky:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [("#a-b", ["a-b"]), ("(#x)", []), ("#x)", ["x"]), ("#2024", []), ("#a!?", ["a"]), ("#" + "x" * 65, []),
         ("#" + "x" * 64, ["x" * 64]), ("#a\u200bb", ["a"]), ("$TAG", []), ("#a#b", ["a#b"])],
    )  # fmt: skip
    def test_are_those_of_its_own_library(self, text, expected):
        assert tags(text, HashtagDialect.BLUESKY) == expected


class TestHashtagsElsewhere:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("#a·b", ["a·b"]),
            ("#2024", []),
            (")#a", []),
            ("/#a", []),
            ("#a·", ["a"]),
            ("#हिन्दी", ["हिन्दी"]),
            ("(#a)", ["a"]),
        ],
    )
    def test_mastodon_takes_dots_inside_and_needs_a_letter(self, text, expected):
        assert tags(text, HashtagDialect.MASTODON) == expected

    @pytest.mark.parametrize(
        ("text", "expected"), [("#a-b", ["a"]), ("a#b", []), (".#b", ["b"]), ("#1", []), ("#é", ["é"])]
    )
    def test_plain_takes_word_characters(self, text, expected):
        assert tags(text, HashtagDialect.PLAIN) == expected

    def test_a_network_without_hashtags_has_none(self):
        assert tags("#a", HashtagDialect.NONE) == []


class TestHashtagsOfAnyNetwork:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("#a-b", ["a-b"]),
            ("(#x)", ["x"]),
            ("https://example.org/a#b", []),
            ("#a·b c", ["a·b"]),
            ("#1 #2024", []),
            ("#a,#b.#c", ["a", "b", "c"]),
            ("#a#b", ["a#b"]),
        ],
    )
    def test_are_the_longest_that_any_links(self, text, expected):
        assert tags(text) == expected

    @given(st.text(alphabet="#＃a1é中_-.·/:()& \n🙂\u200d\ufe0f", max_size=40))
    def test_are_never_fewer_than_on_any_network(self, text):
        union = find_hashtags(text, None)
        assert all(len(union) >= len(find_hashtags(text, dialect)) for dialect in HashtagDialect)
        assert all(one.span[1] <= other.span[0] for one, other in pairwise(union))
        assert all(text[slice(*one.span)][1:] == one.tag for one in union)
