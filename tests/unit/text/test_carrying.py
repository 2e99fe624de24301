from __future__ import annotations

import pytest

from app.text.carrying import replaced_link, replaced_number, says_link, says_number, says_words


class TestANumber:
    @pytest.mark.parametrize(
        "text",
        [
            "Call 1-888-373-7888 now.",
            "Call (888) 373 7888.",
            "Call +1 888.373.7888",
            "Call 8883737888",
            "Call 888\u2011373\u20117888",
            "Call \uff18\uff18\uff18-373-7888",
        ],
    )
    def test_is_said_in_any_grouping(self, text: str) -> None:
        assert says_number(["Something else.", text], "1-888-373-7888")

    @pytest.mark.parametrize("text", ["Call 1-888-373-7889.", "No 18883737888000.", "888-373, then 7 888."])
    def test_is_not_said_by_another(self, text: str) -> None:
        assert not says_number([text], "1-888-373-7888")

    def test_that_is_short_is_no_part_of_a_longer_one(self) -> None:
        assert says_number(["Text 233733 (BEFREE)."], "233733")
        assert not says_number(["Call 1-233733-1234."], "233733")

    def test_is_replaced_however_it_is_grouped(self) -> None:
        text = "Call 888 373-7888 or 1.888.373.7888!"
        assert replaced_number(text, "(888) 373-7888", "1-202-555-0142") == "Call 1-202-555-0142 or 1-202-555-0142!"


class TestALink:
    def test_is_said_by_what_leads_there(self) -> None:
        assert says_link(["Read www.example.org/help/"], (), "https://example.org/help")
        assert says_link(["Read this"], ["http://example.org/help"], "example.org/help")
        assert says_link(["Read example.org/any/page"], (), "https://www.example.org")

    def test_is_not_said_by_another_page_or_host(self) -> None:
        assert not says_link(["Read example.org/helping"], (), "example.org/help")
        assert not says_link(["Read notexample.org"], (), "example.org")
        assert not says_link(["Read example.org"], (), "not a link")

    def test_is_replaced(self) -> None:
        assert replaced_link("See www.example.org/help.", "example.org/help", "example.org/new") == (
            "See example.org/new."
        )


class TestAWording:
    def test_is_said_in_its_order_whatever_stands_around_its_words(self) -> None:
        assert says_words(["Open, 24 HOURS a day!"], "24 hours a day")
        assert says_words(["a thread that ends: open", "24 hours a day"], "open 24 hours")

    def test_is_not_said_by_its_words_in_another_order(self) -> None:
        assert not says_words(["a day of 24 hours"], "24 hours a day")
        assert not says_words(["anything"], "...")
