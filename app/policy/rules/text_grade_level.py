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

_LEFT_OUT = re.compile(r"(?:https?://|[@#])\S+|\S+\.[a-z]{2,}(?:/\S*)?(?=\s|\Z)")
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
_SENTENCE_END = re.compile(r"(?<!\bdr)(?<!\bmr)(?<!\bms)(?<!\bmrs)(?<!\bu\.s)(?<!\bst)[.!?]+(?=[\s\"')\]]|\Z)|\n\s*\n")
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
    prose = _LEFT_OUT.sub(" ", text)
    words = _WORD.findall(prose)
    if len(words) < FEWEST_WORDS:
        return None
    sentences = sum(1 for piece in _SENTENCE_END.split(prose) if _WORD.search(piece))
    total = sum(map(syllables, words))
    return _WORDS_WEIGHT * len(words) / max(1, sentences) + _SYLLABLES_WEIGHT * total / len(words) - _OFFSET


@lru_cache(maxsize=16384)
def syllables(word: str) -> int:
    """Return the number of syllables of an English word in lower case, by its vowels."""
    count = len(_VOWELS.findall(word[:60])) + len(_SPLIT_VOWELS.findall(word[:60]))
    if _SILENT_E.search(word):
        count -= 1
    return max(1, count)


RULE = Rule(CODE, Level.NOTE, check)
