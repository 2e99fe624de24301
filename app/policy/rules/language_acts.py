"""Verbs that the issuer asks not to use as acts done to people: "save victims", "she was rescued".

A verb counts with people or a personal pronoun as its object ("rescue them", "the rescue of twelve children"), in the
passive with people before it or a harm behind it ("rescued from abuse"), and as the noun of an act
("rescue mission", "after her rescue"). It does not count on things: "save the date", "save time", "saves you money".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.policy.facts import Facts
from app.policy.finding import Level
from app.policy.grammar import (
    ACT_NOUNS,
    ADVERBS,
    AMOUNTS,
    AUXILIARIES,
    CONJUNCTIONS,
    COPULAS,
    CREWS,
    DETERMINERS,
    DISASTERS,
    EMERGENCIES,
    NO_NOUNS,
    OBJECT_PRONOUNS,
    OF_THINGS,
    PREPOSITIONS,
    STOPS,
    SUBJECT_PRONOUNS,
    THINGS,
)
from app.policy.language import Hit, Language, findings
from app.policy.policy import Policy
from app.policy.rule import Found, Rule
from app.text.words import Words

_PLAIN = re.compile(r"[\s\-\"'*_#]{0,3}")
_CLAUSE = re.compile(r"[\s\-\"'*_#,()/]{0,4}")
#: Words between a verb and its object, and between a passive and the people it is said of.
_FARTHEST = 4
_SUBJECT_WITHIN = 6
_POSSESSIVES = frozenset({"her", "his", "their", "our", "my", "your"})
_KEPT_THINGS = frozenset({"for", "to", "in", "on", "as", "here", "somewhere", "until"})
_IN_NEED = frozenset(
    {"needs", "need", "needing", "await", "awaiting", "of", "for", "beyond", "since", "after", "before"}
)
_AFTER_PRONOUN = PREPOSITIONS | CONJUNCTIONS | COPULAS | frozenset({"today", "now", "alive", "safely", "all", "too"})
_THOSE_WHO = frozenset({"who", "in", "at", "from", "being", "experiencing"})


def _is_said_of_people(word: str) -> bool:
    # "Those trapped", "those affected": a participle behind "those" is nearly always said of people.
    return word in _THOSE_WHO or word.endswith("ed")


def check(facts: Facts, policy: Policy) -> Iterator[Found]:
    """Yield a finding for every verb that is done to people."""
    return findings(facts, policy, "act", _judge)


def _judge(facts: Facts, language: Language, hit: Hit) -> tuple[int, int] | None:
    words = facts.words
    if _is_compound(words, hit):
        return None
    last = _object_after(words, language, hit.last + 1)
    if last is not None:
        return hit.first, last
    if words.texts[hit.last].endswith("ed"):
        return _passive(words, language, hit)
    return _noun(words, hit)


def _is_compound(words: Words, hit: Hit) -> bool:
    """Return whether the word only says what kind of people they are: "the rescue workers arrived"."""
    if _next(words, hit.last) not in CREWS:
        return False
    before = words.texts[hit.first - 1] if hit.first and _PLAIN.fullmatch(words.gap(hit.first)) else ""
    if before in DETERMINERS or before in {"with", "by", "for", "from", "and"}:
        return True
    behind = _next(words, hit.last + 1)
    # "Rescue workers arrived", not "Rescue workers trapped in debt".
    has_acted = behind.endswith("ed") and _next(words, hit.last + 2) not in {"in", "from", "by", "into"}
    return not before and (behind in COPULAS or behind in AUXILIARIES or has_acted)


def _object_after(words: Words, language: Language, index: int) -> int | None:
    """Return the index of the last word of a personal object that begins at a word."""
    if index < len(words) and words.texts[index] == "of":
        index += 1
    for step in range(_FARTHEST + 1):
        if index >= len(words) or not _PLAIN.fullmatch(words.gap(index)):
            return None
        text = words.texts[index]
        if text == "those" and _is_said_of_people(_next(words, index)):
            return index
        is_pronoun = text in OBJECT_PRONOUNS and not (text == "her" and _is_possessive(words, index))
        if is_pronoun and not _is_owner(words, index):
            return None if _is_given_something(words, index) else index
        people = language.people.at(words, index) or _nominal(words, language, index)
        if people is not None and not _is_owner(words, people[0]) and not _is_of_a_thing(words, people[0]):
            return None if _next(words, people[0]) in THINGS | DETERMINERS else people[0]
        adjective = _adjective(words, language, index)
        if adjective is None and people is None and not _may_stand_between(words, index, first=step == 0):
            return None
        index = (adjective if adjective is not None else index) + 1
    return None


def _adjective(words: Words, language: Language, index: int) -> int | None:
    """Return the last word of one of the issuer's own adjectives: "save at-risk children"."""
    adjectives = language.terms.get("adjective")
    found = adjectives.at(words, index) if adjectives else None
    return found[0] if found else None


