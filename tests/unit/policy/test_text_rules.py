from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from policy_profiles import SHORT

from app.platforms.registry import NETWORKS
from app.policy.evaluate import evaluate
from app.policy.facts import Facts
from app.policy.policy import Contact, HashtagPolicy, Policy
from app.text.counting import fits
from app.text.profile import Counting

PLAIN = Policy(version="plain-1", year=2027, language="en", hashtags=HashtagPolicy(9), contact=Contact("None"))

PLACEHOLDERS = [
    ("Read: [link to proclamation]", ["[link to proclamation]"]),
    ("Read: [Link  to\nProclamation]", ["[Link  to\nProclamation]"]),
    ("On December [XX], 2027", ["[XX]"]),
    ("[State/Organization] is dedicated", ["[State/Organization]"]),
    ("of (insert State, City, County, etc.), do", ["(insert State, City, County, etc.)"]),
    ("I, as (title: Governor, Mayor, etc.) of", ["(title: Governor, Mayor, etc.)"]),
    (
        "[Quote on how you are partnering.] [link to proclamation]",
        ["[Quote on how you are partnering.]", "[link to proclamation]"],
    ),
    ("Join [Agency Name] today", ["[Agency Name]"]),
    ("Join [PARTNER AGENCY] today", ["[PARTNER AGENCY]"]),
    ("Dear {{first_name}}", ["{{first_name}}"]),
    ("Dear {name}", ["{name}"]),
    ("Visit <insert link>", ["<insert link>"]),
    ("On December XX we meet", ["December XX"]),
    ("call 1-888-XXX-XXXX", ["888-XXX-XXXX"]),
    ("XX% of us", ["XX%"]),
    ("Place: TBD", ["TBD"]),
    ("Name: ____", ["____"]),
    ("[___]", ["[___]"]),
    ("［link to proclamation］", ["［link to proclamation］"]),
    ("[the page](#)", ["](#)"]),
    ("Add your [logo]", ["[logo]"]),
    ("[Tribe] stands with us", ["[Tribe]"]),
]
NO_PLACEHOLDERS = [
    "[EN ESPAÑOL] Hola",
    "[Image: a school in a city]",
    "[sic]",
    "as found[1]",
    "[VIDEO] Watch this",
    "[ES] Hola",
    "[they] said [we]",
    "“[Name withheld] told us”",
    "a thread [1/3]",
    "[…]",
    "(24 hours a day)",
    "(insertion)",
    "(name withheld)",
    "Title XX of the Social Security Act",
    "I <3 you",
    "3 < 4 > 2",
    "50% off",
    "[humantraffickinghotline.org](https://humantraffickinghotline.org)",
    "snake_case",
]
HIDDEN = [
    ("u\u0332n\u0332", ["\u0332n\u0332"]),
    ("vic\u200btim", ["\u200b"]),
    ("so\u00adft", ["\u00ad"]),
    ("\ufeffhello", ["\ufeff"]),
    ("abc\u202edef\u202c x", ["\u202edef\u202c"]),
    ("𝐇𝐞𝐥𝐩 us", ["𝐇𝐞𝐥𝐩"]),
    ("ⓗⓔⓛⓟ", ["ⓗⓔⓛⓟ"]),
    ("ｈｅｌｐ", ["ｈｅｌｐ"]),
    ("ʜᴇʟᴘ", ["ʜᴇʟᴘ"]),
    ("hi\U000e0041\U000e0042", ["\U000e0041\U000e0042"]),
    ("a\u200db", ["\u200d"]),
    ("word\u2060joined", ["\u2060"]),
    ("v\ufe0fi", ["\ufe0f"]),
]
NOT_HIDDEN = [
    "a =\u0338 b",
    "plain text, “quoted” — dashed… café",
    "👩\u200d👧\u200d👦 family",
    "❤\ufe0f heart",
    "1\ufe0f\u20e3 first",
    "🏳\ufe0f\u200d🌈",
    "👩🏽\u200d⚕\ufe0f nurse",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "می\u200cخواهم",
    "क्\u200dष",
    "שלום\u200f!",
    "🅰 blood",
    "™ ℹ\ufe0f",
    "non\u00a0breaking",
    "＃HumanTrafficking",
]
STALE = [
    ("FY23 funds", ["FY23"]),
    ("on 01/11/23", ["01/11/23"]),
    ("In 2023 we met", ["2023"]),
    ("January 11, 2026", ["2026"]),
    ("2023-01-11", ["2023"]),
    ("1/11/2023", ["2023"]),
    ("#Toolkit2023", ["2023"]),
    ("FY2023 funds", ["2023"]),
    ("New Training! Learn", ["New Training!"]),
    ("NEW TRAINING! Learn", ["NEW TRAINING!"]),
    ("New\u00a0Training!", ["New\u00a0Training!"]),
    ("President Biden’s call", ["President Biden"]),
    ("２０２３", ["２０２３"]),
]
NOT_STALE = [
    "Room 2010",
    "2001 K Street NW",
    "24/7/365",
    "In 2027 we meet",
    "by 2030",
    "acf.hhs.gov/blog/2021/10/mental-health",
    "the Trafficking Victims Protection Act of 2000",
    "Some Other Act of 1996",
    "TRAFFICKING VICTIMS PROTECTION ACT OF 2000",
    "as reported (ILO, 2022)",
    "2000 people",
    "2,023 calls",
    "$2000",
    "1-888-202-2023",
    "@team2020",
    "mail me2020@hhs.gov",
    "new training, new start",
    "12023",
]
FIGURES = [
    ("5k people", ["5k people"]),
    ("1.2M youth", ["1.2M youth"]),
    ("3,000+ survivors", ["3,000+ survivors"]),
    ("90 % of youth", ["90 % of youth"]),
    ("70% are children", ["70% are children"]),
    ("Millions are exploited.", ["Millions"]),
    ("US data show 50% of youth", ["50% of youth"]),
    ("27.6 million people are affected", ["27.6 million people"]),
    ("27.6 Million People", ["27.6 Million People"]),
    ("56 million students", ["56 million students"]),
    ("24,000 children", ["24,000 children"]),
    ("1 in 4 children", ["1 in 4 children"]),
    ("one in five youth", ["one in five youth"]),
    ("1 out of every 3 survivors", ["1 out of every 3 survivors"]),
    ("50% of youth", ["50% of youth"]),
    ("50 percent of all youth", ["50 percent of all youth"]),
    ("thousands of victims", ["thousands of victims"]),
    ("Millions of people", ["Millions of people"]),
    ("half of all survivors", ["half of all survivors"]),
    ("2500 workers", ["2500 workers"]),
    ("1.2 million people, 24/7, 1-888-373-7888", ["1.2 million people"]),
    ("27.6 million people. Visit humantraffickinghotline.org", ["27.6 million people"]),
]
NO_FIGURES = [
    "Grade 10 students",
    "Under 18 youth",
    "Our 2027 youth summit",
    "The ILO estimates that 27.6 million people are in it.",
    "A CDC study found 50% of youth",
    "27.6 million people, the ILO reports",
    "help 24/7 for people",
    "200 languages",
    "2 hours for people",
    "two survivors share",
    "3 people joined",
    "27.6 million people, according to the ILO",
    "27.6 million people (ILO, 2022)",
    "27.6 million people. Source: ILO",
    "Source: ILO. 27.6 million people",
    "50% of youth train.org/main/course/1087536",
    "56 million students https://hhs.gov/data",
    "In 2023 people met",
    "1-888-373-7888 people answer",
    "the most vulnerable people",
    "$500 people",
    "at least 18 years",
    "11 January: people meet",
    "an hour in one day for people",
]


