from __future__ import annotations

import pytest

from app.policy.evaluate import evaluate
from app.policy.facts import Facts
from app.policy.mentions import find_mentions

MENTIONS = [
    "1-888-373-7888",
    "Call 888-373-7888",
    "888.373.7888",
    "(888) 373-7888",
    "1 (888) 373-7888",
    "+1 888 373 7888",
    "+1 (888) 373-7888",
    "18883737888",
    "1-888-3737-888",
    "1–888–373–7888",
    "1‑888‑373‑7888",
    "1\u00a0888\u00a0373\u00a07888",
    "１-８８８-３７３-７８８８",
    "1-888-373\u200b-7888",
    "24/7 1-888-373-7888",
    "911 or 1-888-373-7888",
    "in 2023 1-888-373-7888",
    "Hotline:1-888-373-7888!",
    "(1-888-373-7888)",
    "1-888-373-7888/233733",
    "Text 1-888-373-7888",
    "text 233733",
    "Text 233733",
    "TEXT 233733",
    "Text 'BEFREE' to 233733",
    "Text “BEFREE” to 233733",
    "text: 233733",
    "SMS 233733",
    "text BeFree",
    "text BEFREE",
    "text “233733” (BEFREE)",
    "texting 233733",
    "Text HELP or INFO to 233733",
    "text 233-733",
    "text 233 733",
    "text 233733 24/7",
    "Call or text 233733",
    "text or call 233733",
    "envía un mensaje de texto al 233733",
    "Call 1-888-373-7889, no: text 233733",
    "humantraffickinghotline.org",
    "Visit humantraffickinghotline.org.",
    "Visit HumanTraffickingHotline.org!",
    "https://www.humantraffickinghotline.org/",
    "http://humantraffickinghotline.org",
    "humantraffickinghotline.org/es",
    "humantraffickinghotline.org/en/chat",
    "https://humantraffickinghotline.org/chat?x=1#y",
    "humantraffickinghotline.org/es/chat/",
    "humantraffickinghotline.org?utm_source=x",
    "humantraffickinghotline.org/#top",
]

NO_MENTIONS = [
    "",
    "National Human Trafficking Hotline",
    "233733",
    "BEFREE",
    "Call 233733",
    "Dial BEFREE.",
    "Read this text. 233733 people",
    "the text of the law\n\n233733",
    "1-888-373-7889",
    "1-888-373-788",
    "911",
    "humantraffickinghotline.org/get-help",
    "humantraffickinghotline.org/es/get-help",
    "humantraffickinghotline.org/what-human-trafficking.",
    "humantraffickinghotline.com",
    "humantraffickinghotline.org.evil.com",
    "chat.humantraffickinghotline.org",
    "user@humantraffickinghotline.org",
    "https://example.org/1-888-373-7888",
    "https://example.org/?q=text+233733",
    "https://example.org/humantraffickinghotline.org",
    "humantraffickingh0tline.org",
    "humantraffiсkinghotline.org",
]

# Each text with what mention.wrong_number finds in it.
WRONG_NUMBERS = [
    ("1-888-373-7889", ["1-888-373-7889"]),
    ("Call 1-888-373-788 now", ["1-888-373-788"]),
    ("888-373-788", ["888-373-788"]),
    ("888-373-78888", ["888-373-78888"]),
    ("1-888-373-78888", ["1-888-373-78888"]),
    ("1-888-337-7888", ["1-888-337-7888"]),
    ("1-800-373-7888", ["1-800-373-7888"]),
    ("1 (888) 373 7898", ["1 (888) 373 7898"]),
    ("18883737889", ["18883737889"]),
    ("+1.888.373.7878", ["+1.888.373.7878"]),
    ("8883737889", ["8883737889"]),
    ("1-888-373\u200b-7889", ["1-888-373\u200b-7889"]),
    ("１-888-373-7889", ["１-888-373-7889"]),
    ("Call 1-888-373-7888 or 1-888-373-7898", ["1-888-373-7898"]),
    ("Call 233733", ["233733"]),
    ("Call us at 233733", ["233733"]),
    ("text 233732", ["233732"]),
    ("Text HELP to 233734", ["233734"]),
    ("text 23373", ["23373"]),
    ("text 2337333", ["2337333"]),
    ("text 233-734", ["233-734"]),
    ("SMS 237333", ["237333"]),
    ("text BEFRE", ["BEFRE"]),
    ("text 'befre'", ["befre"]),
    ("text befre to 233733", ["befre"]),
    ("Text BEEFREE to 233733", ["BEEFREE"]),
    ("text BFREE", ["BFREE"]),
]

