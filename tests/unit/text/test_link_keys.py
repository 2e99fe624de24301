from __future__ import annotations

import time

import pytest

from app.text.link_keys import link_key


class TestWhatIsTheSame:
    @pytest.mark.parametrize(
        "written",
        [
            "https://www.acf.hhs.gov/otip",
            "http://acf.hhs.gov/otip/",
            "ACF.HHS.GOV/otip",
            "https://user@www.acf.hhs.gov:443/otip",
            " https://acf.hhs.gov./otip#",
            "https://acf.hhs.gov/otip?",
        ],
    )
    def test_is_one_key(self, written: str) -> None:
        assert link_key(written) == ("acf.hhs.gov", "/otip")

    def test_is_a_host_in_either_script(self) -> None:
        assert link_key("https://bücher.example/x") == link_key("xn--bcher-kva.example/x")


class TestWhatDiffers:
    @pytest.mark.parametrize(
        "other",
        [
            "https://acf.hhs.gov/OTIP",
            "https://acf.hhs.gov/otip/training",
            "https://acf.hhs.gov/otip?page=2",
            "https://acf.hhs.gov/otip#signs",
            "https://acf.hhs.gov:8443/otip",
            "https://acf-hhs.gov/otip",
            "https://acf.hhs.gov.example.org/otip",
            "https://acf.hhs.gov@example.org/otip",
            "https://a@acf.hhs.gov@example.org/otip",
            "https://example.org\\@acf.hhs.gov/otip",
        ],
    )
    def test_has_another_key(self, other: str) -> None:
        assert link_key(other) not in {None, link_key("https://acf.hhs.gov/otip")}

    @pytest.mark.parametrize(
        "text", ["", "help", "mailto:a@example.org", "ftp://example.org/x", "two words.org", "://", "a@b.org/x"]
    )
    def test_that_is_no_address_has_none(self, text: str) -> None:
        assert link_key(text) is None


class TestLeadingSomewhere:
    def test_a_sought_host_stands_for_all_its_pages(self) -> None:
        page, host = link_key("https://www.example.org/help?x=1"), link_key("example.org")
        assert page is not None
        assert host is not None
        assert page.leads_to(host)
        assert not host.leads_to(page)


@pytest.mark.parametrize(
    "text", ["a@" * 2000, "https://" + "/" * 3990, "[" * 4000, "a." * 2000, ":" * 4000, "@" * 4000]
)
def test_hostile_addresses_take_no_time(text: str) -> None:
    began = time.perf_counter()
    link_key(text)
    assert time.perf_counter() - began < 0.2