class TestAPlaceholder:
    @pytest.mark.parametrize(("text", "expected"), PLACEHOLDERS)
    def test_is_found_while_it_is_open(self, found, text, expected):
        assert [place for _, place in found(text, "text.placeholder")] == expected

    @pytest.mark.parametrize("text", NO_PLACEHOLDERS)
    def test_is_not_seen_in_other_brackets(self, found, text):
        assert found(text, "text.placeholder") == []


class TestHiddenCharacters:
    @pytest.mark.parametrize(("text", "expected"), HIDDEN)
    def test_are_found(self, found, text, expected):
        assert [place for _, place in found(text, "text.hidden")] == expected

    @pytest.mark.parametrize("text", NOT_HIDDEN)
    def test_are_allowed_where_emoji_and_scripts_need_them(self, found, text):
        assert found(text, "text.hidden") == []


class TestWhatIsStale:
    @pytest.mark.parametrize(("text", "expected"), STALE)
    def test_is_found(self, found, text, expected):
        assert [place for _, place in found(text, "text.stale")] == expected

    @pytest.mark.parametrize("text", NOT_STALE)
    def test_is_not_seen_in_other_numbers(self, found, text):
        assert found(text, "text.stale") == []


class TestAFigureAboutPeople:
    @pytest.mark.parametrize(("text", "expected"), FIGURES)
    def test_needs_a_source(self, found, text, expected):
        assert [place for _, place in found(text, "statistic.")] == expected

    @pytest.mark.parametrize("text", NO_FIGURES)
    def test_is_not_seen_where_there_is_none_or_it_has_a_source(self, found, text):
        assert found(text, "statistic.") == []


