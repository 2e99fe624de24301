"""Whether two addresses lead to the same place, whatever is written around them: scheme, `www.`, case, last slash."""

from __future__ import annotations

import re
from typing import NamedTuple

_LONGEST = 4000
_ADDRESS = re.compile(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?:[^/?#]*@)?)?(?P<host>[^/?#@]+)(?P<rest>(?:[/?#].*)?)", re.DOTALL
)
_PORT = re.compile(r":(?:80|443)?\Z")


class LinkKey(NamedTuple):
    """What two ways to write an address share: its host, and its path with query and fragment."""

    host: str
    path: str

    def __str__(self) -> str:
        return self.host + self.path

    def leads_to(self, other: LinkKey) -> bool:
        """Whether an address with this key is the `other`, or one of its host's where `other` has no path."""
        return self == other or (self.host == other.host and not other.path)


def link_key(address: str) -> LinkKey | None:
    """Return the key of an address with or without a scheme, or None where it is none of the web.

    Ignored are scheme (http, https), user, `www.`, the host's case and script (IDN), the usual ports, and a last slash
    of the path. Path, query and fragment keep their case.
    """
    # As browsers read it, a backslash is a slash.
    address = address.strip().replace("\\", "/")
    if len(address) > _LONGEST or any(letter.isspace() for letter in address):
        return None
    match = _ADDRESS.fullmatch(address)
    if match is None or (match["scheme"] or "https").lower() not in {"http", "https"}:
        return None
    host = _PORT.sub("", match["host"]).rstrip(".").lower()
    host = _ascii(host).removeprefix("www.")
    if "." not in host and host != "localhost" and not host.startswith("["):
        return None
    path, mark, query = _split(match["rest"])
    return LinkKey(host, path.rstrip("/") + mark + query)


def _split(rest: str) -> tuple[str, str, str]:
    """Return path, the first of `?` and `#`, and what stands behind it; a mark with nothing behind it is left out."""
    at = min((place for place in (rest.find("?"), rest.find("#")) if place >= 0), default=len(rest))
    mark, query = rest[at : at + 1], rest[at + 1 :]
    return (rest[:at], mark, query) if query else (rest[:at], "", "")


def _ascii(host: str) -> str:
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host
