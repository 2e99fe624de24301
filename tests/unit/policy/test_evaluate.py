from __future__ import annotations

import dataclasses
import functools
import gc
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.packs.bundled import default_pack
from app.packs.policy import build_policy
from app.policy.distance import within_edits
from app.policy.evaluate import evaluate
from app.policy.facts import Facts
from app.policy.finding import Level
from app.policy.policy import FIXED_CODES
from app.text.folding import fold

HIDDEN = "\u200b\u00ad\u2060\ufeff\u200d\u202e\U000e0041\ufe0f\u0336"
FORBIDDEN = ("victims", "at-risk youth", "save children", "rescued from trafficking", "the homeless")
MATERIAL = st.text(
    alphabet=st.one_of(
        st.characters(exclude_categories=()),
        st.sampled_from("avictmsrehn .,-'\"“”‘’#@()[]{}<>/:0123456789%\n" + HIDDEN),
    ),
    max_size=120,
)
WORDS = st.lists(
    st.sampled_from(
        [
            "victim",
            "victims",
            "save",
            "rescue",
            "the",
            "at-risk",
            "at",
            "risk",
            "youth",
            "vulnerable",
            "and",
            ",",
            ".",
            "1-888-373-7888",
            "1-888-373-7889",
            "text",
            "233733",
            "BEFREE",
            "#EndTrafficking",
            "#endtrafficking",
            "@POTUS",
            "http://hhs.gov",
            "27.6",
            "million",
            "people",
            "2023",
            "[XX]",
            "“Title",
            "Here”",
            "Act",
            "of",
            "vіctim",
            "\u200b",
            "humantraffickinghotline.com",
            "1",
            "in",
            "4",
            "call",
            "to",
            "of",
            "50%",
            "her",
            "was",
        ]
    ),
    max_size=30,
).map(" ".join)


class TestAnyText:
    @given(st.one_of(MATERIAL, WORDS))
    @settings(max_examples=150, deadline=None)
    def test_gets_a_verdict_with_places_inside_it(self, text):
        verdict = evaluate(Facts(text), build())
        for finding in verdict.findings:
            assert 0 <= finding.span[0] <= finding.span[1] <= len(text)
            assert finding.message
        assert verdict == evaluate(Facts(text), build())

    @given(st.sampled_from(FORBIDDEN), st.data())
    @settings(max_examples=100, deadline=None)
    def test_keeps_its_findings_when_hidden_characters_are_put_in(self, phrase, data):
        pieces = [phrase[0]]
        for letter in phrase[1:]:
            pieces += [data.draw(st.text(alphabet=HIDDEN, max_size=2)), letter]
        disguised = "".join(pieces)
        plain = [f for f in evaluate(Facts(f"So {phrase}."), build()).findings if f.code.startswith("language.")]
        found = [f for f in evaluate(Facts(f"So {disguised}."), build()).findings if f.code.startswith("language.")]
        assert [f.code for f in found] == [f.code for f in plain]
        assert plain
        for finding, undisguised in zip(found, plain, strict=True):
            covered = f"So {disguised}."[slice(*finding.span)]
            assert fold(covered).cased == f"So {phrase}."[slice(*undisguised.span)]


@functools.cache
def build():
    return build_policy(default_pack(), year=2027)


class TestLevels:
    def test_follow_the_campaign(self, trafficking):
        quiet = dataclasses.replace(trafficking, levels=(("language.victim", Level.NOTE),))
        [finding] = [f for f in evaluate(Facts("victim"), quiet).findings if f.code == "language.victim"]
        assert finding.level is Level.NOTE

    @pytest.mark.parametrize("code", sorted(FIXED_CODES))
    def test_of_the_fixed_codes_stay_errors(self, trafficking, code):
        quiet = dataclasses.replace(trafficking, levels=tuple((fixed, Level.NOTE) for fixed in FIXED_CODES))
        text = "#A #B #C 1-888-373-7889 humantraffickinghotline.com [XX]"
        found = [f for f in evaluate(Facts(text), quiet).findings if f.code == code]
        assert all(f.level is Level.ERROR for f in found)
        assert found or code == "text.too_long"

    def test_are_warnings_for_language_unless_said(self, trafficking):
        [finding] = [f for f in evaluate(Facts("victim"), trafficking).findings if f.code == "language.victim"]
        assert finding.level is Level.WARNING
        assert finding.suggestion == "person who has experienced human trafficking"
        assert "Guidelines for Messaging and Images" in finding.message


class TestAnotherObservance:
    def test_has_its_own_words_numbers_and_hashtags(self, found, blood):
        text = "Help needy donors: 0800 123 4567 #GiveBloodJune victims 2027"
        assert found(text, policy=blood) == [("language.needy", "needy donors"), ("text.stale", "2027")]

    @pytest.mark.parametrize(
        "text",
        [
            "0800 1234567",
            "+44 800 123 4567",
            "+44 (0)800 123 4567",
            "24/7 0800 123 4567",
            "text GIVE to 62000",
            "https://giveblood.example/talk",
        ],
    )
    def test_recognises_its_own_hotline(self, found, blood, text):
        assert found(text, "mention.", policy=blood) == []

    def test_finds_slips_in_its_own_hotline(self, found, blood):
        assert found("Call 0800 123 4568", "mention.wrong", policy=blood) == [("mention.wrong_number", "0800 123 4568")]
        assert found("text 62001", "mention.wrong", policy=blood) == [("mention.wrong_number", "62001")]
        assert found("giveblod.example", "mention.wrong", policy=blood) == [("mention.wrong_site", "giveblod.example")]

    def test_prefers_its_longest_term(self, found, blood):
        assert found("sufferers from anaemia, sufferer from anaemia", "language.", policy=blood) == [
            ("language.sufferer", "sufferers"),
            ("language.sufferer", "sufferer from anaemia"),
        ]


