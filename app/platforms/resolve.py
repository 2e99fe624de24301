"""Looking up a name within a time limit."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable

# Takes host, port and the seconds left; returns the addresses as text, in the order to try them.
# Raises OSError where the name has none, TimeoutError where the answer took too long.
Resolver = Callable[[str, int, float], list[str]]


def system_resolver(host: str, port: int, seconds: float) -> list[str]:
    """Ask the operating system; its call cannot be interrupted, so it waits in a thread of its own.

    Raises:
        OSError: The name has no address, or (TimeoutError) no answer came within `seconds`.
    """
    if _is_address(host):
        # Nothing to ask for, and a thread less for every post.
        return [host]
    answer: list[str] = []
    failure: list[OSError] = []

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answer.extend(dict.fromkeys(str(info[4][0]) for info in found))
        except (OSError, UnicodeError) as error:
            failure.append(error if isinstance(error, OSError) else OSError("not a name"))

    worker = threading.Thread(target=ask, name="resolve", daemon=True)
    worker.start()
    worker.join(seconds)
    if worker.is_alive():
        raise TimeoutError("no answer in time")
    if failure:
        raise failure[0]
    return answer


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return "%" not in host
