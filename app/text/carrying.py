"""Whether texts say a number, a link or words, however they are written there. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from app.text.folding import fold
from app.text.link_keys import LinkKey, link_key
from app.text.links import find_links
from app.text.numbers import digits_of, number_pattern

#: What a number that is looked for has at least and at most.
FEWEST_DIGITS, MOST_DIGITS = 3, 15
_WORD = re.compile(r"\w+")


def says_number(texts: Iterable[str], number: str) -> bool:
    """Whether a text has a number in any grouping, with or without the country code 1."""
    pattern = _pattern(digits_of(number))
    return any(pattern.search(fold(text).text) for text in texts)


def says_link(texts: Iterable[str], addresses: Iterable[str], link: str) -> bool:
    """Whether a text, or one of the addresses behind its links, leads to a link; of a bare host, to any page there."""
    wanted = link_key(link)
    if wanted is None:
        return False
    found = [address for text in texts for address in (one.url for one in find_links(text, None))]
    keys = (link_key(address) for address in (*found, *addresses))
    return any(key.leads_to(wanted) for key in keys if key is not None)


def says_words(texts: Sequence[str], words: str) -> bool:
    """Whether the texts, one behind the other, have these words in this order with nothing between them.

    Case, punctuation and line breaks make no difference.
    """
    wanted = words_of(words)
    said = [word for text in texts for word in words_of(text)]
    return bool(wanted) and any(
        said[at : at + len(wanted)] == wanted for at in range(len(said) - len(wanted) + 1) if said[at] == wanted[0]
    )


def words_of(text: str) -> list[str]:
    """Return the words of a text in one case."""
    return _WORD.findall(unicodedata.normalize("NFC", text).casefold())


def same_number(one: str, other: str) -> bool:
    """Whether two ways to write a number are the same number."""
    return digits_of(one) == digits_of(other)


def same_place(address: str, link: str) -> bool:
    """Whether an address leads to a link; to any page of its host where the link is a bare host."""
    key, wanted = link_key(address), link_key(link)
    return isinstance(key, LinkKey) and wanted is not None and key.leads_to(wanted)


def replaced_number(text: str, number: str, new: str) -> str:
    """Return a text with a number, however it is grouped there, replaced by a new one as that is written."""
    folded, pieces, end = fold(text), [], 0
    for match in _pattern(digits_of(number)).finditer(folded.text):
        start, stop = folded.span(*match.span())
        pieces += [text[end:start], new]
        end = stop
    return "".join([*pieces, text[end:]])


def replaced_link(text: str, link: str, new: str) -> str:
    """Return a text with every link that leads to a place replaced by another."""
    pieces, end = [], 0
    for found in find_links(text, None):
        if same_place(found.url, link):
            pieces += [text[end : found.span[0]], new]
            end = found.span[1]
    return "".join([*pieces, text[end:]])


@lru_cache(maxsize=256)
def _pattern(digits: str) -> re.Pattern[str]:
    return number_pattern(digits)
