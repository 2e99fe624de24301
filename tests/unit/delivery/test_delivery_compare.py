from __future__ import annotations

import time

import pytest

from app.delivery.compare import addresses_in, differences
from app.platforms.results import Seen

TEXT = "Learn the signs & call 1-888-373-7888 or text 233733. https://www.acf.hhs.gov/otip/training #Partner2Prevent"
LINK = "https://www.acf.hhs.gov/otip/training"


class TestNoDifference:
    @pytest.mark.parametrize(
        "seen",
        [
            Seen(TEXT),
            Seen(TEXT, (LINK,)),
            Seen(TEXT.replace(" ", "\u00a0 \n")),
            Seen(TEXT + " – shared by our agency", (LINK, "https://example.social/tags/partner2prevent")),
            Seen(TEXT.replace(LINK, "acf.hhs.gov/otip/trai…"), ("http://acf.hhs.gov/otip/training/",)),
            Seen(TEXT.replace(LINK, "ACF.hhs.gov/otip/training")),
        ],
    )
    def test_is_what_carries_all(self, seen: Seen) -> None:
        assert differences(TEXT, {}, seen) == ()

    def test_is_a_handle_without_its_server(self) -> None:
        assert differences("Thanks, @agency@example.social!", {}, Seen("Thanks, @agency!")) == ()

    def test_is_a_letter_composed_otherwise(self) -> None:
        assert differences("Línea", {}, Seen("Li\u0301nea")) == ()

    def test_is_a_target_behind_a_visible_link(self) -> None:
        record = {"facets": [{"features": [{"uri": "https://www.train.org/full?course=1"}]}]}
        seen = Seen("See train.org", ("https://train.org/full?course=1",))
        assert differences("See train.org", record, seen) == ()


class TestADifference:
    @pytest.mark.parametrize(
        ("seen", "said"),
        [
            (Seen(TEXT.replace("7888", "7889")), "The number 18883737888"),
            (Seen(TEXT.replace("233733", "233773")), "The number 233733"),
            (Seen(TEXT.replace("1-888-373-7888", "1-888-373-78")), "The number 18883737888"),
            (Seen(TEXT.replace(LINK, "https://acf.hhs.gov/otip")), "The link acf.hhs.gov/otip/training"),
            (Seen(TEXT.replace("hhs.gov", "hhs.com"), ()), "The link acf.hhs.gov/otip/training"),
            (Seen(TEXT.replace("Learn the signs & ", "")), "shorter"),
            (Seen(""), "shorter"),
        ],
    )
    def test_is_said(self, seen: Seen, said: str) -> None:
        assert any(said in one for one in differences(TEXT, {}, seen))

    def test_is_a_link_that_leads_elsewhere_behind_the_same_words(self) -> None:
        record = {"links": [{"start": 4, "end": 13, "target": "https://www.train.org/full"}]}
        told = differences("See train.org", record, Seen("See train.org", ("https://train.org/other",)))
        assert told == ("The link train.org/full is not there.",)

    def test_is_a_link_that_is_none_any_more(self) -> None:
        record = {"links": ["https://www.train.org/full"]}
        assert differences("See train.org", record, Seen("See train.org"))


class TestAddressesInARecord:
    def test_are_those_that_stand_alone_in_any_form(self) -> None:
        record = {
            "status": "https://example.org/a and more words",
            "links": ["https://example.org/b"],
            "facets": [{"features": [{"uri": "HTTPS://example.org/c", "$type": "app.bsky.richtext.facet#link"}]}],
            "number": 5,
            "none": None,
        }
        assert sorted(addresses_in(record)) == ["HTTPS://example.org/c", "https://example.org/b"]


@pytest.mark.parametrize("seen", ["@a@" * 300_000, "1-" * 400_000, "https://" * 100_000, "a." * 400_000])
def test_hostile_answers_take_little_time(seen: str) -> None:
    began = time.perf_counter()
    differences(TEXT, {}, Seen(seen, (seen,)))
    assert time.perf_counter() - began < 5
