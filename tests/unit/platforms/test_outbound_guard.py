from __future__ import annotations

import datetime as dt
import ipaddress
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from app.clock import SystemClock
from app.platforms.addresses import Reach, reach, refusal
from app.platforms.http import Outbound
from app.platforms.resolve import system_resolver
from app.platforms.wire import NotSent

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def fine(peer) -> None:
    peer.read_request()
    peer.say(OK)


def resolving_to(*addresses: str):
    return lambda host, port, seconds: list(addresses)


class TestAddresses:
    @pytest.mark.parametrize(
        "address",
        [
            "127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1",
            "100.127.255.255", "::1", "fc00::1", "fdff::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
            "64:ff9b::a00:1",
        ],
    )  # fmt: skip
    def test_private_ones_are_reached_only_where_allowed(self, address) -> None:
        assert refusal(address, scheme="https", allow_private=False) is not None
        assert refusal(address, scheme="https", allow_private=True) is None
        assert refusal(address, scheme="http", allow_private=True) is None

    @pytest.mark.parametrize(
        "address",
        [
            "0.0.0.0",  # noqa: S104 - a text, bound nowhere
            "0.1.2.3", "169.254.169.254", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.7",
            "203.0.113.9", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "::", "fe80::1", "fe80::1%eth0",
            "fec0::1", "ff02::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "2002:808:808::", "3fff::1",
            "64:ff9b:1::1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "100::1", "::127.0.0.1", "5f00::1",
            "not an address", "",
        ],
    )  # fmt: skip
    def test_others_are_never_reached(self, address) -> None:
        assert refusal(address, scheme="https", allow_private=True) is not None

    @pytest.mark.parametrize(
        "address", ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1", "2a00::1", "64:ff9b::808:808"]
    )
    def test_public_ones_are_reached_over_https_only(self, address) -> None:
        assert refusal(address, scheme="https", allow_private=False) is None
        assert refusal(address, scheme="http", allow_private=False) is not None
        assert refusal(address, scheme="http", allow_private=True) is not None

    @given(st.ip_addresses(v=4))
    def test_an_address_inside_another_is_judged_as_itself(self, address) -> None:
        assert reach(ipaddress.IPv6Address(f"::ffff:{address}")) is reach(address)
        assert reach(ipaddress.IPv6Address((0x64FF9B << 96) | int(address))) is reach(address)

    @given(st.ip_addresses())
    def test_what_python_calls_private_is_never_public(self, address) -> None:
        if not address.is_global and getattr(address, "ipv4_mapped", None) is None:
            assert reach(address) is not Reach.PUBLIC


class TestUnsafeTargets:
    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "0x7f.0.0.1", "2130706433", "0"])
    def test_are_refused_before_any_packet(self, serve, soon, host) -> None:
        server = serve(fine)
        with pytest.raises(NotSent) as caught:
            Outbound(SystemClock()).request("GET", f"http://{host}:{server.port}/", deadline=soon)
        assert caught.value.code in {"unsafe_target", "bad_request", "dns_failed"}
        assert server.heard == []

    def test_are_refused_when_only_one_of_a_names_addresses_is_unsafe(self, serve, soon) -> None:
        server = serve(fine)
        guarded = Outbound(SystemClock(), resolver=resolving_to("8.8.8.8", "127.0.0.1"))
        with pytest.raises(NotSent) as caught:
            guarded.request("GET", f"https://two.example:{server.port}/", deadline=soon)
        assert caught.value.code == "unsafe_target"
        assert server.heard == []

    def test_are_refused_when_public_and_in_the_clear(self, soon) -> None:
        guarded = Outbound(SystemClock(), allow_private=True, resolver=resolving_to("8.8.8.8"))
        with pytest.raises(NotSent) as caught:
            guarded.request("GET", "http://public.example/", deadline=soon)
        assert caught.value.code == "unsafe_target"

    def test_are_not_reached_by_a_name_that_changes_its_answer(self, serve, soon) -> None:
        server = serve(fine)
        answers = iter([["127.0.0.1"], ["8.8.8.8"]])
        asked = []

        def rebinding(host: str, port: int, seconds: float) -> list[str]:
            asked.append(host)
            return next(answers)

        outbound = Outbound(SystemClock(), allow_private=True, resolver=rebinding)
        assert outbound.request("GET", f"http://changing.example:{server.port}/", deadline=soon).status == 200
        assert asked == ["changing.example"]
        assert b"host: changing.example" in bytes(server.heard[0]).lower()

    def test_are_told_without_path_or_query(self, soon) -> None:
        with pytest.raises(NotSent) as caught:
            Outbound(SystemClock()).request("GET", "http://127.0.0.1/botSECRETTOKEN/x?key=SECRETKEY", deadline=soon)
        assert "SECRET" not in f"{caught.value!r} {caught.value} {caught.value.detail}"


class TestSeveralAddresses:
    def test_the_next_one_is_tried_where_the_first_refuses(self, serve, soon) -> None:
        server = serve(fine)
        outbound = Outbound(SystemClock(), allow_private=True, resolver=resolving_to("::1", "127.0.0.1"))
        assert outbound.request("GET", f"http://both.example:{server.port}/", deadline=soon).status == 200


def certificate(tmp_path, *names: str) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0])])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem, secret = tmp_path / "cert.pem", tmp_path / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, secret)
    return context


class TestTls:
    @pytest.fixture
    def server(self, serve, tmp_path):
        return serve(fine, tls=certificate(tmp_path, "good.example"))

    def trusting(self, tmp_path) -> Outbound:
        context = ssl.create_default_context(cafile=tmp_path / "cert.pem")
        return Outbound(SystemClock(), allow_private=True, resolver=resolving_to("127.0.0.1"), tls=context)

    def test_reaches_a_server_whose_name_is_certified(self, server, tmp_path, soon) -> None:
        reply = self.trusting(tmp_path).request("GET", f"https://good.example:{server.port}/", deadline=soon)
        assert reply.status == 200

    def test_refuses_a_certificate_for_another_name_before_the_request(self, server, tmp_path, soon) -> None:
        with pytest.raises(NotSent) as caught:
            self.trusting(tmp_path).request("GET", f"https://evil.example:{server.port}/", deadline=soon)
        assert caught.value.code == "tls_failed"
        assert all(heard == b"" for heard in server.heard)

    def test_refuses_an_unknown_authority(self, server, soon) -> None:
        outbound = Outbound(SystemClock(), allow_private=True, resolver=resolving_to("127.0.0.1"))
        with pytest.raises(NotSent) as caught:
            outbound.request("GET", f"https://good.example:{server.port}/", deadline=soon)
        assert caught.value.code == "tls_failed"


def test_the_machines_own_lookup_answers_for_localhost() -> None:
    assert set(system_resolver("localhost", 80, 5.0)) & {"127.0.0.1", "::1"}


def test_the_machines_own_lookup_says_no_to_what_is_no_name() -> None:
    with pytest.raises(OSError, match=r".+"):
        system_resolver("a" * 300 + ".invalid", 80, 5.0)