class TestTheTextsLanguage:
    def test_without_rules_is_said_to_be_unchecked(self, found):
        assert found("Bonjour victim", "language.", language="fr") == [("language.unchecked", "Bonjour victim")]

    def test_has_its_own_rules_by_its_primary_subtag(self, found):
        assert found("Una víctima y las VICTIMAS", "language.", language="es-MX") == [
            ("language.victim", "víctima"),
            ("language.victim", "VICTIMAS"),
        ]
        assert found("Ley de Protección a Víctimas de la Trata", "language.", language="es") == []


class TestTheToolkitsPosts:
    def test_have_nothing_but_what_is_known_of_them(self):
        policy = build()
        codes: dict[str, int] = {}
        for post in default_pack().posts:
            for finding in evaluate(Facts(post.text), policy).findings:
                codes[finding.code] = codes.get(finding.code, 0) + 1
        known = {"text.placeholder": 3, "text.stale": 2, "mention.missing": 34}
        assert {code: count for code, count in codes.items() if code in known} == known
        assert codes.keys() <= known.keys() | {"hashtag.primary_missing", "text.grade_level", "link.unknown_host"}


class TestTheDistance:
    @pytest.mark.parametrize(
        ("first", "second", "edits"),
        [("a", "a", 0), ("abc", "abd", 1), ("abc", "acb", 1), ("abc", "ab", 1), ("ca", "abc", 2), ("abcd", "badc", 2)],
    )
    def test_counts_edits_and_swaps(self, first, second, edits):
        assert within_edits(first, second, 2) == edits
        assert within_edits(second, first, 2) == edits

    def test_ends_at_the_limit(self):
        assert within_edits("abc", "xyz", 2) is None
        assert within_edits("a" * 100_000, "a", 2) is None


# ruff: noqa: E501
SEEDS = [
    "a", "1", "1 ", "1-", "1-888-373-7888 ", "1-888-373-7889 ", "(", "[", "[a", "{", "{{", "<", "%A", '"', "'a ", "“a ”", "#", "#a", "#a ",
    "#aB", "#endtrafficking", "#partner2prevent ", "@a", "@", "@a ", "a@b.", ".", "a.", "a.b ", "http://a.b/", "http://", "-", "--",
    "at-", "at risk ", "at-risk youth ", "victim ", "victim", "Victim ", "Victims Of ", "save ", "save the ", "save of ", "rescued ",
    "was rescued by ", "vulnerable ", "vulnerable and ", "the ", "the most ", "text ", "text 233734 ", "text 2 ", "text BEFRE ", "233733 ",
    "call ", "1 in ", "1 in 4 ", "27 million ", "thousands of ", "50% ", "50% people ", "2023 ", "2023-01-11 ", "act of 2000 ", "X", "XX ",
    "_", "\u200b", "a\u200b", "\u00ad ", "\U0001d400", "\U0001d400 ", "а", "аb ", "\u0301", "e\u0301 ", "\ufdfa", "👩\u200d", "🏴\U000e0067", "\n", "\n\n",
    "according to ", "Source: 1 million people ", "xn--", "xn--a.b ", "humantraffickinghotline.", "humantraffickinghotline.com ", "new training!",
    "[link to ", "(insert ", "Trafficking Victims Protection ", "“Rescue ”", "I. ", "ia", "ab.c", "(A, ", "\U000e0041", "/a.b", "a'", "9,", "1.1",
    "text 1-888-373-7888 ", "1-888-373-7888 text ", "rescue mission fire ", "run-away ", "#a,#b ", "Aaa Bbb of the ", "50% of people Aaa ", "1/1/2", "2001 K Main ", "BE FREE ",
]  # fmt: skip


#: Those whose every character makes work for some rule are tried at full length.
LONGEST = [
    "a",
    "1 ",
    "1-888-373-7889 ",
    ".",
    "a.",
    "#a ",
    "at risk ",
    "save the ",
    "a\u200b",
    "“Rescue ”",
    "text 2 ",
    "[a",
]


class TestHostileTexts:
    @pytest.mark.parametrize("seed", SEEDS)
    def test_take_time_in_proportion_to_their_length(self, seed, trafficking):
        _timed(seed, 500, trafficking)  # what is made when first needed is made now
        small, large = _timed(seed, 1_500, trafficking), _timed(seed, 15_000, trafficking)
        assert large < 12 * small + 0.3

    @pytest.mark.parametrize("seed", LONGEST)
    def test_of_a_hundred_thousand_characters_are_judged_soon(self, seed, trafficking):
        _timed(seed, 500, trafficking)
        assert _timed(seed, 100_000, trafficking) < 1


def _timed(seed, size, policy):
    """Return the processor time of all scanners and rules, so that a busy machine does not count."""
    text = (seed * (size // len(seed) + 1))[:size]
    # A full collection of what the other tests left would be counted as the rules'.
    gc.disable()
    try:
        begun = time.process_time()
        evaluate(Facts(text), policy)
        return time.process_time() - begun
    finally:
        gc.enable()
