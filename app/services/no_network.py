"""While a rehearsal runs, opening a socket is an error: the interpreter itself is asked to refuse it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

_REFUSED = ("socket.", "urllib.")
_sealed = threading.local()


class SocketOpenedError(RuntimeError):
    """Something tried to reach the network during a rehearsal."""


@contextmanager
def no_network() -> Iterator[None]:
    """Refuse every socket that this thread would open inside the block. Blocks may nest."""
    _install()
    before = getattr(_sealed, "on", False)
    _sealed.on = True
    try:
        yield
    finally:
        _sealed.on = before


def _refuse(event: str, _arguments: tuple[object, ...]) -> None:
    if event.startswith(_REFUSED) and getattr(_sealed, "on", False):
        raise SocketOpenedError(f"a rehearsal reaches no network, but {event} was asked for")


@cache
def _install() -> None:
    # An audit hook stays for the life of the process, so there is one, and it looks at the thread's seal.
    sys.addaudithook(_refuse)
