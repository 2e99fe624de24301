"""Adjectives that the issuer asks not to put on people: "vulnerable youth", "the most vulnerable among us".

An adjective counts where words for people follow it, other adjectives between or not, and where it stands for people
itself behind a determiner. It does not count behind the noun ("groups that have been marginalized"), with a
preposition ("vulnerable to", "people at risk of"), nor on things ("high-risk situations").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.policy.facts import Facts
from app.policy.finding import Level
from app.policy.grammar import ADVERBS, AFTER_NOMINAL, CONJUNCTIONS, COPULAS, STOPS, THINGS
from app.policy.language import Hit, Language, findings
from app.policy.policy import Policy
from app.policy.rule import Found, Rule
from app.text.words import Words

_BETWEEN = re.compile(r"[\s\-/,\"'()*_#&+]{0,4}")
_PLAIN = re.compile(r"[\s\-\"'*_#]{0,3}")
#: Words between an adjective and the people it is said of, and adverbs before it.
_FARTHEST = 4
#: What stands before "at risk" where it is said of the noun before: "those at risk", "put at risk".
_BEFORE_PREDICATE = frozenset({"those", "put", "puts", "putting", "at", "of", "who", "most", "more", "especially"})


def check(facts: Facts, policy: Policy) -> Iterator[Found]:
    """Yield a finding for every adjective that is put on people."""
    return findings(facts, policy, "adjective", _judge)


def _judge(facts: Facts, language: Language, hit: Hit) -> tuple[int, int] | None:
    words = facts.words
    if _is_loose_phrase(words, hit) and _belongs_to_the_left(words, language, hit.first):
        return None
    last = _people_after(words, language, hit)
    if last is not None:
        return hit.first, last
    if _stands_for_people(words, language, hit):
        return hit.first, hit.last
    return None


def _is_loose_phrase(words: Words, hit: Hit) -> bool:
    """Return whether a phrase of several words is written without hyphens: "at risk"."""
    return hit.last > hit.first and "-" not in words.gap(hit.last)


def _belongs_to_the_left(words: Words, language: Language, first: int) -> bool:
    if first == 0 or not _PLAIN.fullmatch(words.gap(first)):
        return False
    before = words.texts[first - 1]
    return before in COPULAS or before in _BEFORE_PREDICATE or language.people.at(words, first - 1) is not None


def _people_after(words: Words, language: Language, hit: Hit) -> int | None:
    """Return the index of the word for people that the adjective is said of, if there is one."""
    adjectives = language.terms["adjective"]
    is_predicate = _before_adverbs(words, hit.first) in COPULAS
    index = hit.last + 1
    cut = False
    for _ in range(_FARTHEST + 1):
        if index >= len(words) or not _BETWEEN.fullmatch(words.gap(index)):
            return None
        cut = cut or "," in words.gap(index)
        other = adjectives.at(words, index)
        people = language.people.at(words, index)
        if people is not None and other is None:
            if not cut:
                return people[0]
            # "they are vulnerable, and youth need help": a new thought begins with the people. They may stand for an
            # adjective as well: "homeless or runaway youth".
            following = people[0] + 1
            is_word = following < len(words) and _PLAIN.fullmatch(words.gap(following)) is not None
            behind = language.people.at(words, following) if is_word else None
            return behind[0] if behind else None
        text = words.texts[index]
        if other is None and (text in STOPS or text in THINGS):
            return None
        cut = text in CONJUNCTIONS
        if cut and is_predicate:
            return None
        index = (other[0] if other else index) + 1
    return None


def _before_adverbs(words: Words, first: int) -> str:
    index = first - 1
    while index >= max(0, first - _FARTHEST) and _is_adverb(words.texts[index]):
        index -= 1
    return words.texts[index] if index >= 0 else ""


def _is_adverb(text: str) -> bool:
    return text in ADVERBS or text.endswith("ly")


def _stands_for_people(words: Words, language: Language, hit: Hit) -> bool:
    """Return whether the adjective is a noun here: "the homeless", "our most vulnerable"."""
    if not _PLAIN.fullmatch(words.gap(hit.first)) or not _has_determiner(words, language, hit.first):
        return False
    following = hit.last + 1
    if following >= len(words) or not _PLAIN.fullmatch(words.gap(following)):
        return True
    if words.gap(following).startswith("-"):
        return False
    return words.texts[following] in AFTER_NOMINAL


def _has_determiner(words: Words, language: Language, first: int) -> bool:
    index = first - 1
    for _ in range(_FARTHEST):
        if index < 0:
            return False
        text = words.texts[index]
        if text in language.determiners:
            return True
        joined = text in CONJUNCTIONS and index > 0 and words.texts[index - 1] not in STOPS
        if not _is_adverb(text) and not joined:
            return False
        if not _PLAIN.fullmatch(words.gap(index)):
            return False
        index -= 2 if joined else 1
    return False


RULE = Rule("language (adjectives)", Level.WARNING, check)
