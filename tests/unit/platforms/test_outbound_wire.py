from __future__ import annotations

import socket
import threading
import time

import pytest

from app.clock import SystemClock
from app.platforms.http import Outbound
from app.platforms.wire import MaybeSent, NotSent

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def answer(data: bytes):
    def behaviour(peer) -> None:
        peer.read_request()
        peer.say(data)

    return behaviour


class TestAWholeAnswer:
    def test_is_a_reply_with_status_headers_and_body(self, serve, outbound, soon) -> None:
        server = serve(answer(b'HTTP/1.1 201 Created\r\nX-Id: 7\r\nContent-Length: 8\r\n\r\n{"a": 1}'))
        reply = outbound.request("POST", server.url + "/x", json={"b": "é"}, deadline=soon)
        assert (reply.status, reply.headers["x-id"], reply.json()) == (201, "7", {"a": 1})

    def test_arrives_over_ipv6_too(self, serve, outbound, soon) -> None:
        server = serve(answer(OK), family=socket.AF_INET6)
        assert outbound.request("GET", server.url, deadline=soon).status == 200

    def test_may_come_in_chunks(self, serve, outbound, soon) -> None:
        chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"
        assert outbound.request("GET", serve(answer(chunked)).url, deadline=soon).json() == {}

    def test_may_follow_an_interim_one(self, serve, outbound, soon) -> None:
        reply = outbound.request("GET", serve(answer(b"HTTP/1.1 103 Early Hints\r\n\r\n" + OK)).url, deadline=soon)
        assert reply.status == 200

    def test_that_is_no_json_reads_as_none(self, serve, outbound, soon) -> None:
        deep = b"[" * 200_000
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(deep)
        reply = outbound.request("GET", serve(answer(head + deep)).url, deadline=soon)
        assert reply.json() is None
        assert reply.json_object() == {}


