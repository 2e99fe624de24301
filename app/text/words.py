"""The words of a folded text, with camel-case hashtags cut into theirs.

Spans are those of the folded text; `Folded.span` takes them back to the original.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from functools import cached_property

from app.text.folding import Folded, fold

# Letters and digits, apostrophes between letters included.
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_TAG = re.compile(r"(?<=[#_])[^\W_]+(?:'[^\W_]+)*")
_ASCII_WORD = re.compile(r"[a-z0-9]+(?:'[a-z0-9]+)*")
#: The parts of a camel-case word: "ENDTraffickingNow2" -> END Trafficking Now 2.
_HUMP = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W_]+?(?=[A-Z0-9]|\Z)")
_DIGITS = "0123456789"


class Words:
    """The words of a text in order: `texts` in lower case, and where each starts and ends in the folded text.

    Most texts are clean and are looked at no further than their `vocabulary`; places are found when asked for.
    """

    def __init__(self, folded: Folded) -> None:
        self.folded = folded
        text = folded.text
        self._pattern = _ASCII_WORD if text.isascii() else _WORD
        words = self._pattern.findall(text) if "#" not in text and "_" not in text else self._cut()
        self.texts: list[str] = [word if word.isalpha() else bare(word) for word in words]

    def _cut(self) -> list[str]:
        """Return the words of a text with hashtags, those of the hashtags cut at their humps."""
        text, cased, find = self.folded.text, self.folded.cased, self._pattern.findall
        words: list[str] = []
        place = 0
        for tag in _TAG.finditer(text):
            start, end = tag.span()
            words += find(text, place, start)
            words += [text[slice(*hump.span())] for hump in _HUMP.finditer(cased, start, end)]
            place = end
        words += find(text, place)
        return words

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """The words, each once."""
        return frozenset(self.texts)

    def places(self, wanted: AbstractSet[str]) -> list[int]:
        """Return the indexes, in order, of the words that are among the wanted ones."""
        if wanted.isdisjoint(self.vocabulary):
            return []
        return [index for index, text in enumerate(self.texts) if text in wanted]

    @cached_property
    def spans(self) -> list[tuple[int, int]]:
        """The spans of the words in the folded text."""
        text = self.folded.text
        spans = [match.span() for match in self._pattern.finditer(text)]
        if "#" in text or "_" in text:
            spans = [part for span in spans for part in _parts(self.folded.cased, span)]
        return spans

    @cached_property
    def starts(self) -> list[int]:
        """Where each word starts in the folded text."""
        return [start for start, _ in self.spans]

    @cached_property
    def ends(self) -> list[int]:
        """Where each word ends in the folded text."""
        return [end for _, end in self.spans]

    def gap(self, index: int) -> str:
        """Return what stands between a word and the one before it (before the first: all that stands there)."""
        before = self.ends[index - 1] if index else 0
        return self.folded.text[before : self.starts[index]]

    def cased(self, index: int) -> str:
        """Return a word as it is written."""
        return self.folded.cased[self.starts[index] : self.ends[index]]

    def is_capitalised(self, index: int) -> bool:
        """Return whether a word begins with a capital."""
        return self.folded.cased[self.starts[index]].isupper()

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Return the span in the original text of the words from `first` to `last`, both included."""
        return self.folded.span(self.starts[first], self.ends[last])


def _parts(cased: str, span: tuple[int, int]) -> list[tuple[int, int]]:
    """Return the spans of a word's humps where it belongs to a hashtag, else its own."""
    start, end = span
    if start and cased[start - 1] in "#_":
        return [match.span() for match in _HUMP.finditer(cased, start, end)]
    return [span]


def bare(word: str) -> str:
    """Return a word in lower case without possessive ending and without the digits of a footnote."""
    word = word.removesuffix("'s")
    return word.rstrip(_DIGITS) or word


def words_of(phrase: str) -> tuple[str, ...]:
    """Return the words of a phrase of the pack, cut and written as `Words` has them."""
    return tuple(Words(fold(phrase)).texts)


def camel_parts(tag: str) -> tuple[str, ...]:
    """Return the parts of a camel-case tag, written as they are: "Partner2Prevent" -> Partner, 2, Prevent."""
    return tuple(_HUMP.findall(tag))
