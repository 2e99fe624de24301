"""The network underneath one request: checked addresses, one deadline for everything, and a note of the first byte."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from typing import Any

import httpcore

from app.clock import Clock
from app.platforms.addresses import refusal
from app.platforms.resolve import Resolver
from app.platforms.wire import MaybeSent, NotSent

MAX_ADDRESSES = 4
LONGEST_CONNECT = 10.0  # seconds for one address, so that a silent first one leaves time for the next


class Passage:
    """One request's way out: until when, whither, whether a byte of it has left, and how much may come back."""

    def __init__(
        self, clock: Clock, deadline: float, *, scheme: str, allow_private: bool, resolver: Resolver, max_bytes: int
    ) -> None:
        self._clock = clock
        self._deadline = deadline
        self._may_come = max_bytes
        self.scheme = scheme
        self.allow_private = allow_private
        self.resolver = resolver
        self.sent = False

    def left(self, error: type[Exception]) -> float:
        """Return the seconds left, or raise `error` where there are none."""
        seconds = self._deadline - self._clock.monotonic()
        if seconds <= 0:
            raise error("the deadline has passed")
        return seconds

    def came(self, count: int) -> None:
        """Count what came back, whatever part of an answer it is.

        Raises:
            MaybeSent: It is more than any answer needs.
        """
        self._may_come -= count
        if self._may_come < 0:
            raise MaybeSent("answer_too_large", "the server sends without end")

    def addresses(self, host: str, port: int) -> list[str]:
        """Look `host` up once and return its addresses, every one of them checked.

        Raises:
            NotSent: No address, no answer in time, or an address that must not be reached.
        """
        try:
            found = self.resolver(host, port, self.left(TimeoutError))
        except TimeoutError:
            raise NotSent("dns_timeout", f"{host}: the name was not looked up in time") from None
        except OSError:
            raise NotSent("dns_failed", f"{host}: the name has no address") from None
        if not found:
            raise NotSent("dns_failed", f"{host}: the name has no address")
        for address in found:
            if why := refusal(address, scheme=self.scheme, allow_private=self.allow_private):
                raise NotSent("unsafe_target", f"{host}: {why}")
        return found[:MAX_ADDRESSES]


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to checked addresses only, for one request."""

    def __init__(self, passage: Passage) -> None:
        self._passage = passage
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the passage's deadline rules
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Try the checked addresses in turn, within the time left."""
        failure: Exception = httpcore.ConnectError("no address")
        addresses = self._passage.addresses(host, port)
        for index, address in enumerate(addresses):
            share = self._passage.left(httpcore.ConnectTimeout) / (len(addresses) - index)
            try:
                stream = self._sockets.connect_tcp(
                    address, port, min(share, LONGEST_CONNECT), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return GuardedStream(stream, self._passage)
        raise failure


class GuardedStream(httpcore.NetworkStream):
    """A connection whose every read and write ends with the deadline, however slowly the other side drips."""

    def __init__(self, stream: httpcore.NetworkStream, passage: Passage) -> None:
        self._stream = stream
        self._passage = passage

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - the deadline rules
        """Read what is there, within the time left."""
        data = self._stream.read(max_bytes, self._passage.left(httpcore.ReadTimeout))
        self._passage.came(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - the deadline rules
        """Write piece by piece, each within the time left; the request counts as on its way before the first piece.

        httpcore's own stream allows its time-out anew for each piece, and a peer that reads a little now and then
        could stretch it.
        """
        sock = self._stream.get_extra_info("socket")
        left = memoryview(buffer)
        while left:
            sock.settimeout(self._passage.left(httpcore.WriteTimeout))
            self._passage.sent = True
            try:
                done = sock.send(left)
            except TimeoutError:
                raise httpcore.WriteTimeout("the deadline has passed") from None
            except OSError as error:
                raise httpcore.WriteError(str(error)) from None
            left = left[done:]

    def close(self) -> None:
        """Close the socket."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - the deadline rules
    ) -> httpcore.NetworkStream:
        """Shake hands within the time left; the peer's certificate is checked against the name."""
        stream = self._stream.start_tls(ssl_context, server_hostname, self._passage.left(httpcore.ConnectTimeout))
        return GuardedStream(stream, self._passage)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's own signature
        """Return what httpcore asks of the socket."""
        return self._stream.get_extra_info(info)
