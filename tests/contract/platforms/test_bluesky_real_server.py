"""Bluesky against the real server of npm, run on this machine."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import replace

import pytest

from app.clock import SystemClock
from app.composing.values import Part, PartLink, PartTag
from app.platforms.base import Sending
from app.platforms.results import CannotTell, NotFound, Permanent, Published

TEXT = "Know the signs 👩‍⚕️: acf.hhs.gov/otip #Partner2Prevent"


def sign_ins(double) -> list[str]:
    return [call.path.rsplit(".", 1)[1] for call in double.calls if "server" in call.path]


@pytest.mark.node
class TestTheRealServer:
    def test_takes_facets_links_and_hashtags_with_their_bytes(self, pds) -> None:
        part = Part(
            TEXT, 1, (PartLink((20, 36), "https://www.acf.hhs.gov/otip"),), (PartTag((37, 53), "Partner2Prevent"),)
        )
        start = TEXT.index("acf")
        tag = TEXT.index("#")
        part = replace(
            part,
            links=(PartLink((start, start + 16), "https://www.acf.hhs.gov/otip"),),
            hashtags=(PartTag((tag, len(TEXT)), "Partner2Prevent"),),
        )
        minted = pds.adapter.mint(
            part, connection=pds.connection, language="en", now=SystemClock().now(), seed="facets"
        )
        assert isinstance(pds.publish(Sending(minted)), Published)
        (record,) = pds._records()
        shown = [
            TEXT.encode()[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode()
            for facet in record["value"]["facets"]
        ]
        assert shown == ["acf.hhs.gov/otip", "#Partner2Prevent"]

    def test_takes_three_hundred_graphemes_and_no_more(self, pds) -> None:
        assert isinstance(pds.publish(pds.sending("é" * 300)), Published)
        assert isinstance(pds.publish(pds.sending("é" * 301)), Permanent)

    def test_calls_an_expired_token_400_and_the_session_is_refreshed(self, pds) -> None:
        pds.publish(pds.sending("first"))
        kept = pds.connection.credentials.read()
        before = kept["refresh_jwt"]
        kept["access_jwt"] = expired(kept["access_jwt"], pds.pds.jwt_secret)
        pds.connection.credentials.store(kept)
        pds.double.calls.clear()
        assert isinstance(pds.publish(pds.sending("second")), Published)
        assert sign_ins(pds.double) == ["refreshSession"]
        assert pds.connection.credentials.read()["refresh_jwt"] != before

    def test_calls_garbage_no_token_and_the_session_is_renewed(self, pds) -> None:
        pds.connection.credentials.store(
            pds.connection.credentials.read() | {"access_jwt": "garbage", "refresh_jwt": "garbage"}
        )
        assert isinstance(pds.publish(pds.sending("text")), Published)
        assert sign_ins(pds.double) == ["refreshSession", "createSession"]

    def test_answers_invalid_swap_where_other_content_stands(self, pds) -> None:
        sending = pds.sending("ours")
        other = replace(sending.minted, text="theirs", record={**sending.minted.record, "text": "theirs"})
        assert isinstance(pds.publish(Sending(other)), Published)
        result = pds.publish(sending)
        assert isinstance(result, Permanent)
        assert result.duplicate
        assert isinstance(pds.find(sending), CannotTell)
        assert pds.texts() == ["theirs"]

    def test_says_that_a_key_is_free_and_takes_it_again_after_a_retraction(self, pds) -> None:
        sending = pds.sending("text")
        assert isinstance(pds.find(sending), NotFound)
        ref = pds.publish(sending).ref
        pds.retract(ref)
        assert isinstance(pds.find(sending), NotFound)


def expired(token: str, secret: str) -> str:
    """Return the server's own token with an expiry in the past, signed anew."""

    def encode(raw: bytes) -> str:
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    def decode(piece: str) -> dict:
        return json.loads(base64.urlsafe_b64decode(piece + "=" * (-len(piece) % 4)))

    head, claims = (decode(piece) for piece in token.split(".")[:2])
    claims |= {"iat": claims["iat"] - 90_000, "exp": claims["iat"] - 80_000}
    signed = f"{encode(json.dumps(head).encode())}.{encode(json.dumps(claims).encode())}"
    return f"{signed}.{encode(hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest())}"
