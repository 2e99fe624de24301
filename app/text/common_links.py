"""Links of the kind that every network finds alike, and whether a text has no others.

Most posts have a host under a well-known top-level domain, perhaps with a scheme and a plain path, between blanks and
the sentence's punctuation. Such a link needs none of the finders' care for doubtful cases. Only where some dot or
scheme of a text could belong to another kind of link are they asked at all.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple

from app.text.tlds import known_tlds, x_tlds

# A dot that a top-level domain may follow, or the end of a scheme: no network finds a link without either.
_SIGN = re.compile(r"\.(?=[^\W\d_])|://")
_LINK = re.compile(
    r"\(?(?P<link>(?:(?P<scheme>https?)://)?+"
    r"(?P<host>(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+(?P<tld>[A-Za-z]{2,63}))"
    r"(?:/(?:[A-Za-z0-9/_.-]{0,800}[A-Za-z0-9/])?+(?:\?[A-Za-z0-9=&_-]{0,200}[A-Za-z0-9=-])?+)?+)"
    r"(?=[.,;:!?)]*+(?:[ \n]|\Z))"
)
_TOKEN = re.compile(r"[^ \n]*+")
_AFTER_DOT = re.compile(r"\.([A-Za-z]++)")
_LONGEST = 1000


class CommonLink(NamedTuple):
    """A link: its start, its host's start and end, its end; `scheme` is None where none is written."""

    start: int
    host_start: int
    host_end: int
    end: int
    scheme: str | None


@lru_cache(maxsize=8)  # the finders for several networks look at one text in turn
def common_links(text: str) -> tuple[CommonLink, ...] | None:
    """Return the links of a text in order, or None where a closer look is needed to know them."""
    links: list[CommonLink] = []
    place = 0
    while (sign := _SIGN.search(text, place)) is not None:
        dot = sign.start()
        begin = max(text.rfind(" ", place, dot), text.rfind("\n", place, dot), place - 1) + 1
        match = _LINK.match(text, begin)
        if match is None or match["tld"].lower() not in _everywhere():
            token = _TOKEN.match(text, begin)
            place = token.end() if token else len(text)
            if not _is_no_link(text[begin:place]):
                return None
            continue
        host_start, host_end = match.span("host")
        start, place = match.span("link")
        # X has rules of its own for its short links and for very long ones.
        if text[host_start:host_end].lower() == "t.co" or place - start > _LONGEST:
            return None
        links.append(CommonLink(start, host_start, host_end, place, match["scheme"]))
    return tuple(links)


def _is_no_link(token: str) -> bool:
    """Say whether a word with a dot inside ("U.S.", "2.5") is no link on any network, as far as can be seen at once."""
    if len(token) > _LONGEST or "://" in token or not token.isascii():
        return False
    token = token.lower()
    return "xn--" not in token and _anywhere().isdisjoint(_AFTER_DOT.findall(token))


@cache
def _everywhere() -> frozenset[str]:
    return known_tlds() & x_tlds()


@cache
def _anywhere() -> frozenset[str]:
    return known_tlds() | x_tlds()
