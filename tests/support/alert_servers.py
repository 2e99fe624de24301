"""Real servers on loopback that take alerts: one for mail, one for webhooks."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import socket
import ssl
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.parser import BytesParser
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "focusweek", "a-very-secret-password"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@dataclass
class Mailbox:
    """What a mail server took, and what it is to refuse."""

    letters: list[Message] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    refuse_recipient: bool = False
    refuse_letter: str | None = None
    secured: list[bool] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - the name that the server calls
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.refuse_recipient:
            return f"550 5.1.1 no such user, {PASSWORD}"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        if self.refuse_letter:
            return self.refuse_letter
        content = envelope.content
        assert isinstance(content, bytes)
        self.letters.append(BytesParser(policy=default).parsebytes(content))
        self.recipients += envelope.rcpt_tos
        self.secured.append(session.ssl is not None)
        return "250 taken"


def text_of(letter: Message) -> str:
    content: str = letter.get_content()  # type: ignore[attr-defined]  # the default policy makes EmailMessage
    return content.replace("\r\n", "\n")


@contextlib.contextmanager
def mail_server(mailbox: Mailbox, port: int, **options: Any) -> Iterator[None]:
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, **options)
    with warnings.catch_warnings():
        # That a password may come in the clear on this machine is what some tests are about.
        warnings.filterwarnings("ignore", "Requiring AUTH while not requiring TLS")
        controller.start()
        try:
            yield
        finally:
            controller.stop()


def sign_in(_server: SMTP, _session: Session, _envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
    assert mechanism in {"LOGIN", "PLAIN"}
    right = isinstance(given, LoginPassword) and given.password == PASSWORD.encode() and given.login == USER.encode()
    return AuthResult(success=right, handled=False)


def certificate(directory: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A certificate for 127.0.0.1 that nobody else trusts: a server's context, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    cert, private = directory / "cert.pem", directory / "key.pem"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(cert, private)
    return server, ssl.create_default_context(cafile=str(cert))


@contextlib.contextmanager
def silent_server(first: bytes = b"", drip: bytes = b"") -> Iterator[int]:
    """A server that takes connections and then says next to nothing, one byte now and then at most."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)

        def talk(connection: socket.socket) -> None:
            with connection, contextlib.suppress(OSError):
                connection.sendall(first)
                while not over.wait(0.05):
                    if drip:
                        connection.sendall(drip)

        def accept() -> None:
            while not over.is_set():
                with contextlib.suppress(TimeoutError):
                    connection, _ = listener.accept()
                    talks.append(threading.Thread(target=talk, args=(connection,)))
                    talks[-1].start()

        talks: list[threading.Thread] = []
        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            for thread in (accepting, *talks):
                thread.join(5)


@dataclass
class Receiver:
    """What a webhook's receiver got, and how it answers."""

    status: int = 200
    url: str = ""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    location: str | None = None

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.got]


@contextlib.contextmanager
def webhook_server(receiver: Receiver) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(receiver.status)
            if receiver.location:
                self.send_header("Location", receiver.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_port}/alerts?key=part-of-the-address"
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
