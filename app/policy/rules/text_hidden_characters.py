"""text.hidden_characters: zero-width characters, bidi controls, and letters styled by their code points.

Screen readers spell styled letters out or skip them, and hidden characters break words, links and searches. Not
meant: joiners and selectors in emoji, joiners in scripts that need them, direction marks in a text that has letters
written from right to left, tags in a flag. One finding for each stretch without blanks.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import regex

from app.policy.facts import Facts
from app.policy.finding import Level
from app.policy.policy import Policy
from app.policy.rule import Found, Rule
from app.text.folding import fold

CODE = "text.hidden_characters"

_SUSPECT = regex.compile(
    r"[\u00ad\u0305\u0332-\u0338\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    r"\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e01ef"
    r"\u249c-\u24e9\uff21-\uff3a\uff41-\uff5a\U0001d400-\U0001d7ff\U0001f110-\U0001f169\U0001f170-\U0001f189"
    r"\u1d00-\u1d22\u1d2c-\u1d6a\u1d9c-\u1dbb\ua730\ua731\u02b0-\u02b8\u0299\u029c\u029f\u0274\u0280\u026a\u0262\u028f"
    r"\u2070-\u2071\u207f\u2090-\u209c\u210a-\u2115\u2119-\u211d\u2124\u2128\u212c\u212d\u212f-\u2134\x00-\x08\x0e-\x1b\x7f]"
)
_STRETCH = regex.compile(r"\S+")
_EMOJI = regex.compile(r"[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\ufe0f\u20e3\U000e007f]")
_TAKES_SELECTOR = regex.compile(r"[\p{Emoji}\p{Script=Han}\p{Script=Mongolian}\p{Script=Myanmar}\p{So}\p{Sm}\p{Po}]")
_JOINED_SCRIPTS = regex.compile(
    r"[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mongolian}\p{Script=Nko}\p{Script=Devanagari}\p{Script=Bengali}"
    r"\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}"
    r"\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}\p{Script=Thai}"
    r"\p{Script=Lao}\p{Script=Hebrew}\p{Script=Javanese}\p{Script=Balinese}]"
)
_RIGHT_TO_LEFT = regex.compile(r"[\p{Bidi_Class=R}\p{Bidi_Class=AL}]")
_FLAG = regex.compile("\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f")
_TAGS = range(0xE0020, 0xE0080)
_MARKS = "\u200e\u200f\u061c"
_JOINERS = "\u200c\u200d"
_STRIKES = "\u0305\u0332\u0333\u0334\u0335\u0336\u0337\u0338"
#: Emoji that are letters as well: blood types, parking, information.
_LETTER_EMOJI = frozenset("🅰🅱🅾🅿ℹ")
#: Scripts without blanks break their lines at a zero-width space.
_UNSPACED = regex.compile(r"[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}]")
#: How many characters a message names, and the longest stretch that is written out plainly.
_FEW, _LINE = 3, 60
_SELECTORS = range(0xFE00, 0xFE10)
_WIDE_SELECTORS = range(0xE0100, 0xE01F0)


def check(facts: Facts, policy: Policy) -> Iterator[Found]:  # noqa: ARG001 - all rules are called alike
    """Yield a finding for every stretch of text that holds hidden or styled characters."""
    text = facts.text
    if facts.folded.cased is text or _SUSPECT.search(text) is None:
        return
    has_marks = _RIGHT_TO_LEFT.search(text) is not None
    for stretch in _STRETCH.finditer(text):
        word = stretch.group()
        if word.isascii() and word.isprintable():
            continue
        flags = [match.span() for match in _FLAG.finditer(word)]
        bad = [
            match.start()
            for match in _SUSPECT.finditer(word)
            if not _is_needed(word, match.start(), has_marks=has_marks)
            and not (ord(match.group()) in _TAGS and _is_inside(flags, match.start()))
        ]
        if bad:
            yield _found(stretch.start(), word, bad)


def _is_inside(spans: list[tuple[int, int]], place: int) -> bool:
    return bool(spans) and any(start <= place < end for start, end in spans)


def _found(start: int, word: str, bad: list[int]) -> Found:
    names = dict.fromkeys(_name(word[index]) for index in bad[:_FEW])
    plain = fold(word).cased if len(word) < _LINE else ""
    return Found(
        CODE,
        (start + bad[0], start + bad[-1] + 1),
        f"The text has characters here that screen readers and searches cannot read: {', '.join(names)}.",
        f"Write “{plain}”." if plain.strip() else "Delete them.",
    )


@lru_cache(maxsize=1024)
def _name(character: str) -> str:
    return unicodedata.name(character, f"U+{ord(character):04X}").lower()


def _is_needed(word: str, index: int, *, has_marks: bool) -> bool:
    character = word[index]
    before = word[index - 1] if index else ""
    after = word[index + 1] if index + 1 < len(word) else ""
    if character in _LETTER_EMOJI:
        return True
    if character in _JOINERS:
        in_emoji = bool(before and after and _EMOJI.match(before) and _EMOJI.match(after))
        return in_emoji or bool(before and _JOINED_SCRIPTS.match(before))
    if character in _MARKS or character in _STRIKES:
        # A line through or under a letter is a style; on a sign it makes another sign.
        return has_marks if character in _MARKS else not before.isalnum()
    if character == "\u200b":
        return bool(before and _UNSPACED.match(before))
    if ord(character) in _SELECTORS or ord(character) in _WIDE_SELECTORS or "\u180b" <= character <= "\u180f":
        return bool(before and _TAKES_SELECTOR.match(before))
    return False


RULE = Rule(CODE, Level.WARNING, check)
