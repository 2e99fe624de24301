"""Looking for phrases of the pack among a text's words, with blanks, hyphens or nothing between their words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from app.text.words import Words, words_of

T = TypeVar("T")

# What may stand between two words of a phrase; in a camel-case hashtag nothing does.
_JOINED = re.compile(r"[\s_#'\"*&-]{0,4}")
_NO_PLURAL_Y = frozenset("aeiou")


class Phrases(Generic[T]):
    """Phrases with what belongs to each. The longest that fits at a place is found."""

    def __init__(self, phrases: Iterable[tuple[str, T]], *, inflected: bool = False) -> None:
        index: dict[str, list[tuple[tuple[str, ...], T]]] = {}
        for phrase, payload in phrases:
            for words in _spellings(phrase, inflected=inflected):
                index.setdefault(words[0], []).append((words, payload))
        for found in index.values():
            found.sort(key=lambda entry: -len(entry[0]))
        self._index = index
        #: The words that the phrases begin with.
        self.first_words = frozenset(index)

    def at(self, words: Words, first: int) -> tuple[int, T] | None:
        """Return the index of the last word, and the payload, of the longest phrase that starts at a word."""
        for phrase, payload in self._index.get(words.texts[first], ()):
            if len(phrase) == 1 or _stands_at(words, first, phrase):
                return first + len(phrase) - 1, payload
        return None

    def single(self, word: str) -> T | None:
        """Return the payload of the phrase that is this one word, or None."""
        return next((payload for phrase, payload in self._index.get(word, ()) if len(phrase) == 1), None)

    def all_at(self, words: Words, first: int) -> Iterator[tuple[int, T]]:
        """Yield every phrase that starts at a word, longest first."""
        for phrase, payload in self._index.get(words.texts[first], ()):
            if len(phrase) == 1 or _stands_at(words, first, phrase):
                yield first + len(phrase) - 1, payload

    def everywhere(self, words: Words) -> Iterator[tuple[int, int, T]]:
        """Yield first word, last word and payload of every phrase in a text, by their first words."""
        for first in words.places(self.first_words):
            for last, payload in self.all_at(words, first):
                yield first, last, payload


def _stands_at(words: Words, first: int, phrase: tuple[str, ...]) -> bool:
    if tuple(words.texts[first + 1 : first + len(phrase)]) != phrase[1:]:
        return False
    return all(_JOINED.fullmatch(words.gap(first + offset)) for offset in range(1, len(phrase)))


def _spellings(phrase: str, *, inflected: bool) -> Iterator[tuple[str, ...]]:
    """Yield a phrase's words; inflected, with its last word's plural as well, and written together for a hyphen."""
    words = words_of(phrase)
    if not words:
        return
    yield words
    if not inflected:
        return
    *rest, last = words
    for plural in _plurals(last):
        yield (*rest, plural)
    if "-" in phrase and len(words) > 1:
        yield ("".join(words),)


def _plurals(word: str) -> Iterator[str]:
    yield word + "s"
    yield word + "es"
    if word.endswith("y") and word[-2:-1] not in _NO_PLURAL_Y:
        yield word[:-1] + "ies"
