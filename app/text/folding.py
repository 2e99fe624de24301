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
from dataclasses import dataclass
from functools import lru_cache

from app.text.lookalikes import LATIN_VARIANTS, LOOKALIKES

# All that folding changes: what is not ASCII, and the control characters that show nothing (white space stays).
_SPECIAL = re.compile(r"[^\t-\r\x1c-\x7e]")
_WORD = re.compile(r"[^\W_]+")

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

    `starts` holds the original offset of each folded character and `ends` the offset behind it; both are None where
    every offset is the same in the original.
    """

    text: str
    cased: str
    starts: tuple[int, ...] | None = None
    ends: tuple[int, ...] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the original half-open span, in code points, of a half-open span of the folded text.

        It begins with the first character's own original and ends with the last one's: hidden characters inside
        are covered, those around are not.
        """
        if self.starts is None or self.ends is None:
            return start, end
        if start >= end:
            place = self.starts[start] if start < len(self.starts) else (self.ends[-1] if self.ends else 0)
            return place, place
        return self.starts[start], self.ends[end - 1]


def fold(text: str) -> Folded:
    """Return the text as it reads, with a map to the original offsets. Never fails; linear in the length."""
    specials = set(_SPECIAL.findall(text))
    if not specials:
        return Folded(text.lower(), text)
    pieces = {character: _fold_character(character) for character in specials}
    cased = _replaced(text, pieces)
    if not cased.isascii():
        cased = _WORD.sub(_unmask_mixed if _is_foreign(cased) else _unmask, cased)
    lower = cased.lower()
    if len(lower) != len(cased):  # A letter that lowers into two would shift every offset behind it.
        lower = "".join(c.lower() if len(c.lower()) == 1 else c for c in cased)
    if all(len(piece) == 1 for piece in pieces.values()):
        return Folded(lower, cased)
    return Folded(lower, cased, *_offsets([pieces.get(character, character) for character in text]))


def _replaced(text: str, pieces: dict[str, str]) -> str:
    if len(pieces) > _FEW:
        return text.translate({ord(character): piece for character, piece in pieces.items()})
    for character, piece in pieces.items():
        text = text.replace(character, piece)
    return text


def _offsets(pieces: list[str]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the original start and end of every folded character."""
    starts = tuple(index for index, piece in enumerate(pieces) for _ in piece)
    return starts, tuple(start + 1 for start in starts)


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


def _unmask(match: re.Match[str]) -> str:
    """Return a word with its look-alikes as Latin letters, where it has a Latin letter or nothing but look-alikes."""
    word = match.group()
    if word.isascii() or not (_has_latin(word) or not _is_genuine(word)):
        return word
    return "".join(LOOKALIKES.get(character, character) for character in word)


def _unmask_mixed(match: re.Match[str]) -> str:
    """Do the same for words that have a Latin letter; in another alphabet's text, other words are its own."""
    word = match.group()
    if word.isascii() or not _has_latin(word):
        return word
    return "".join(LOOKALIKES.get(character, character) for character in word)


def _has_latin(word: str) -> bool:
    return any(character.isascii() and character.isalpha() for character in word)


def _is_genuine(word: str) -> bool:
    """Return whether a word has a letter that looks like no Latin one."""
    return any(not c.isascii() and c.isalpha() and c not in LOOKALIKES for c in word)


def _is_foreign(text: str) -> bool:
    """Return whether a text is written in another alphabet: more words are surely in it than in Latin letters."""
    genuine = latin = 0
    for word in _WORD.findall(text):
        if word.isascii():
            latin += 1
        elif not _has_latin(word) and _is_genuine(word):
            genuine += 1
    return genuine > latin
