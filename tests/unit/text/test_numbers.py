from __future__ import annotations

import pytest

from app.text.folding import fold
from app.text.numbers import contact_digits, digits_of, number_pattern


def says(text: str, number: str) -> bool:
    return number_pattern(digits_of(number)).search(fold(text).text) is not None


class TestANumberLookedFor:
    @pytest.mark.parametrize("sought", ["1-888-373-7889", "(888) 373 7889", "+1 888.373.7889", "8883737889"])
    @pytest.mark.parametrize(
        "written",
        [
            "Call (888) 373 7889 now",
            "1-888-373-7889",
            "24/7 888·373·7889.",
            "+1 (888) 373-7889",
            "18883737889",
            "８８８-３７３-７８８９",
            "888\u2011373\u20117889",
            "888\u00a0373\u00a07889",
            "٨٨٨ ٣٧٣ ٧٨٨٩",
        ],
    )
    def test_is_found_in_any_grouping_with_and_without_a_1(self, sought: str, written: str) -> None:
        assert says(written, sought)

    @pytest.mark.parametrize("written", ["888-373-7888", "888-373-78890", "5888-373-7889", "888 373", "37378898883"])
    def test_is_not_found_in_another_number(self, written: str) -> None:
        assert not says(written, "888-373-7889")

    def test_of_seven_digits_is_found_behind_an_area_code(self) -> None:
        assert says("1-888-373-7889", "373-7889")


class TestAShortCode:
    @pytest.mark.parametrize("written", ["Text 233733", "text BEFREE (233733).", "233-733"])
    def test_is_found(self, written: str) -> None:
        assert says(written, "233733")

    @pytest.mark.parametrize("written", ["1-888-988-1234", "5988", "9881", "988.1234"])
    def test_is_not_found_inside_a_longer_number(self, written: str) -> None:
        assert not says(written, "988")


class TestContactDigits:
    def test_are_telephone_numbers_and_short_codes_outside_links(self) -> None:
        text = "Call 1-888-373-7888, TTY 711, text 233733. https://example.org/2027/12345 in 24 hours"
        assert contact_digits(text) == {"18883737888", "711", "233733"}
