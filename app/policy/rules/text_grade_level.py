"""text.grade_level: harder to read than the campaign aims for (Plain Writing Act).

Flesch-Kincaid grade level (Kincaid et al. 1975: 0.39 words per sentence + 11.8 syllables per word - 15.59) of the
text without links, hashtags, handles and numbers. It is made for English, so other languages are not measured, and
means nothing for a handful of words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from app.policy.facts import Facts
from app.policy.finding import Level
from app.policy.policy import Policy
from app.policy.rule import Found, Rule

CODE = "text.grade_level"
#: Fewer words than this have no grade.
FEWEST_WORDS = 10
#: A longer token is no word.
_LONGEST_KEPT = 80

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
_ABBREVIATIONS = frozenset({"dr.", "mr.", "ms.", "mrs.", "st.", "u.s.", "e.g.", "i.e.", "no.", "vs."})
_CLOSING = "\"')]"
_MARKS = ".,;:!?\"'()[]"
_VOWELS = re.compile(r"[aeiouy]+")
_SILENT_E = re.compile(r"(?:[^aeiouy]es|[^aeiouyl]e|[^aeioutd]ed)\Z")
_SPLIT_VOWELS = re.compile(r"ia(?!l\b|n\b)|io(?!n|us)|eo(?!u|n)|iu|ua(?=[lt])|[aeiou]ing\b|ism\b")
_WORDS_WEIGHT, _SYLLABLES_WEIGHT, _OFFSET = 0.39, 11.8, 15.59


def check(facts: Facts, policy: Policy) -> Iterator[Found]:
    """Yield one finding over the whole text when its grade is above the campaign's aim."""
    aim = policy.grade_level_aim
    if aim is None or not (facts.language or policy.language).lower().startswith("en"):
        return
    grade = grade_level(facts.folded.text)
    if grade is not None and grade > aim:
        yield Found(
            CODE,
            (0, len(facts.text)),
            f"The text reads at grade {grade:.0f} (Flesch-Kincaid); the campaign aims for {aim:g} or lower.",
            "Use shorter sentences and shorter words.",
        )


def grade_level(text: str) -> float | None:
    """Return the Flesch-Kincaid grade of a folded English text, or None where it has too few words."""
    words = sentences = total = 0
    for paragraph in text.split("\n\n"):
        ended = words
        for token in paragraph.split():
            count, of_syllables, ends = _read(token) if len(token) < _LONGEST_KEPT else (0, 0, False)
            words += count
            total += of_syllables
            if ends and words > ended:
                sentences, ended = sentences + 1, words
        sentences += words > ended
    if words < FEWEST_WORDS:
        return None
    return _WORDS_WEIGHT * words / max(1, sentences) + _SYLLABLES_WEIGHT * total / words - _OFFSET


@lru_cache(maxsize=16384)
def _read(token: str) -> tuple[int, int, bool]:
    """Return a token's words and their syllables, and whether a sentence ends with it."""
    words = [] if _is_left_out(token) else _WORD.findall(token)
    ends = token.rstrip(_CLOSING)[-1:] in {".", "!", "?"} and token not in _ABBREVIATIONS
    return len(words), sum(map(syllables, words)), ends


def _is_left_out(token: str) -> bool:
    """Return whether a token is a hashtag, a handle or an address."""
    if token[0] in "#@" or "://" in token:
        return True
    before, _, after = token.strip(_MARKS).partition(".")
    return len(before) > 1 and len(after) > 1


def syllables(word: str) -> int:
    """Return the number of syllables of an English word in lower case, by its vowels."""
    count = len(_VOWELS.findall(word[:60])) + len(_SPLIT_VOWELS.findall(word[:60]))
    if _SILENT_E.search(word):
        count -= 1
    return max(1, count)


RULE = Rule(CODE, Level.NOTE, check)
