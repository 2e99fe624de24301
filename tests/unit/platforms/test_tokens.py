from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.platforms.bluesky.tokens import expiry_of

AT = datetime(2027, 4, 1, tzinfo=UTC)


def token(payload: object) -> str:
    body = base64.urlsafe_b64encode(json.dumps(payload).encode()).rstrip(b"=").decode()
    return f"e30.{body}.c2ln"


class TestATokensExpiry:
    @pytest.mark.parametrize("pad", range(4))
    def test_is_what_it_says_of_itself(self, pad) -> None:
        assert expiry_of(token({"exp": int(AT.timestamp()), "x": "?>" * pad})) == AT

    @pytest.mark.parametrize(
        "payload",
        [
            {},
            [],
            7,
            None,
            {"exp": None},
            {"exp": "soon"},
            {"exp": True},
            {"exp": 1e300},
            {"exp": -(10**20)},
            {"exp": float("nan")},
            {"exp": float("inf")},
        ],
    )
    def test_is_unknown_where_it_names_no_moment(self, payload) -> None:
        assert expiry_of(token(payload)) is None

    @pytest.mark.parametrize("text", ["", "opaque", "a.b", "a.!!.c", "a.\xff.c", "...", "e30." + "W1t" * 5_000 + ".x"])
    def test_is_unknown_where_it_is_no_such_token(self, text) -> None:
        assert expiry_of(text) is None

    @given(st.text(max_size=60), st.binary(max_size=60))
    def test_is_read_from_anything_without_failing(self, text, data) -> None:
        expiry_of(text)
        expiry_of("a." + base64.urlsafe_b64encode(data).decode() + ".c")
