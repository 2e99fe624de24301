from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.platforms.outcomes import LONGEST_PAUSE, of_wire, parse_instant, rest_until, retry_at
from app.platforms.results import Permanent, Retryable, Unknown
from app.platforms.wire import DETAIL_LENGTH, MaybeSent, NotSent, Reply, brief, printable

NOW = datetime(2027, 1, 11, 15, 0, tzinfo=UTC)


class TestARateLimitsEnd:
    @pytest.mark.parametrize(
        ("headers", "seconds"),
        [
            ({"retry-after": "90"}, 90),
            ({"retry-after": "1.5"}, 1.5),
            ({"retry-after": "Mon, 11 Jan 2027 15:02:00 GMT"}, 120),
            ({"x-ratelimit-reset": "2027-01-11T15:05:00.000Z"}, 300),
            ({"x-ratelimit-reset": "2027-01-11T10:05:00-05:00"}, 300),
            ({"ratelimit-reset": str(int(NOW.timestamp()) + 60)}, 60),
            ({"ratelimit-reset": str(int(NOW.timestamp()) - 60)}, 0),
            ({"x-ratelimit-reset": "2099-01-01T00:00:00Z"}, 86400),
            ({"retry-after": "99999999999999999999"}, None),
            ({"retry-after": "-5"}, None),
            ({"retry-after": "soon"}, None),
            ({}, None),
            ({"retry-after": "rubbish", "ratelimit-reset": str(int(NOW.timestamp()) + 60)}, 60),
            ({"retry-after": "0", "x-ratelimit-reset": "2027-01-11T15:05:00Z"}, 300),
            ({"retry-after": "0"}, 0),
            ({"x-rate-limit-reset": str(int(NOW.timestamp()) + 90)}, 90),
            ({"ratelimit-reset": "45"}, 45),
            ({"x-ratelimit-reset": "NaN"}, None),
            ({"x-ratelimit-reset": "inf"}, None),
            ({"x-ratelimit-reset": "9999-12-31T23:59:59-12:00"}, None),
            ({"retry-after": "Fri, 31 Dec 9999 23:59:59 -1200"}, None),
            ({"retry-after": "Mon, 11 Jan 99999 15:02:00 GMT"}, None),
            ({"retry-after": "9" * 100_000}, None),
            ({"retry-after": "Mon, " + "x" * 10_000_000}, None),
        ],
    )
    def test_is_read_from_whichever_header_says_it(self, headers, seconds) -> None:
        assert retry_at(headers, NOW) == (None if seconds is None else NOW + timedelta(seconds=seconds))

    @given(st.text(max_size=60))
    def test_is_none_or_within_a_day_whatever_the_header(self, value) -> None:
        for name in ("retry-after", "x-ratelimit-reset", "ratelimit-reset"):
            instant = retry_at({name: value}, NOW)
            assert instant is None or NOW <= instant <= NOW + LONGEST_PAUSE


class TestAnAccountWithoutAFurtherCall:
    @staticmethod
    def rest(left: str, reset: str):
        return rest_until({"left": left, "reset": reset}, NOW, remaining="left", reset="reset")

    @pytest.mark.parametrize("left", ["0", " 0 ", "-1", "00"])
    def test_rests_until_the_reset(self, left) -> None:
        assert self.rest(left, "2027-01-11T15:05:00.000Z") == NOW + timedelta(minutes=5)
        assert self.rest(left, str(int(NOW.timestamp()) + 60)) == NOW + timedelta(seconds=60)

    @pytest.mark.parametrize("left", ["1", "299", "", "none", "0.5", "9" * 5000, "NaN"])
    def test_is_not_what_another_remainder_says(self, left) -> None:
        assert self.rest(left, "2027-01-11T15:05:00.000Z") is None

    @pytest.mark.parametrize("reset", ["", "soon", "2027-01-11T14:00:00Z", "-5", "NaN"])
    def test_does_not_rest_where_no_moment_ahead_is_named(self, reset) -> None:
        assert self.rest("0", reset) is None

    def test_rests_a_day_at_most(self) -> None:
        assert self.rest("0", "9999-01-01T00:00:00Z") == NOW + LONGEST_PAUSE

    @given(st.text(max_size=40), st.text(max_size=40))
    def test_rests_a_sensible_time_whatever_the_headers(self, left, reset) -> None:
        instant = self.rest(left, reset)
        assert instant is None or NOW < instant <= NOW + LONGEST_PAUSE


class TestWireErrors:
    @pytest.mark.parametrize("code", ["dns_failed", "dns_timeout", "connect_failed", "connect_timeout", "tls_failed"])
    def test_before_the_first_byte_may_be_tried_again(self, code) -> None:
        assert of_wire(NotSent(code, "x")) == Retryable(code, "x")

    @pytest.mark.parametrize("code", ["unsafe_target", "bad_request"])
    def test_about_the_address_are_for_good(self, code) -> None:
        assert of_wire(NotSent(code, "x")) == Permanent(code, "x")

    def test_after_it_are_unknown(self) -> None:
        assert of_wire(MaybeSent("read_timeout", "x")) == Unknown("read_timeout", "x")


class TestInstants:
    @pytest.mark.parametrize(
        "value", [None, 5, "", "yesterday", "2027-13-01T00:00:00Z", "9" * 99, "0001-01-01T00:00:00+23:00"]
    )
    def test_that_are_none_read_as_none(self, value) -> None:
        assert parse_instant(value) is None

    def test_without_an_offset_are_utc(self) -> None:
        assert parse_instant("2027-01-11T15:00:00") == NOW


class TestDetails:
    def test_are_short_and_of_one_line(self) -> None:
        said = brief("a\nb\tc\x00d " + "word " * 1000)
        assert said.startswith("a b c d word")
        assert len(said) == DETAIL_LENGTH

    @pytest.mark.parametrize(
        "leak",
        [
            "Bearer abcdefghijklmnop",
            "token=abcdefghijklmnop",
            '"access_token": "abcdefghijklmnop"',
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhYmNkZWZnaGlqa2xtbm9wIn0.abcdefghijklmnop-abcdefghijklmnop",
            "0123456789abcdef0123456789abcdef01234567-abcdefghijklmnop",
        ],
    )
    def test_hold_nothing_that_looks_like_a_token(self, leak) -> None:
        assert "abcdefghijklmnop" not in brief(f"The server says: {leak} is wrong")

    def test_hold_none_of_the_secrets_named(self) -> None:
        assert "ab-cd" not in brief("password ab-cd is wrong", "ab-cd", "")

    def test_keep_plain_words(self) -> None:
        assert brief("Validation failed: Text can't be blank") == "Validation failed: Text can't be blank"

    @given(st.text(max_size=400), st.text(min_size=1, max_size=20))
    def test_are_printable_whatever_comes_in(self, text, secret) -> None:
        said = brief(text, secret)
        assert said.isprintable()
        assert len(said) <= DETAIL_LENGTH

    def test_names_that_a_server_gives_are_kept_as_they_are_but_for_what_cannot_be_shown(self) -> None:
        long_name = "office-of-a-very-long-name-indeed-and-more.example.gov"
        assert printable(long_name + "\x00\ud800") == long_name
        assert len(printable("a" * 9999)) == 253
        assert printable(None) == ""

    def test_a_replys_repr_shows_neither_headers_nor_body(self) -> None:
        assert repr(Reply(200, {"set-cookie": "hidden"}, b"hidden")) == "Reply(status=200)"
