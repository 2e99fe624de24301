from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.text.telephones import find_telephone_numbers

NUMBERS = [
    ("1-888-555-0100", ["18885550100"]),
    ("Call (888) 555-0100.", ["8885550100"]),
    ("+1 (888) 555-0100", ["18885550100"]),
    ("1.888.555.0100", ["18885550100"]),
    ("1 888 5550 100", ["18885550100"]),
    ("1/888/555/0100", ["18885550100"]),
    ("1\u00a0888\u2011555\u20130100", ["18885550100"]),
    ("１－８８８－５５５－０１００", ["18885550100"]),
    ("٨٨٨ ٥٥٥ ٠١٠٠", ["8885550100"]),
    ("1-888\u200b-555-0100", ["18885550100"]),
    ("911 or 1-888-555-0100", ["18885550100"]),
    ("24/7 1-888-555-0100 24/7", ["18885550100"]),
    ("2023-01-11 888-555-0100", ["8885550100"]),
    ("233733 1-888-555-0100", ["18885550100"]),
    ("888-555-0100 or 800-555-0199", ["8885550100", "8005550199"]),
    ("888-555-0100/800-555-0199", ["8885550100", "8005550199"]),
    ("888-555-010 7 days", ["888555010"]),
    ("1-888-555-01000", ["188855501000"]),
    ("555-0100", ["5550100"]),
    ("0800 123 4567", ["08001234567"]),
]
NONE = [
    "",
    "2023-01-11",
    "1/11/2023",
    "11.01.2023 18",
    "2020-2023",
    "2020 - 2023",
    "$1888555010",
    "27,600,000 people",
    "12345",
    "233733",
    "1234567890123456",
    "1 888\n555\n0100"[:5],
]


class TestATelephoneNumber:
    @pytest.mark.parametrize(("text", "digits"), NUMBERS)
    def test_is_found_however_it_is_grouped(self, text, digits):
        assert [number.digits for number in find_telephone_numbers(text)] == digits

    @pytest.mark.parametrize("text", NONE)
    def test_is_not_seen_in_other_digits(self, text):
        assert find_telephone_numbers(text) == ()

    @pytest.mark.parametrize(
        ("text", "place"),
        [
            ("(1-888-555-0100)", "1-888-555-0100"),
            ("at (888) 555-0100.", "(888) 555-0100"),
            ("at +1 (888) 555-0100,", "+1 (888) 555-0100"),
            ("so 1-888\u200b-555-0100\u200b now", "1-888\u200b-555-0100"),
        ],
    )
    def test_has_its_place_in_the_original(self, text, place):
        [number] = find_telephone_numbers(text)
        assert number.text == text[slice(*number.span)] == place

    def test_is_not_looked_for_in_links(self):
        text = "x.org/1-888-555-0100 888-555-0101"
        assert [n.digits for n in find_telephone_numbers(text, ((0, 20),))] == ["8885550101"]

    @given(st.text(alphabet="0123456789 -./()+$abc\u200b\n"))
    def test_lies_inside_any_text_and_apart_from_others(self, text):
        end = 0
        for number in find_telephone_numbers(text):
            assert end <= number.span[0] < number.span[1] <= len(text)
            assert text[slice(*number.span)] == number.text
            end = number.span[1]
