"""The words of a folded text, with camel-case hashtags cut into theirs.

Spans are those of the folded text; `Folded.span` takes them back to the original.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from functools import cached_property

from app.text.folding import Folded, fold

# Letters and digits, apostrophes between letters included.
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_ASCII_WORD = re.compile(r"[a-z0-9]+(?:'[a-z0-9]+)*")
# All bytes but those of words and apostrophes become blanks.
_BLANKED = bytes(
    byte if chr(byte).isascii() and (chr(byte).isalnum() or byte == ord("'")) else 32 for byte in range(256)
)
_TAG = re.compile(r"[#_]([^\W_]+(?:'[^\W_]+)*)")
#: The parts of a camel-case word: "ENDHungerNow2" -> END Hunger Now 2.
_HUMP = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W_]+?(?=[A-Z0-9\W_]|\Z)")
_HYPHEN = re.compile(r"-(?<=\w-)(?=\w)")
_DIGITS = "0123456789"


class Words:
    """The words of a text in order: `texts` in lower case, and where each starts and ends in the folded text.

    Most texts are clean and are looked at no further than their `vocabulary`; places are found when asked for.
    """

    def __init__(self, folded: Folded) -> None:
        self.folded = folded
        text = folded.text
        find = _ascii_words if text.isascii() else _WORD.findall
        #: The words as they stand in the folded text.
        self._written: list[str] = self._cut(find) if "#" in text or "_" in text else find(text)
        self.texts: list[str] = [word if word.isalpha() else bare(word) for word in self._written]

    def _cut(self, find: Callable[[str], list[str]]) -> list[str]:
        """Return the words of a text with hashtags, those of the hashtags cut at their humps."""
        text, cased = self.folded.text, self.folded.cased
        words: list[str] = []
        place = 0
        for tag in _TAG.finditer(text):
            start, end = tag.span(1)
            words += find(text[place:start])
            words += [text[slice(*hump.span())] for hump in _HUMP.finditer(cased, start, end)]
            place = end
        words += find(text[place:])
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
    def starts(self) -> list[int]:
        """Where each word starts in the folded text."""
        index = self.folded.text.index
        starts: list[int] = []
        place = 0
        for word in self._written:
            start = index(word, place)
            starts.append(start)
            place = start + len(word)
        return starts

    @cached_property
    def ends(self) -> list[int]:
        """Where each word ends in the folded text."""
        return [start + len(word) for start, word in zip(self.starts, self._written, strict=True)]

    @cached_property
    def hyphened(self) -> list[int]:
        """The indexes of the words that nothing but a hyphen parts from the word before."""
        if _HYPHEN.search(self.folded.text) is None:
            return []
        text, gaps = self.folded.text, zip(self.ends, self.starts[1:], strict=False)
        return [index for index, (end, start) in enumerate(gaps, 1) if start == end + 1 and text[end] == "-"]

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


def _ascii_words(text: str) -> list[str]:
    """Return the words of an ASCII text in lower case; splitting at blanks is many times quicker than a pattern."""
    words = text.encode().translate(_BLANKED).decode().split()
    if "'" not in text:
        return words
    return [part for word in words for part in (_ASCII_WORD.findall(word) if "'" in word else (word,))]


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