class TestTheLength:
    def test_is_no_matter_without_a_network(self, found):
        assert found("a" * 100_000, "text.too_long") == []

    def test_is_found_where_the_text_stops_fitting(self, found):
        assert found("a" * 20, "text.too_long", profile=SHORT) == []
        assert found("a" * 20 + "bc", "text.too_long", profile=SHORT) == [("text.too_long", "bc")]

    def test_counts_for_each_part_of_a_thread(self, trafficking):
        verdict = evaluate(Facts(("a" * 20, "b" * 21), profile=SHORT), trafficking)
        assert [f.span for f in verdict.findings if f.code == "text.too_long"] == [(42, 43)]

    @pytest.mark.parametrize(
        ("text", "limits", "place", "said"),
        [
            ("a.gov b.gov", {"max_links": 1}, "b.gov", "2 links"),
            ("#a #b #c", {"max_hashtags": 2}, "#c", "3 hashtags"),
            ("@a @b", {"max_handles": 1}, "@b", "2 handles"),
            ("ééééé", {"byte_limit": 8}, "é", "10 bytes"),
            ("a\ufffeb", {"counting": Counting.WEIGHTED}, "\ufffeb", "U+FFFE"),
            (" \n", {}, " \n", "empty"),
        ],
    )
    def test_covers_every_limit_of_the_network_and_says_which(self, trafficking, text, limits, place, said):
        profile = replace(SHORT, **limits)
        assert not fits(text, profile)
        (finding,) = (
            f for f in evaluate(Facts(text, profile=profile), trafficking).findings if f.code == "text.too_long"
        )
        assert text[slice(*finding.span)] == place
        assert said in finding.message

    @given(st.text(alphabet="ab1.# @é🇺🇸\n\ufffe/:", max_size=40))
    def test_is_an_error_wherever_the_text_does_not_fit(self, text):
        for profile in (network.profile for network in NETWORKS.values()):
            small = replace(profile, limit=20, max_links=1, max_hashtags=1, max_handles=1)
            verdict = evaluate(Facts(text, profile=small), PLAIN)
            assert fits(text, small) is not any(f.code == "text.too_long" for f in verdict.errors)


class TestTheGrade:
    def test_is_noted_above_the_aim(self, found):
        hard = (
            "Organizational interdependencies necessitate comprehensive multidisciplinary collaboration initiatives "
            * 2
        )
        assert len(found(hard, "text.grade_level")) == 1

    def test_is_not_noted_for_easy_or_short_texts(self, found):
        assert found("Go and see. " * 10, "text.grade_level") == []
        assert found("Interdisciplinary collaboration", "text.grade_level") == []

    def test_is_measured_in_english_only(self, found):
        hard = (
            "Organizational interdependencies necessitate comprehensive multidisciplinary collaboration initiatives "
            * 2
        )
        assert found(hard, "text.grade_level", language="es") == []
