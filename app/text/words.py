"""The words of a folded text, with camel-case hashtags cut into theirs.

Spans are those of the folded text; `Folded.span` takes them back to the original.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property

from app.text.folding import Folded, fold

# Letters and digits, apostrophes between letters included.
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
#: The parts of a camel-case word: "ENDTraffickingNow2" -> END Trafficking Now 2.
_HUMP = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W_]+?(?=[A-Z0-9]|\Z)")
_DIGITS = "0123456789"


class Words:
    """The words of a text in order: `texts` in lower case, and where each starts and ends in the folded text."""

    def __init__(self, folded: Folded) -> None:
        self.folded = folded
        self.texts: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        cased = folded.cased
        for match in _WORD.finditer(cased):
            start, end = match.span()
            if start and cased[start - 1] in "#_":
                self._add_humps(start, end)
            else:
                self._add(start, end)

    def _add(self, start: int, end: int) -> None:
        self.texts.append(bare(self.folded.text[start:end]))
        self.starts.append(start)
        self.ends.append(end)

    def _add_humps(self, start: int, end: int) -> None:
        for hump in _HUMP.finditer(self.folded.cased, start, end):
            self._add(*hump.span())

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def positions(self) -> dict[str, list[int]]:
        """Where each word stands, as indexes in order."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        for index, text in enumerate(self.texts):
            found[text].append(index)
        return dict(found)

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
