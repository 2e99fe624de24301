"""E-mail: one plain letter to one address over the operator's SMTP server."""

from __future__ import annotations

import base64
import contextlib
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from ipaddress import ip_address

from app.platforms.wire import brief
from app.services.alerting.sending import SendFailed
from app.settings import Settings

_PORTS = {"none": 25, "starttls": 587, "tls": 465}


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it is written; `key` is the same on every try, and `written_at` is aware."""

    to: str
    subject: str
    text: str
    key: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class MailServer:
    """How the operator's mail server is reached. `timeout` is in seconds, for each step and, thrice, for all."""

    host: str
    sender: str
    port: int
    security: str = "starttls"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout: float = 20.0
    tls: ssl.SSLContext | None = field(default=None, repr=False)

    @classmethod
    def from_settings(cls, settings: Settings, tls: ssl.SSLContext | None = None) -> MailServer | None:
        """Return the operator's mail server, or None where none is set up."""
        if settings.smtp_host is None or settings.smtp_from is None:
            return None
        password = settings.smtp_password
        return cls(
            host=settings.smtp_host,
            sender=settings.smtp_from,
            port=settings.smtp_port or _PORTS[settings.smtp_security],
            security=settings.smtp_security,
            user=settings.smtp_user,
            password=None if password is None else password.get_secret_value(),
            timeout=settings.smtp_timeout_seconds,
            tls=tls,
        )

    def send(self, letter: Letter) -> None:
        """Send a letter; returns when the server has taken it.

        Raises:
            SendFailed: It did not, or nobody knows; the same letter may be sent again.
        """
        overdue = threading.Event()
        try:
            content = _message(letter, self.sender).as_bytes()
            with self._connected(overdue) as client:
                if self.user is not None:
                    self._sign_in(client)
                client.sendmail(self.sender, [letter.to], content)
        except SendFailed:
            raise
        except (smtplib.SMTPException, MessageError, OSError, ValueError, IndexError) as error:
            raise SendFailed(self._said(error, overdue=overdue.is_set())) from None

    @contextlib.contextmanager
    def _connected(self, overdue: threading.Event) -> Iterator[smtplib.SMTP]:
        """Give a client behind its greeting and TLS. A server that drips is cut off, for each step has its time."""
        tls = self._tls() if self.security != "none" else None
        name = socket.gethostname().encode("ascii", "ignore").decode() or "localhost"
        client: smtplib.SMTP = (
            smtplib.SMTP_SSL(local_hostname=name, timeout=self.timeout, context=tls)
            if self.security == "tls"
            else smtplib.SMTP(local_hostname=name, timeout=self.timeout)
        )
        # What the certificate must name; the class takes it from its constructor, which would connect at once.
        client._host = self.host  # type: ignore[attr-defined]  # noqa: SLF001 - there is no public way
        cut = threading.Timer(3 * self.timeout, _cut, (client, overdue))
        cut.daemon = True
        cut.start()
        try:
            client.connect(self.host, self.port)
            if self.security == "starttls":
                client.starttls(context=tls)
            yield client
            # The letter is taken; how the server says goodbye changes nothing.
            with contextlib.suppress(smtplib.SMTPException, OSError):
                client.quit()
        finally:
            cut.cancel()
            client.close()

    def _tls(self) -> ssl.SSLContext:
        if self.tls is not None:
            return self.tls
        from app.platforms.http import trusted_authorities  # noqa: PLC0415 - reads all certificates of the machine

        return trusted_authorities()

    def _sign_in(self, client: smtplib.SMTP) -> None:
        if self.security == "none" and not _is_here(self.host):
            raise SendFailed(f"{self.host}: a password is sent over TLS only; set FOCUSWEEK_SMTP_SECURITY.")
        client.login(self.user or "", self.password or "")

    def _said(self, error: Exception, *, overdue: bool) -> str:
        """Say what went wrong, without the password, whatever the server repeats."""
        # The library says of a time-out while it reads that the connection was closed.
        if overdue or isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
            return f"{self.host}: the mail server did not answer in time."
        match error:
            case smtplib.SMTPAuthenticationError():
                what = f"the mail server refused the user name or password ({error.smtp_code})."
            case smtplib.SMTPRecipientsRefused():
                code, reply = next(iter(error.recipients.values()))
                what = f"the mail server refused the recipient: {code} {_text(reply)}"
            case smtplib.SMTPResponseException():
                what = f"the mail server refused: {error.smtp_code} {_text(error.smtp_error)}"
            case smtplib.SMTPNotSupportedError():
                what = f"the mail server does not offer what is asked of it: {error}"
            case ssl.SSLCertVerificationError():
                what = f"the mail server's certificate is not trusted: {error.verify_message}"
            case ssl.SSLError():
                what = f"TLS failed: {error.reason}"
            case smtplib.SMTPServerDisconnected():
                what = "the mail server closed the connection."
            case OSError():
                what = f"the mail server cannot be reached: {error.strerror or type(error).__name__}"
            case _:
                what = f"the letter cannot be written ({type(error).__name__})."
        return brief(f"{self.host}: {what}", *self._secrets())

    def _secrets(self) -> Iterator[str]:
        if self.password:
            yield self.password
            yield base64.b64encode(self.password.encode()).decode()
            yield base64.b64encode(f"\0{self.user or ''}\0{self.password}".encode()).decode()


def _message(letter: Letter, sender: str) -> EmailMessage:
    """Return the letter with its headers; whatever stands in a name, a header stays one line."""
    message = EmailMessage(policy=SMTP)
    message["From"] = Address("Focusweek", addr_spec=sender)
    message["To"] = Address(addr_spec=letter.to)
    message["Subject"] = " ".join("".join(c if c.isprintable() else " " for c in letter.subject).split())
    message["Date"] = format_datetime(letter.written_at)
    message["Message-ID"] = f"<{letter.key}@{sender.rpartition('@')[2]}>"
    # RFC 3834: no holiday notice is to answer this.
    message["Auto-Submitted"] = "auto-generated"
    # No server need know 8 bits, and no line grows too long.
    message.set_content(letter.text, cte="quoted-printable")
    return message


def _cut(client: smtplib.SMTP, overdue: threading.Event) -> None:
    overdue.set()
    with contextlib.suppress(OSError, AttributeError):
        client.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]  # None before it is connected


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _text(reply: bytes | str) -> str:
    return reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