def _is_of_a_thing(words: Words, index: int) -> bool:
    """Return whether a word for people only says whose thing it is: "save the community garden"."""
    if words.texts[index] not in OF_THINGS:
        return False
    behind = _next(words, index)
    return bool(behind) and behind not in NO_NOUNS and not behind.endswith(("ing", "ed", "ly"))


def _is_owner(words: Words, index: int) -> bool:
    """Return whether what follows people is theirs: "your children's drawings"."""
    if not _next(words, index):
        return False
    return words.cased(index).endswith("'s") or words.gap(index + 1).startswith("'")


def _nominal(words: Words, language: Language, index: int) -> tuple[int, object] | None:
    """Return an adjective that stands for people itself: "save the vulnerable"."""
    adjectives = language.terms.get("adjective")
    found = adjectives.at(words, index) if adjectives and words.texts[index - 1] in language.determiners else None
    if found is None:
        return None
    following = _next(words, found[0])
    return found if not following or following in STOPS else None


def _may_stand_between(words: Words, index: int, *, first: bool) -> bool:
    text = words.texts[index]
    if text in DETERMINERS:
        return True
    if text in CONJUNCTIONS:
        return first  # "rescue and restore victims"
    if text == "of":
        return words.texts[index - 1] in AMOUNTS or words.texts[index - 1].isdigit()
    return text not in THINGS and text not in STOPS


def _next(words: Words, index: int) -> str:
    """Return the word behind another when nothing but a blank parts them."""
    if index + 1 < len(words) and _PLAIN.fullmatch(words.gap(index + 1)):
        return words.texts[index + 1]
    return ""


def _is_possessive(words: Words, index: int) -> bool:
    following = _next(words, index)
    return bool(following) and following not in _AFTER_PRONOUN


def _is_given_something(words: Words, index: int) -> bool:
    """Return whether a pronoun is not what is saved: "save them time", "save them for later"."""
    following = _next(words, index)
    is_kept = words.texts[index] == "them" and following in _KEPT_THINGS
    return is_kept or following in THINGS or following in DETERMINERS - {"all", "both"} or following[:1].isdigit()


def _passive(words: Words, language: Language, hit: Hit) -> tuple[int, int] | None:
    following = _next(words, hit.last)
    if following == "from" and _names_a_harm(words, language, hit.last + 2):
        return hit.first, hit.last
    index = hit.first - 1
    while index >= 0 and (words.texts[index] in ADVERBS or words.texts[index].endswith("ly")):
        index -= 1
    has_copula = index >= 0 and words.texts[index] in COPULAS
    if (has_copula or following in {"from", "by"}) and _has_people_before(words, language, hit.first):
        return hit.first, hit.last
    return None


def _names_a_harm(words: Words, language: Language, index: int) -> bool:
    for place in range(index, min(index + _FARTHEST, len(words))):
        if not _PLAIN.fullmatch(words.gap(place)):
            return False
        if words.texts[place] in language.harms or words.texts[place] in language.topics:
            return True
    return False


def _has_people_before(words: Words, language: Language, first: int) -> bool:
    for index in range(first - 1, max(-1, first - 1 - _SUBJECT_WITHIN), -1):
        if not _CLAUSE.fullmatch(words.gap(index + 1)):
            return False
        text = words.texts[index]
        if text in SUBJECT_PRONOUNS or language.people.at(words, index) is not None:
            return True
        if text in THINGS:
            return False
    return False


def _noun(words: Words, hit: Hit) -> tuple[int, int] | None:
    following = _next(words, hit.last)
    before = words.texts[hit.first - 1] if hit.first else ""
    if following in ACT_NOUNS:
        is_emergency = before in EMERGENCIES or not DISASTERS.isdisjoint(words.vocabulary)
        return None if is_emergency else (hit.first, hit.last + 1)
    ends_there = not following or following in PREPOSITIONS | CONJUNCTIONS | COPULAS | AUXILIARIES
    is_noun = before in _POSSESSIVES or (before in _IN_NEED and hit.rule.kind == "act" and not following)
    return (hit.first, hit.last) if ends_there and is_noun and following != "to" else None


RULE = Rule("language (acts)", Level.WARNING, check)