RIGHT_NUMBERS = [
    "1-888-373-7888",
    "(202) 555-0100",
    "911",
    "988",
    "1-800-799-7233",
    "1-888-873-7888",
    "TTY: 711",
    "text 741741",
    "text 233733",
    "text BEFREE",
    "Text before you drive",
    "Text 233733 before midnight",
    "TEXT BEFORE MIDNIGHT",
    "Call 1-888-373-7888 or text 233733 (BEFREE)",
    "Text or call 233733",
    "https://example.org/1-888-373-7889",
    "tel. 2023-01-11",
    "18883737889000000",
    "text 2023",
    "text $233734",
]

WRONG_SITES = [
    "humantraffickinghotline.com",
    "humantraffickinghotline.net",
    "www.humantraffickinghotline.us",
    "humantraffickinghotlne.org",
    "humantrafickinghotline.org",
    "humantraffickinghotline.ogr",
    "humantraffickinghotlineorg.org",
    "human-trafficking-hotline.org",
    "humantraffickingh0tline.org",
    "humantraffiсkinghotline.org",
    "ｈumantraffickinghotline.org",
    "humantrafficking\u200bhotline.org",
    "humantraffickinghotline.org.evil.com",
    "evil-humantraffickinghotline.org",
    "https://humantraffickinghotline.co/chat",
    "https://humantraffickinghotline.org@humantraffickinghotline.info/",
    "xn--humantraffikinghotline-e5k.org",
]

RIGHT_SITES = [
    "humantraffickinghotline.org",
    "www.humantraffickinghotline.org/get-help",
    "chat.humantraffickinghotline.org",
    "humantraffickinghotline.org.",
    "humantraffickinghotline.org\u200b",
    "HUMANTRAFFICKINGHOTLINE.ORG",
    "hhs.gov",
    "acf.hhs.gov/humantraffickinghotline.com",
    "example.org/?to=humantraffickinghotline.com",
    "state.gov/humantrafficking",
    "user@humantraffickinghotline.com",
    "humantrafficking.org",
]


class TestAMention:
    @pytest.mark.parametrize("text", MENTIONS)
    def test_is_recognised_in_every_form(self, found, text):
        assert found(text, "mention.missing") == []

    @pytest.mark.parametrize("text", NO_MENTIONS)
    def test_is_missing_where_nobody_could_reach_the_hotline(self, found, text):
        assert len(found(text, "mention.missing")) == 1

    def test_stands_in_the_first_part_of_a_thread(self, trafficking):
        late = evaluate(Facts(("Learn the signs.", "Call 1-888-373-7888.")), trafficking)
        early = evaluate(Facts(("Call 1-888-373-7888.", "Learn the signs.")), trafficking)
        assert [f.span for f in late.findings if f.code == "mention.missing"] == [(16, 16)]
        assert not [f for f in early.findings if f.code == "mention.missing"]

    def test_has_its_place(self, trafficking):
        text = "Call 1-888-373-7888, text 233733 or see humantraffickinghotline.org."
        places = find_mentions(Facts(text), trafficking)
        assert [text[slice(*place)] for place in places] == ["1-888-373-7888", "233733", "humantraffickinghotline.org"]

    def test_says_what_to_add(self, trafficking):
        [missing] = [f for f in evaluate(Facts("Hi"), trafficking).findings if f.code == "mention.missing"]
        assert "1-888-373-7888" in missing.suggestion
        assert "233733 (BEFREE)" in missing.suggestion


class TestAWrongNumber:
    @pytest.mark.parametrize(("text", "expected"), WRONG_NUMBERS)
    def test_is_found_with_its_place(self, found, text, expected):
        assert [place for _, place in found(text, "mention.wrong_number")] == expected

    @pytest.mark.parametrize("text", RIGHT_NUMBERS)
    def test_is_not_seen_in_another_good_number(self, found, text):
        assert found(text, "mention.wrong_number") == []

    def test_suggests_the_right_one(self, trafficking):
        findings = evaluate(Facts("Call 1-888-373-7889 or text 233734"), trafficking).findings
        assert [f.suggestion for f in findings if f.code == "mention.wrong_number"] == ["1-888-373-7888", "233733"]


class TestAWrongSite:
    @pytest.mark.parametrize("text", WRONG_SITES)
    def test_is_found_where_it_could_be_taken_for_the_hotlines(self, found, text):
        assert len(found(f"Visit {text} today", "mention.wrong_site")) == 1

    @pytest.mark.parametrize("text", RIGHT_SITES)
    def test_is_not_seen_in_the_hotlines_own_or_any_other(self, found, text):
        assert found(f"Visit {text} today", "mention.wrong_site") == []
