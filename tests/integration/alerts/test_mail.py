"""The mail server: how it is spoken to, and what is said when it refuses."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog
from alert_servers import PASSWORD, Mailbox, certificate, free_port, mail_server, sign_in, silent_server
from alert_stage import SENDER, smtp_settings
from structlog.testing import capture_logs

from app.services.alerting.mail import Letter, MailServer
from app.services.alerting.sending import SendFailed
from app.settings import Settings

SIGNED_IN = {"smtp_user": "focusweek", "smtp_password": PASSWORD}
NEVER_SHOWN = (PASSWORD, base64.b64encode(PASSWORD.encode()).decode())


@pytest.fixture(autouse=True)
def _logs() -> Iterator[list[Any]]:
    structlog.reset_defaults()
    with capture_logs() as lines:
        yield lines
    assert not any(secret in str(lines) for secret in NEVER_SHOWN)


def letter(**values: Any) -> Letter:
    now = datetime(2027, 1, 11, 14, tzinfo=UTC)
    plain = {"to": "a@agency.example", "subject": "s", "text": "text\n", "key": "msg_1", "written_at": now}
    return Letter(**(plain | values))


def server(port: int, tls: Any = None, **values: Any) -> MailServer:
    settings = Settings(**smtp_settings(port, **({"smtp_timeout_seconds": 5} | values)))
    found = MailServer.from_settings(settings, tls)
    assert found is not None
    assert PASSWORD not in repr(found) + repr(settings)
    return found


def failure(found: MailServer) -> str:
    with pytest.raises(SendFailed) as raised:
        found.send(letter())
    detail = raised.value.detail
    assert not any(secret in detail for secret in NEVER_SHOWN)
    assert raised.value.__cause__ is None
    assert not raised.value.gone
    return detail


class TestTheWayThere:
    @pytest.mark.parametrize("security", ["starttls", "tls"])
    def test_is_encrypted_and_signed_in(self, mailbox: Mailbox, tmp_path: Path, security: str) -> None:
        theirs, ours = certificate(tmp_path)
        port = free_port()
        options: dict[str, Any] = {"authenticator": sign_in, "auth_required": True}
        options |= {"tls_context": theirs, "require_starttls": True} if security == "starttls" else {}
        options |= {"ssl_context": theirs, "auth_require_tls": False} if security == "tls" else {}
        with mail_server(mailbox, port, **options):
            server(port, ours, smtp_security=security, **SIGNED_IN).send(letter())
        assert len(mailbox.letters) == 1
        # A server that is encrypted from the first byte does not say so in its session; nothing else could reach it.
        assert mailbox.secured == [security == "starttls"]

    @pytest.mark.parametrize("security", ["starttls", "tls"])
    def test_is_refused_where_the_certificate_is_nobody_s(
        self, mailbox: Mailbox, tmp_path: Path, security: str
    ) -> None:
        theirs, _ = certificate(tmp_path)
        port = free_port()
        options: dict[str, Any] = {"tls_context": theirs} if security == "starttls" else {"ssl_context": theirs}
        # The server's own end of the broken handshake has no verdict of its own to give.
        with mail_server(mailbox, port, server_hostname="mail.example", **options):
            assert "certificate is not trusted" in failure(server(port, smtp_security=security, **SIGNED_IN))
        assert mailbox.letters == []

    def test_never_goes_on_without_the_encryption_that_was_asked_for(self, mailbox: Mailbox) -> None:
        port = free_port()
        with mail_server(mailbox, port):
            assert "does not offer what is asked" in failure(server(port, smtp_security="starttls"))
        assert mailbox.letters == []

    def test_carries_no_password_in_the_clear_beyond_this_machine(self) -> None:
        found = MailServer("mail.invalid", SENDER, 25, "none", "focusweek", PASSWORD, timeout=1)
        with pytest.raises(SendFailed) as raised:
            found._sign_in(None)  # type: ignore[arg-type]  # refused before anything is said
        assert "TLS only" in raised.value.detail

    def test_takes_the_usual_port_where_none_is_set(self) -> None:
        ports = {"none": 25, "starttls": 587, "tls": 465}
        for security, port in ports.items():
            settings = Settings(smtp_host="mail.example", smtp_from=SENDER, smtp_security=security)
            found = MailServer.from_settings(settings)
            assert found is not None
            assert found.port == port

    @pytest.mark.parametrize("missing", ["smtp_host", "smtp_from"])
    def test_is_none_where_none_is_set_up(self, missing: str) -> None:
        assert MailServer.from_settings(Settings(**(smtp_settings(25) | {missing: None}))) is None


class TestAServerThatRefuses:
    def test_the_password(self, mailbox: Mailbox) -> None:
        port = free_port()
        with mail_server(mailbox, port, authenticator=sign_in, auth_required=True, auth_require_tls=False):
            wrong = server(port, smtp_user="focusweek", smtp_password=PASSWORD + "-not")
            assert "refused the user name or password (535)" in failure(wrong)

    def test_the_recipient_in_words_that_hold_a_secret(self, mailbox: Mailbox) -> None:
        mailbox.refuse_recipient = True
        port = free_port()
        options = {"authenticator": sign_in, "auth_required": True, "auth_require_tls": False}
        with mail_server(mailbox, port, **options):
            detail = failure(server(port, **SIGNED_IN))
        assert detail == "127.0.0.1: the mail server refused the recipient: 550 5.1.1 no such user, [secret]"

    def test_the_letter(self, mailbox: Mailbox) -> None:
        mailbox.refuse_letter = "452 4.2.2 mailbox full"
        port = free_port()
        with mail_server(mailbox, port):
            assert "refused: 452 4.2.2 mailbox full" in failure(server(port))

    @pytest.mark.parametrize("address", ["a@agency.example\r\nBcc: b@x.example", "a", ""])
    def test_an_address_that_is_none_before_anything_is_sent(self, mailbox: Mailbox, address: str) -> None:
        port = free_port()
        with mail_server(mailbox, port), pytest.raises(SendFailed):
            server(port).send(letter(to=address))
        assert mailbox.letters == []


class TestAServerThatHangs:
    @pytest.mark.parametrize(
        ("first", "drip"), [(b"", b""), (b"220 here\r\n", b""), (b"220-", b"x"), (b"", b"220-x\r\n")]
    )
    def test_is_given_up_in_time_however_slowly_it_drips(self, first: bytes, drip: bytes) -> None:
        began = time.monotonic()
        with silent_server(first, drip) as port:
            detail = failure(server(port, smtp_timeout_seconds=0.3))
        assert "did not answer in time" in detail
        assert time.monotonic() - began < 5


class TestALetter:
    def test_keeps_its_words_whatever_they_are(self, mailbox: Mailbox) -> None:
        port = free_port()
        text = "Día de la niñez 🎗\n.\nFrom here\n" + "x" * 2000 + "\n"
        with mail_server(mailbox, port):
            server(port).send(letter(text=text, subject="Día\r\nBcc: b@x.example\x00 " + "ü" * 100))
        (got,) = mailbox.letters
        assert got.get_content().replace("\r\n", "\n") == text  # type: ignore[attr-defined]
        assert got["Subject"] == "Día Bcc: b@x.example " + "ü" * 100
        assert got["Bcc"] is None
