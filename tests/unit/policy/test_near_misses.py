"""Every single slip in the bundled pack's hotline, and the hard forms of what is right or wrong."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.packs.bundled import default_pack
from app.packs.policy import build_policy
from app.policy.evaluate import evaluate
from app.policy.facts import Facts

POLICY = build_policy(default_pack(), year=2027)
NUMBER, SITE = "8883737888", "humantraffickinghotline.org"
GOOD = {number[-10:] for number in POLICY.contact.other_good_numbers}


def found(text: str, prefix: str) -> list[tuple[str, str]]:
    findings = evaluate(Facts(text), POLICY).findings
    return [(f.code, text[slice(*f.span)]) for f in findings if f.code.startswith(prefix)]


def has_mention(text: str) -> bool:
    return not found(text, "mention.missing")


def slips(right: str, letters: str) -> set[str]:
    """Return everything one edit away: a letter less, another, one more, two neighbours swapped."""
    return set(_slips(right, letters)) - {right}


def _slips(right: str, letters: str) -> Iterator[str]:
    for place in range(len(right) + 1):
        before, behind = right[:place], right[place:]
        yield from (before + letter + behind for letter in letters)
        if behind:
            yield before + behind[1:]
            yield from (before + letter + behind[1:] for letter in letters)
            yield before + behind[1:2] + behind[:1] + behind[2:]


def grouped(digits: str) -> tuple[str, ...]:
    first, second, third = digits[:3], digits[3:6], digits[6:]
    return (
        digits,
        f"{first}-{second}-{third}",
        f"({first}) {second}-{third}",
        f"{first}.{second}.{third}",
        f"1-{digits}",
    )


RIGHT = [
    "tel:+18883737888",
    "1-888-3737-888",
    "1 (888) 373 7888",
    "(888)373-7888",
    "1—888—373—7888",
    "1-888-373-7888x5",
    "1/888/373/7888",
    "٨٨٨٣٧٣٧٨٨٨",
    "0018883737888",
    "Text BE FREE to 233733",
    "Text BE-FREE to 233733",
    "txt 233733",
    "Text233733",
    "Text HELP to BEFREE",
    "Text us 24 hours a day, 7 days a week, at 233733",
    "humantraffickinghotline.org—call",
    "humantraffickinghotline.org, en español",
]
WRONG = [
    ("Text BEFREE to 233773", "233773"),
    ("Text BFREE to 233733", "BFREE"),
    ("Text BEFFREE to 233733", "BEFFREE"),
    ("Call 233733", "233733"),
    ("Call 233-733", "233-733"),
    ("Text 1-888-373-7888", "1-888-373-7888"),
    ("SMS us at 888 373 7888", "888 373 7888"),
    ("📞🇺🇸\r\nCall (888) 373-78888", "(888) 373-78888"),
    ("1-888-373-7888 or 1-800-373-7888", "1-800-373-7888"),
    ("Visit humantraffickinghotline,org", "humantraffickinghotline,org"),
    ("Visit humantraffickinghotline .org", "humantraffickinghotline .org"),
    ("https://humantraffickinghotline.org@evil.com/chat", None),
]
NOT_WRONG = [
    "Call or text 1-888-373-7888",
    "Text or call 1-888-373-7888",
    "Llame o envíe un mensaje de texto al 1-888-373-7888",
    "Text BEFORE you leave home",
    "Text HOME to 741741",
]


class TestEverySlip:
    @pytest.mark.parametrize("digits", sorted(slips(NUMBER, "0123456789")))
    def test_in_the_number_is_found_in_every_grouping(self, digits: str) -> None:
        if digits[-10:] in GOOD or digits == "1" + NUMBER:
            return
        for written in grouped(digits):
            assert [code for code, _ in found(f"Call {written} today", "mention.w")] == ["mention.wrong_number"], (
                written
            )

    @pytest.mark.parametrize("host", sorted(slips(SITE, "ax1-")))
    def test_in_the_website_is_found(self, host: str) -> None:
        if ".." in host or host[0] in ".-" or host[-1] in ".-" or ".-" in host or "-." in host or "." not in host:
            return
        text = f"See https://www.{host}/chat now"
        assert [code for code, _ in found(text, "mention.w")] == ["mention.wrong_site"]
        assert not has_mention(text)


class TestHardForms:
    @pytest.mark.parametrize("text", RIGHT)
    def test_of_the_right_contact_are_mentions(self, text: str) -> None:
        assert has_mention(text)
        assert found(text, "mention.") == []

    @pytest.mark.parametrize(("text", "place"), WRONG)
    def test_of_the_wrong_one_are_found_in_their_place(self, text: str, place: str | None) -> None:
        places = [place for _, place in found(text, "mention.wrong")]
        assert len(places) == 1
        assert place is None or places == [place]

    @pytest.mark.parametrize("text", NOT_WRONG)
    def test_of_something_else_are_let_be(self, text: str) -> None:
        assert found(text, "mention.wrong") == []
