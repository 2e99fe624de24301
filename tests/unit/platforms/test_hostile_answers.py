"""What servers may answer on a bad day or out of malice, over real sockets: each ends as the one true result."""

from __future__ import annotations

import contextlib
import time
from datetime import UTC, datetime

import pytest

from app.platforms.base import Connection, Minted, Sending, Via
from app.platforms.credentials import MemoryCredentials
from app.platforms.mastodon.adapter import MastodonAdapter
from app.platforms.results import CannotTell, Permanent, Published, Retryable, Unknown
from app.platforms.wire import MaybeSent, NotSent

SENDING = Sending(Minted("key", "Help is there.", {"status": "Help is there."}))
BODY = b'{"id": "7", "url": "https://social.example/7"}'


def answer(data: bytes):
    def behaviour(peer) -> None:
        peer.read_request()
        peer.say(data)

    return behaviour


def framed(body: bytes, *headers: bytes, length: int | None = None, status: bytes = b"200 OK") -> bytes:
    head = [b"HTTP/1.1 " + status, b"Content-Length: %d" % (len(body) if length is None else length), *headers]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def chunked(*chunks: bytes, trailers: bytes = b"") -> bytes:
    said = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + said + b"0\r\n" + trailers + b"\r\n"


def connection(url: str) -> Connection:
    return Connection("agency", "mastodon", Via.NETWORK, MemoryCredentials({"token": "t"}), url, "1")


