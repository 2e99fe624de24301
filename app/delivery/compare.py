"""What a network shows of a part against what was frozen: contact digits, links, length. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from app.platforms.results import Seen
from app.text.link_keys import LinkKey, link_key
from app.text.links import find_links
from app.text.numbers import contact_digits

_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
#: Networks show "@user" for "@user@example.social".
_HANDLE = re.compile(r"(@[\w.-]+)@[\w.-]+")


def differences(text: str, record: Mapping[str, Any], seen: Seen) -> tuple[str, ...]:
    """Return in words what a part lacks as readers see it, or nothing where it carries all that was frozen.

    `text` and `record` are the frozen part's. More than was frozen is no difference: networks add previews and tags.
    """
    if _plain(text) == _plain(seen.text) and not _missing_links(text, record, seen):
        return ()
    found = [
        f"The number {digits} is not there." for digits in sorted(contact_digits(text) - contact_digits(seen.text))
    ]
    found += [f"The link {key} is not there." for key in _missing_links(text, record, seen)]
    frozen, shown = len(_beside_links(text)), len(_beside_links(seen.text))
    if shown < frozen:
        found.append(f"The text is shorter than what was sent: {shown} characters beside its links, not {frozen}.")
    return tuple(found)


def addresses_in(record: Mapping[str, Any]) -> Iterator[str]:
    """Yield every value of a record that is a web address by itself, whichever network's form it has."""
    waiting: list[Any] = [record]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            waiting.extend(value.values())
        elif isinstance(value, list | tuple):
            waiting.extend(value)
        elif isinstance(value, str) and _ADDRESS.fullmatch(value):
            yield value


def _missing_links(text: str, record: Mapping[str, Any], seen: Seen) -> list[LinkKey]:
    wanted = {*_keys(text), *_keys_of(addresses_in(record))}
    return sorted(wanted - {*_keys(seen.text), *_keys_of(seen.links)})


def _keys(text: str) -> Iterator[LinkKey]:
    return _keys_of(link.url for link in find_links(text, None))


def _keys_of(addresses: Iterator[str] | tuple[str, ...]) -> Iterator[LinkKey]:
    return (key for address in addresses if (key := link_key(address)) is not None)


def _beside_links(text: str) -> str:
    kept, place = [], 0
    for link in find_links(text, None):
        kept.append(text[place : link.span[0]])
        place = link.span[1]
    return _plain(" ".join([*kept, text[place:]]))


def _plain(text: str) -> str:
    return " ".join(_HANDLE.sub(r"\1", unicodedata.normalize("NFC", text)).split())
