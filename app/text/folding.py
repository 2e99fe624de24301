"""Reading a text as a person sees it: plain letters, digits, dashes and quotes, with a map back to the original.

    fold(text) -> Folded(text, cased, ...)      Folded.span(start, end) -> offsets in the original

What disappears: zero-width characters, soft hyphens, bidi controls, tag characters, variation selectors, other format
and control characters, and the marks that stand on letters. What becomes plain: compatibility forms (NFKC), all
decimal digits, dashes, quotes, spaces, small capitals and stroked letters. Letters of other alphabets become Latin
only in a word that also has Latin letters, or whose every letter looks like a Latin one; the latter not in a text
that is really written in the other alphabet.

One pass over the text, then one over the words that are not ASCII: linear on any input. An ASCII text (and any text
whose characters fold one to one) needs no map at all.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from app.text.lookalikes import LATIN_VARIANTS, LOOKALIKES

# All that folding changes: what is not ASCII, and the control characters that show nothing (white space stays).
_SPECIAL = re.compile(r"[^\t-\r\x1c-\x7e]")
_WORD = re.compile(r"[^\W_]+")
_LATIN = re.compile(r"[A-Za-z]")
_LOOKALIKES = frozenset(LOOKALIKES)
_TO_LATIN = str.maketrans(LOOKALIKES)

_SINGLE_QUOTES = (
    "\u2018\u2019\u201a\u201b\u2032\u2035\u2039\u203a\u02b9\u02bb\u02bc\u02bd\u02c8\u02ca\u02cb\u00b4\uff07\ua78c\u05f3"
)
_DOUBLE_QUOTES = (
    "\u201c\u201d\u201e\u201f\u2033\u2036\u00ab\u00bb"
    "\u02ba\u02ee\u301d\u301e\u301f\u300c\u300d\u300e\u300f\uff02\u05f4\u2e42"
)
_OTHER_DASHES = "\u2212\u2043\u02d7\u2796\u2500\u2501\u06d4\u1806\u2cba"
# Marks that combine with any base; those of one script only (Hebrew points, Indic vowel signs) belong to its words.
_MARKS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
_OWN: dict[str, str] = {
    **dict.fromkeys(_SINGLE_QUOTES, "'"),
    **dict.fromkeys(_DOUBLE_QUOTES, '"'),
    **dict.fromkeys(_OTHER_DASHES, "-"),
    # Marks of trade stand at the end of a word and are no letters of it.
    **dict.fromkeys("\u2122\u2120\u00ae\u00a9\u2800", " "),
    **dict.fromkeys("\u0085\u2028\u2029", "\n"),
    # Letters of no width and no ink.
    **dict.fromkeys("\u115f\u1160\u3164\uffa0\u17b4\u17b5", ""),
    "\u0130": "I",
    "\u2024": ".",
    "\u3002": ".",
    "\uff61": ".",
}  # fmt: skip
#: Negative circled and negative squared capitals, which NFKC leaves alone.
_NEGATIVE_LETTERS = (range(0x1F150, 0x1F16A), range(0x1F170, 0x1F18A))
#: Up to so many different characters, replacing one after the other is quicker than translating.
_FEW = 8
_WIDEST = 4
_VARIATION_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text. `text` is in lower case; `cased` is the same, letter for letter, with its capitals.

    `starts` holds the original offset of each folded character, which is always one character there; it is None where
    every offset is the same in the original.
    """

    text: str
    cased: str
    starts: tuple[int, ...] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the original half-open span, in code points, of a half-open span of the folded text.

        It begins with the first character's own original and ends with the last one's: hidden characters inside
        are covered, those around are not.
        """
        starts = self.starts
        if starts is None:
            return start, end
        if start >= end:
            place = starts[start] if start < len(starts) else (starts[-1] + 1 if starts else 0)
            return place, place
        return starts[start], starts[end - 1] + 1

    def between(self, start: int, end: int) -> tuple[int, int]:
        """Return the half-open span of the folded text that comes from an original one."""
        if self.starts is None:
            return start, end
        return bisect_left(self.starts, start), bisect_left(self.starts, end)


def is_plain(text: str) -> bool:
    """Say whether folding would change nothing but the case of a text."""
    return text.isascii() and (text.isprintable() or _SPECIAL.search(text) is None)


def fold(text: str) -> Folded:
    """Return the text as it reads, with a map to the original offsets. Never fails; linear in the length."""
    if is_plain(text):
        return Folded(text.lower(), text)
    specials = set(_SPECIAL.findall(text))
    pieces = {character: _fold_character(character) for character in specials}
    cased = _replaced(text, pieces)
    if not cased.isascii():
        cased = _unmasked(cased)
    lower = cased.lower()
    if len(lower) != len(cased):  # A letter that lowers into two would shift every offset behind it.
        lower = "".join(c.lower() if len(c.lower()) == 1 else c for c in cased)
    if all(len(piece) == 1 for piece in pieces.values()):
        return Folded(lower, cased)
    return Folded(lower, cased, _starts(text, pieces))


def _replaced(text: str, pieces: dict[str, str]) -> str:
    if len(pieces) > _FEW:
        return text.translate({ord(character): piece for character, piece in pieces.items()})
    for character, piece in pieces.items():
        text = text.replace(character, piece)
    return text


def _starts(text: str, pieces: dict[str, str]) -> tuple[int, ...]:
    """Return the original offset of every folded character."""
    gone = {character for character, piece in pieces.items() if not piece}
    kept = [index for index, character in enumerate(text) if character not in gone] if gone else range(len(text))
    wide = {character: range(len(piece)) for character, piece in pieces.items() if len(piece) > 1}
    if not wide:
        return tuple(kept)
    one = range(1)
    return tuple([index for index in kept for _ in wide.get(text[index], one)])


@lru_cache(maxsize=8192)
def _fold_character(character: str) -> str:
    """Fold one character by itself; the result may be empty or several characters long."""
    if character in _OWN:
        return _OWN[character]
    if character.isascii():
        return ""
    return _fold_wide(character)


def _fold_wide(character: str) -> str:
    code, category = ord(character), unicodedata.category(character)
    if category in {"Cf", "Cc"} or any(code in block for block in _VARIATION_SELECTORS):
        return ""
    for block in _NEGATIVE_LETTERS:
        if code in block:
            return chr(ord("A") + code - block.start)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Zs":
        return " "
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", character))
    plain = unicodedata.normalize("NFKC", plain)
    if len(plain) > _WIDEST:
        # One character for a whole sentence (U+FDFA) would make a long text many times longer.
        return character
    return "".join(_fold_plain(part) for part in plain)


def _fold_plain(character: str) -> str:
    if character in _OWN:
        return _OWN[character]
    if unicodedata.category(character) == "Pd":
        return "-"
    return LATIN_VARIANTS.get(character, character)


def _unmasked(text: str) -> str:
    """Return a text with look-alikes as Latin letters in words that pretend to be Latin.

    Those are words that have a Latin letter or nothing but look-alikes; the latter not in another alphabet's text.
    """
    if _LOOKALIKES.isdisjoint(text):
        return text
    counts = Counter(_WORD.findall(text))
    strange = [word for word in counts if not word.isascii()]
    own = {word for word in strange if not _has_latin(word)}
    genuine = {word for word in own if _is_genuine(word)}
    latin = counts.total() - sum(counts[word] for word in strange)
    if sum(counts[word] for word in genuine) > latin:
        genuine = own
    plain = {word: word.translate(_TO_LATIN) for word in strange if word not in genuine}
    return _WORD.sub(lambda match: plain.get(match.group(), match.group()), text) if plain else text


def _has_latin(word: str) -> bool:
    return _LATIN.search(word) is not None


def _is_genuine(word: str) -> bool:
    """Return whether a word has a letter that looks like no Latin one."""
    return any(not c.isascii() and c.isalpha() for c in set(word) - _LOOKALIKES)
