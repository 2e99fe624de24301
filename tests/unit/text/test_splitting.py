from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.text.splitting import split_text


def split(text, first, rest=None):
    return split_text(text, lambda part: len(part) <= first, lambda part: len(part) <= (rest or first))


class TestPartsEndWithSentences:
    @pytest.mark.parametrize(
        ("text", "limit", "expected"),
        [
            ("One two. Three four. Five.", 100, ("One two. Three four. Five.",)),
            ("One two. Three four. Five.", 20, ("One two. Three four.", "Five.")),
            ("The U.S. Government acts. Dr. Smith agrees.", 26, ("The U.S. Government acts.", "Dr. Smith agrees.")),
            ("He said “Stop.” Then he went.", 16, ("He said “Stop.”", "Then he went.")),
            ("First line\nSecond line", 12, ("First line", "Second line")),
            ("See a.org. #Tag1 #Tag2", 15, ("See a.org.", "#Tag1 #Tag2")),
            ("Some words here. #Tag1 #Tag2", 20, ("Some words", "here. #Tag1 #Tag2")),
            ("A sentence here. Learn more: a.org/b #Tag", 26, ("A sentence here.", "Learn more: a.org/b #Tag")),
            ("これは文です。次の文です。", 8, ("これは文です。", "次の文です。")),
        ],
    )
    def test_where_they_can(self, text, limit, expected):
        assert split(text, limit) == expected

    def test_a_long_sentence_is_cut_after_a_clause_then_between_words(self):
        assert split("One two three, four five six.", 16) == ("One two three,", "four five six.")
        assert split("one two three four", 9) == ("one two", "three", "four")

    def test_telephone_numbers_stay_whole(self):
        assert split("Call now 1 888 373 7888 today", 15) == ("Call now", "1 888 373 7888", "today")
        assert split("Call (888) 373-7888 today", 14) == ("Call", "(888) 373-7888", "today")

    def test_none_where_a_word_is_too_long(self):
        assert split("a bbbbbbbbbbbb c", 5) is None
        assert split("", 5) is None

    def test_the_first_part_may_be_shorter(self):
        assert split("One. Two. Three. Four.", 5, 12) == ("One.", "Two. Three.", "Four.")


class TestNothingIsLost:
    @given(
        st.lists(
            st.sampled_from(
                ["One", "two.", "a.org/x", "#Tag", "@me", "1", "888", "U.S.", "Dr.", "and,", "中文。", "\n\n", "x" * 9]
            ),
            max_size=40,
        ),
        st.integers(5, 40),
    )
    def test_but_white_space_and_every_part_fits(self, words, limit):
        text = " ".join(words)
        parts = split(text, limit)
        if parts is None:
            return
        assert re.sub(r"\s", "", "".join(parts)) == re.sub(r"\s", "", text)
        assert all(part == part.strip() and 0 < len(part) <= limit for part in parts)


class TestFewCandidatesAreTried:
    def test_for_a_long_text(self):
        calls = []

        def holds(part):
            calls.append(len(part))
            return len(part) <= 300

        assert split_text("One two three four. " * 500, holds, holds) is not None
        assert len(calls) < 500
        assert max(calls[1:]) < 1000
