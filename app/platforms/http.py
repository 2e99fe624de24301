"""All outbound HTTP goes through here: one guarded request at a time, each over a connection of its own.

- Only https to public addresses; private ones (and plain http to them) where the operator allows it; see `addresses`.
- No idle connections: a server that closes one while a post is on its way would leave us not knowing. No redirects,
  no retries, no cookies, no proxies from the environment.
- One total deadline over name lookup, connecting, TLS, writing and reading; caps on the answer's size, on its headers
  and on all that comes over the wire for it; and no compressed answers, so that none can grow in memory.
- Two errors only: `NotSent` before the request's first byte, `MaybeSent` from then on.
"""

from __future__ import annotations

import functools
import ssl
from collections.abc import Iterator, Mapping
from typing import Any

import certifi
import httpcore
import httpx

from app.clock import Clock
from app.platforms.guarded import GuardedBackend, Passage
from app.platforms.resolve import Resolver, system_resolver
from app.platforms.wire import MaybeSent, NotSent, Reply, WireError
from app.version import version

MAX_BYTES = 1_000_000
MAX_HEADERS = 200

# Interim answers, headers, trailers and the frames of chunks may take so much besides the body; httpcore itself takes
# at most 100 KB for the headers of one answer.
_FRAMES = 8
_AROUND = 1_000_000

# The first fitting row names what went wrong; httpx's and httpcore's errors have the same names but no common base.
_CODES: tuple[tuple[tuple[type[Exception], ...], str, str], ...] = (
    ((httpcore.ConnectTimeout, httpx.ConnectTimeout), "connect_timeout", "no connection in time"),
    ((httpcore.PoolTimeout, httpx.PoolTimeout), "connect_timeout", "no free connection in time"),
    ((httpcore.ReadTimeout, httpx.ReadTimeout), "read_timeout", "no complete answer in time"),
    ((httpcore.WriteTimeout, httpx.WriteTimeout), "write_timeout", "the request could not be written in time"),
    ((httpcore.ConnectError, httpx.ConnectError), "connect_failed", "the connection was refused or failed"),
    ((httpcore.ReadError, httpx.ReadError), "read_failed", "the connection broke before the answer was complete"),
    ((httpcore.WriteError, httpx.WriteError), "write_failed", "the connection broke while the request was written"),
    ((httpcore.ProtocolError, httpx.ProtocolError), "protocol_error", "the answer is no complete HTTP answer"),
)


@functools.cache
def user_agent() -> str:
    """Return the name and version that every request carries."""
    return f"Focusweek/{version()}"