class TestTheRequest:
    def test_names_us_asks_for_plain_bytes_and_keeps_no_connection(self, serve, outbound, soon) -> None:
        server = serve(answer(OK))
        outbound.request("GET", server.url + "/p", params={"q": "a b"}, headers={"X-A": "1"}, deadline=soon)
        head = bytes(server.heard[0]).decode().lower()
        assert head.startswith(("get /p?q=a+b http/1.1\r\n", "get /p?q=a%20b http/1.1\r\n"))
        assert "user-agent: focusweek/" in head
        assert "accept-encoding: identity" in head
        assert "connection: close" in head
        assert "x-a: 1" in head

    def test_goes_over_a_connection_of_its_own_each_time(self, serve, outbound, soon) -> None:
        def keeps_open(peer) -> None:
            peer.read_request()
            peer.say(OK)
            peer.read_request()

        server = serve(keeps_open)
        for _ in range(3):
            outbound.request("POST", server.url, json={}, deadline=soon)
        assert len(server.heard) == 3

    def test_takes_no_proxy_from_the_environment(self, serve, outbound, soon, monkeypatch) -> None:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
        assert outbound.request("GET", serve(answer(OK)).url, deadline=soon).status == 200

    def test_carries_no_cookie_of_an_earlier_answer(self, serve, outbound, soon) -> None:
        server = serve(answer(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 2\r\n\r\n{}"))
        for _ in range(2):
            outbound.request("GET", server.url, deadline=soon)
        assert b"cookie" not in bytes(server.heard[1]).lower()

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_follows_no_redirect(self, serve, outbound, soon, status) -> None:
        other = serve(answer(OK))
        head = f"HTTP/1.1 {status} Moved\r\nLocation: {other.url}/\r\nContent-Length: 0\r\n\r\n".encode()
        assert outbound.request("POST", serve(answer(head)).url, json={}, deadline=soon).status == status
        assert other.heard == []


class TestNothingLeft:
    def test_when_the_connection_is_refused(self, outbound, soon) -> None:
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        with pytest.raises(NotSent) as caught:
            outbound.request("POST", f"http://127.0.0.1:{port}", json={}, deadline=soon)
        assert caught.value.code == "connect_failed"

    def test_when_the_name_has_no_address(self, soon) -> None:
        def nameless(host: str, port: int, seconds: float) -> list[str]:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")

        with pytest.raises(NotSent) as caught:
            Outbound(SystemClock(), resolver=nameless).request("POST", "https://no.example", deadline=soon)
        assert caught.value.code == "dns_failed"

    def test_when_the_name_is_looked_up_too_slowly(self) -> None:
        def slow(host: str, port: int, seconds: float) -> list[str]:
            assert seconds <= 0.3
            raise TimeoutError

        with pytest.raises(NotSent) as caught:
            Outbound(SystemClock(), resolver=slow).request(
                "POST", "https://slow.example", deadline=time.monotonic() + 0.3
            )
        assert caught.value.code == "dns_timeout"

    def test_when_the_deadline_has_passed(self, serve, outbound) -> None:
        server = serve(answer(OK))
        with pytest.raises(NotSent):
            outbound.request("POST", server.url, json={}, deadline=time.monotonic() - 1)
        assert server.heard == []

    def test_when_tls_fails(self, serve, outbound, soon) -> None:
        server = serve(lambda peer: peer.say(b"this is no TLS at all, whatever you say\r\n"))
        with pytest.raises(NotSent) as caught:
            outbound.request("POST", server.url.replace("http:", "https:"), json={}, deadline=soon)
        assert caught.value.code in {"tls_failed", "connect_failed"}

    def test_when_the_tls_handshake_hangs(self, serve, outbound) -> None:
        done = threading.Event()
        server = serve(lambda peer: done.wait(5))
        began = time.monotonic()
        with pytest.raises(NotSent) as caught:
            outbound.request("POST", server.url.replace("http:", "https:"), json={}, deadline=began + 0.3)
        done.set()
        assert caught.value.code == "connect_timeout"
        assert time.monotonic() - began < 2

    @pytest.mark.parametrize(
        "url", ["", "nothing", "ftp://127.0.0.1/x", "file:///etc/passwd", "http://", "http://[::1", "http://a\x00b"]
    )
    def test_when_the_address_is_none(self, outbound, soon, url) -> None:
        with pytest.raises(NotSent):
            outbound.request("GET", url, deadline=soon)

    def test_when_a_header_cannot_be_written(self, serve, outbound, soon) -> None:
        server = serve(answer(OK))
        with pytest.raises(NotSent):
            outbound.request("POST", server.url, headers={"X": "a\r\nInjected: b"}, deadline=soon)
        assert all(b"Injected" not in heard for heard in server.heard)

    def test_when_the_address_carries_a_password(self, serve, outbound, soon) -> None:
        with pytest.raises(NotSent) as caught:
            outbound.request("GET", "http://name:hunter22@127.0.0.1:1/", deadline=soon)
        assert "hunter22" not in str(caught.value)


class TestSomethingLeft:
    def test_when_the_connection_is_reset_after_the_request(self, serve, outbound, soon) -> None:
        def behaviour(peer) -> None:
            peer.read_request()
            peer.reset()

        with pytest.raises(MaybeSent):
            outbound.request("POST", serve(behaviour).url, json={}, deadline=soon)

    def test_when_the_connection_is_reset_amid_the_request(self, serve, outbound, soon) -> None:
        def behaviour(peer) -> None:
            peer.socket.recv(10)
            peer.reset()

        with pytest.raises(MaybeSent):
            outbound.request("POST", serve(behaviour).url, content=b"x" * 5_000_000, deadline=soon)

    @pytest.mark.parametrize(
        "said",
        [
            pytest.param(b"", id="nothing"),
            pytest.param(b"HTTP/1.1 200", id="half a status line"),
            pytest.param(b"HTTP/9.9 999999 ??\r\n\r\n", id="malformed status line"),
            pytest.param(b"HELLO\r\n\r\n", id="another protocol"),
            pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}", id="shorter than declared"),
            pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", id="two lengths"),
            pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n", id="no chunk"),
            pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 300_000 + b"\r\n\r\n", id="endless header"),
        ],
    )
    def test_when_the_answer_is_broken(self, serve, outbound, soon, said) -> None:
        with pytest.raises(MaybeSent):
            outbound.request("POST", serve(answer(said)).url, json={}, deadline=soon)

    def test_when_the_answer_never_comes(self, serve, outbound) -> None:
        done = threading.Event()

        def behaviour(peer) -> None:
            peer.read_request()
            done.wait(5)

        began = time.monotonic()
        with pytest.raises(MaybeSent) as caught:
            outbound.request("POST", serve(behaviour).url, json={}, deadline=began + 0.3)
        done.set()
        assert caught.value.code == "read_timeout"

    @pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"])
    def test_and_a_server_that_drips_bytes_cannot_stretch_the_deadline(self, serve, outbound, head) -> None:
        def behaviour(peer) -> None:
            peer.read_request()
            peer.say(head)
            for _ in range(200):
                peer.say(b"x" if head else b"H")
                time.sleep(0.03)

        began = time.monotonic()
        with pytest.raises(MaybeSent):
            outbound.request("POST", serve(behaviour).url, json={}, deadline=began + 0.4)
        assert time.monotonic() - began < 1.5

    def test_when_the_server_does_not_read(self, serve, outbound) -> None:
        done = threading.Event()
        server = serve(lambda peer: done.wait(5))
        began = time.monotonic()
        with pytest.raises(MaybeSent):
            outbound.request("POST", server.url, content=b"x" * 50_000_000, deadline=began + 0.5)
        done.set()
        assert time.monotonic() - began < 3

    def test_when_the_server_reads_drop_by_drop(self, serve, outbound) -> None:
        done = threading.Event()

        def behaviour(peer) -> None:
            peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            while not done.wait(0.02):
                peer.socket.recv(4096)

        began = time.monotonic()
        with pytest.raises(MaybeSent) as caught:
            outbound.request("POST", serve(behaviour).url, content=b"x" * 50_000_000, deadline=began + 0.5)
        done.set()
        assert caught.value.code in {"write_timeout", "read_timeout"}
        assert time.monotonic() - began < 3


class TestAnAnswerTooLarge:
    @pytest.mark.parametrize("declared", [True, False])
    def test_is_not_read_to_its_end(self, serve, outbound, soon, declared) -> None:
        said = []

        def behaviour(peer) -> None:
            peer.read_request()
            length = b"Content-Length: 1000000000\r\n" if declared else b""
            peer.say(b"HTTP/1.1 200 OK\r\n" + length + b"\r\n")
            for _ in range(10_000):
                peer.say(b"x" * 10_000)
                said.append(10_000)

        with pytest.raises(MaybeSent) as caught:
            outbound.request("GET", serve(behaviour).url, deadline=soon, max_bytes=50_000)
        assert caught.value.code == "answer_too_large"
        assert sum(said) < 50_000_000

    @pytest.mark.parametrize("encoding", [b"gzip", b"br", b"deflate, gzip", b"x-unknown"])
    def test_cannot_hide_in_compression(self, serve, outbound, soon, encoding) -> None:
        said = b"HTTP/1.1 200 OK\r\nContent-Encoding: " + encoding + b"\r\nContent-Length: 2\r\n\r\n{}"
        with pytest.raises(MaybeSent) as caught:
            outbound.request("GET", serve(answer(said)).url, deadline=soon)
        assert caught.value.code == "encoded_answer"