class TestAPublishingCall:
    @pytest.mark.parametrize(
        ("said", "result"),
        [
            pytest.param(framed(BODY), Published, id="a plain yes"),
            pytest.param(framed(BODY, b"Content-Type: text/html"), Published, id="a yes under a wrong type"),
            pytest.param(framed(b"\xef\xbb\xbf" + BODY), Published, id="a yes after a byte order mark"),
            pytest.param(framed(BODY + b"garbage", length=len(BODY)), Published, id="a yes and more than declared"),
            pytest.param(framed(BODY) + framed(b"{}", status=b"500 No"), Published, id="a yes and a second answer"),
            pytest.param(chunked(BODY[:9], BODY[9:], trailers=b"X-Sum: 1\r\n"), Published, id="a yes with trailers"),
            pytest.param(b"HTTP/1.0 200 OK\r\n\r\n" + BODY, Published, id="a yes that ends with the connection"),
            pytest.param(framed(b"<html>Sign in to the guest network</html>"), Unknown, id="a page of somebody else"),
            pytest.param(framed(b"<html>", b"Content-Type: application/json"), Unknown, id="a page as JSON"),
            pytest.param(framed(BODY, length=len(BODY) - 3), Unknown, id="less declared than sent"),
            pytest.param(framed(BODY, length=len(BODY) + 3), Unknown, id="more declared than sent"),
            pytest.param(framed(BODY, b"Content-Length: 5"), Unknown, id="two lengths"),
            pytest.param(framed(BODY, b"Content-Length: -1"), Unknown, id="a negative length"),
            pytest.param(framed(BODY, b"Content-Encoding: gzip"), Unknown, id="compressed, it says"),
            pytest.param(framed(b"\x1f\x8b\x08\x00" * 9), Unknown, id="compressed without saying"),
            pytest.param(framed(BODY, status=b"204 No Content"), Unknown, id="nothing, with a body"),
            pytest.param(b"HTTP/1.1 204 No Content\r\n\r\n", Unknown, id="nothing"),
            pytest.param(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", Unknown, id="another protocol"),
            pytest.param(BODY, Unknown, id="HTTP/0.9"),
            pytest.param(b"HTTP/2 200\r\n\r\n", Unknown, id="a later version"),
            pytest.param(b"ICY 200 OK\r\n\r\n" + BODY, Unknown, id="no HTTP"),
            pytest.param(chunked(BODY).replace(b"\r\n0\r\n", b"\r\nzz\r\n"), Unknown, id="a chunk of no size"),
            pytest.param(chunked(BODY)[:-5], Unknown, id="chunks without an end"),
            pytest.param(b"HTTP/1.1 200 OK\r\nX: a\x00b\r\n\r\n" + BODY, Unknown, id="a header with a NUL"),
            pytest.param(framed(BODY, *[b"X-%d: 1" % n for n in range(900)]), Unknown, id="hundreds of headers"),
            pytest.param(framed(BODY, b"X: " + b"a" * 10_000_000), Unknown, id="a header of 10 MB"),
            pytest.param(framed(b"[" * 900_000), Unknown, id="JSON without a floor"),
            pytest.param(framed(b'{"id": ' + b"9" * 5000 + b"}"), Unknown, id="a number of 5000 digits"),
            pytest.param(framed(b'{"id": NaN}'), Unknown, id="no number"),
            pytest.param(framed(b'{"error": "x"}', status=b"422 No"), Permanent, id="a plain no"),
            pytest.param(framed(b"<html>", status=b"403 No"), Permanent, id="a no as a page"),
            pytest.param(framed(b"", status=b"429 No"), Retryable, id="too many, without a word"),
            pytest.param(framed(b"", b"Retry-After: " + b"9" * 90_000, status=b"429 No"), Retryable, id="a long time"),
        ],
    )
    def test_ends_as_what_is_known_of_it(self, serve, outbound, soon, said, result) -> None:
        adapter = MastodonAdapter(outbound)
        got = adapter.publish_part(SENDING, connection(serve(answer(said)).url), deadline=soon)
        assert isinstance(got, result), got

    def test_leaves_no_second_request_whatever_is_answered(self, serve, outbound, soon) -> None:
        server = serve(answer(framed(b"", status=b"503 No")))
        MastodonAdapter(outbound).publish_part(SENDING, connection(server.url), deadline=soon)
        assert len(server.heard) == 1


class TestALook:
    @pytest.mark.parametrize(
        ("said", "later"),
        [
            pytest.param(framed(b"<html>Be right back</html>"), True, id="a page in place of the list"),
            pytest.param(framed(b"[", length=90), True, id="half a list"),
            pytest.param(framed(b"{}", status=b"503 No"), True, id="down"),
            pytest.param(framed(b"{}", status=b"401 No"), False, id="token refused"),
            pytest.param(framed(b'[{"id": "1"}]'), False, id="posts without a date"),
            pytest.param(framed(b"[7, null]"), False, id="no posts at all"),
        ],
    )
    def test_that_shows_nothing_proves_nothing(self, serve, outbound, soon, said, later) -> None:
        adapter, since = MastodonAdapter(outbound), datetime.now(UTC)
        found = adapter.find_part(
            SENDING, connection(serve(answer(said)).url), since=since, taken=frozenset(), deadline=soon
        )
        assert isinstance(found, CannotTell)
        assert found.later is later


def dripping(head: bytes, drop: bytes, *, pause: float = 0.03):
    def behaviour(peer) -> None:
        peer.read_request()
        peer.say(head)
        for _ in range(300):
            peer.say(drop)
            time.sleep(pause)

    return behaviour


class TestADrip:
    @pytest.mark.parametrize(
        ("head", "drop"),
        [
            pytest.param(b"HTTP/1.1 200 OK\r\nX: ", b"a", id="in a header"),
            pytest.param(b"HTTP/1.1 200 OK\r\n", b"X: a\r\n", id="of headers"),
            pytest.param(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n", id="of interim answers"),
            pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", id="of chunks"),
            pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0", id="in a chunk's size"),
            pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X: a\r\n", id="of trailers"),
            pytest.param(b"HTTP/1.0 200 OK\r\n\r\n", b"x", id="until the connection ends"),
        ],
    )
    def test_cannot_stretch_the_deadline(self, serve, outbound, head, drop) -> None:
        began = time.monotonic()
        with pytest.raises(MaybeSent):
            outbound.request("POST", serve(dripping(head, drop)).url, json={}, deadline=began + 0.4)
        assert time.monotonic() - began < 1.5

    def test_in_the_tls_handshake_cannot_either_and_nothing_was_sent(self, serve, outbound) -> None:
        def behaviour(peer) -> None:
            peer.say(b"\x16\x03\x03\x3f\x00\x02\x00\x3e\xfc\x03\x03")
            for _ in range(300):
                peer.say(b"\x00")
                time.sleep(0.03)

        began = time.monotonic()
        with pytest.raises(NotSent) as caught:
            outbound.request("POST", serve(behaviour).url.replace("http:", "https:"), json={}, deadline=began + 0.4)
        assert caught.value.code == "connect_timeout"
        assert time.monotonic() - began < 1.5


class TestAFlood:
    @pytest.mark.parametrize(
        ("head", "wave"),
        [
            pytest.param(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 2_000, id="of interim answers"),
            pytest.param(
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                b"1;" + b"x" * 200 + b"\r\n.\r\n",
                id="of words",
            ),
        ],
    )
    def test_is_not_read_to_its_end(self, serve, outbound, head, wave) -> None:
        said = []

        def behaviour(peer) -> None:
            peer.read_request()
            peer.say(head)
            with contextlib.suppress(OSError):
                while sum(said) < 200_000_000:
                    peer.say(wave * 50)
                    said.append(len(wave) * 50)

        with pytest.raises(MaybeSent) as caught:
            outbound.request("GET", serve(behaviour).url, deadline=time.monotonic() + 20, max_bytes=10_000)
        assert caught.value.code in {"answer_too_large", "protocol_error"}
        assert sum(said) < 20_000_000