@functools.cache
def trusted_authorities() -> ssl.SSLContext:
    """Return the TLS context: the system's authorities (an agency's own among them) and the bundled public ones."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class Outbound:
    """The one factory of outbound requests; thread-safe. `transport` replaces the network in tests."""

    def __init__(
        self,
        clock: Clock,
        *,
        allow_private: bool = False,
        transport: httpx.BaseTransport | None = None,
        resolver: Resolver = system_resolver,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._clock = clock
        self._allow_private = allow_private
        self._transport = transport
        self._resolver = resolver
        self._tls = tls

    @property
    def clock(self) -> Clock:
        """The clock that deadlines are read on."""
        return self._clock

    def request(
        self,
        method: str,
        url: str,
        *,
        deadline: float,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str | int] | None = None,
        json: Any = None,  # noqa: ANN401 - whatever the adapter's payload is
        content: bytes | None = None,
        max_bytes: int = MAX_BYTES,
    ) -> Reply:
        """Make one request, once, and read its whole answer before `deadline` (monotonic seconds of the clock).

        Raises:
            NotSent: Nothing left: bad or unsafe address, no name, no connection, no TLS, deadline already past.
            MaybeSent: Something left and no whole, plain answer within `max_bytes` bytes came back.
        """
        request = _build(method, url, headers=headers, params=params, json=json, content=content)
        host = request.url.host
        passage = Passage(
            self._clock,
            deadline,
            scheme=request.url.scheme,
            allow_private=self._allow_private,
            resolver=self._resolver,
            max_bytes=_FRAMES * max_bytes + _AROUND,
        )
        try:
            passage.left(httpcore.ConnectTimeout)
            if self._transport is None:
                return self._over_the_network(request, passage, max_bytes)
            return self._over_the_double(self._transport, request, passage, max_bytes)
        except WireError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a wire does ends as one of two errors, never as a traceback
            kind = MaybeSent if passage.sent else NotSent
            raise kind(*_said(error, host)) from None

    def _over_the_network(self, request: httpx.Request, passage: Passage, max_bytes: int) -> Reply:
        url = request.url
        port = url.port or (443 if url.scheme == "https" else 80)
        core = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.read(),
        )
        tls = (self._tls or trusted_authorities()) if url.scheme == "https" else None
        backend = GuardedBackend(passage)
        with httpcore.HTTPConnection(core.url.origin, ssl_context=tls, network_backend=backend) as connection:
            response = connection.handle_request(core)
            try:
                headers = _lower(response.headers)
                return Reply(response.status, headers, _body(response.iter_stream(), headers, url.host, max_bytes))
            finally:
                response.close()

    @staticmethod
    def _over_the_double(
        transport: httpx.BaseTransport, request: httpx.Request, passage: Passage, max_bytes: int
    ) -> Reply:
        # A double has no wire to watch. Its connect errors still mean not sent; all else may have been sent.
        try:
            response = transport.handle_request(request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, WireError):
            raise
        except Exception:
            passage.sent = True
            raise
        passage.sent = True
        headers = _lower(response.headers.raw)
        return Reply(response.status_code, headers, _body(response.iter_raw(), headers, request.url.host, max_bytes))


def _build(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None,
    params: Mapping[str, str | int] | None,
    json: Any,  # noqa: ANN401 - as in `request`
    content: bytes | None,
) -> httpx.Request:
    fixed = {
        "User-Agent": user_agent(),
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    try:
        request = httpx.Request(
            method, url, params=params, headers={**fixed, **(headers or {})}, json=json, content=content
        )
    except Exception as error:  # noqa: BLE001 - an address or a header that cannot be written is never sent
        raise NotSent("bad_request", f"the request cannot be written: {type(error).__name__}") from None
    if request.url.scheme not in ("http", "https") or not request.url.host:
        raise NotSent("unsafe_target", "only http and https addresses with a host are reached")
    if request.url.userinfo:
        raise NotSent("unsafe_target", f"{request.url.host}: an address must not carry a name and password")
    return request


def _body(chunks: Iterator[bytes], headers: Mapping[str, str], host: str, max_bytes: int) -> bytes:
    if headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise MaybeSent("encoded_answer", f"{host}: the answer is compressed though none was asked for")
    declared = headers.get("content-length", "")
    body = bytearray()
    if not (declared.isdigit() and len(declared) <= 18 and int(declared) > max_bytes):  # noqa: PLR2004 - 18 digits fit
        for chunk in chunks:
            body += chunk
            if len(body) > max_bytes:
                break
        else:
            return bytes(body)
    raise MaybeSent("answer_too_large", f"{host}: the answer is larger than {max_bytes} bytes")


def _lower(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    if len(headers) > MAX_HEADERS:
        raise MaybeSent("answer_too_large", f"the answer has more than {MAX_HEADERS} headers")
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}


def _said(error: Exception, host: str) -> tuple[str, str]:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError) and isinstance(error, (httpcore.ConnectError, httpx.ConnectError)):
            return "tls_failed", f"{host}: TLS failed: {getattr(cause, 'verify_message', '') or cause.reason}"
        cause = cause.__cause__ or cause.__context__
    for kinds, code, words in _CODES:
        if isinstance(error, kinds):
            return code, f"{host}: {words}"
    return "wire_error", f"{host}: {type(error).__name__}"
