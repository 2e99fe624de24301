"""The engine behind the language rules: the pack's terms among the words of a text in its language.

A term is looked for only where its first word is in the text at all, so that a clean text costs next to nothing.
Addresses, handles, names and quoted titles are left out; the rules of each kind then say whether a hit counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from app.policy.facts import Facts
from app.policy.grammar import HARMS
from app.policy.names import Name, prepare_names, words_in_names
from app.policy.phrases import Phrases
from app.policy.policy import LanguageRule, LanguageRules, Policy, Term
from app.policy.preparing import per_policy
from app.policy.rule import Found
from app.policy.spans import lies_in
from app.text.tags import for_tag
from app.text.words import Words, camel_parts, words_of

_SHORTEST_TOPIC = 4
#: What to do where the issuer names no other words.
_OTHERWISE = {
    "term": "Use another word.",
    "adjective": "Say what affects these people, instead of what they are.",
    "act": "Say what people did themselves, or what support they found.",
}


@dataclass(frozen=True, slots=True)
class Language:
    """One language's rules as the engine uses them."""

    terms: dict[str, Phrases[tuple[LanguageRule, Term]]]
    exceptions: Phrases[str]
    names: Phrases[Name]
    people: Phrases[None]
    determiners: frozenset[str]
    topics: frozenset[str]
    harms: frozenset[str]
    person_words: frozenset[str]

    def is_person(self, word: str) -> bool:
        """Return whether a single word in lower case is one for people."""
        return word in self.person_words


@dataclass(frozen=True, slots=True)
class Hit:
    """A term in a text: the indexes of its first and last word."""

    rule: LanguageRule
    term: Term
    first: int
    last: int


#: Whether a hit counts, and the indexes of the first and last word of the finding; None where it does not.
Judge = Callable[[Facts, Language, Hit], "tuple[int, int] | None"]


@per_policy
def languages(policy: Policy) -> dict[str, Language]:
    """Return the policy's languages by their tags in lower case."""
    return {rules.language.lower(): _language(rules, policy) for rules in policy.languages}


def language_of(facts: Facts, policy: Policy) -> Language | None:
    """Return the rules for a text: by its exact tag, then its primary subtag."""
    return for_tag(languages(policy), facts.language or policy.language)


def findings(facts: Facts, policy: Policy, kind: str, judge: Judge) -> Iterator[Found]:
    """Yield what the rules of a kind find in a text."""
    language = language_of(facts, policy)
    if language is None:
        return
    words = facts.words
    if kind not in language.terms or (
        language.terms[kind].first_words.isdisjoint(words.vocabulary) and not words.hyphened
    ):
        return
    for hit in list(_hits(facts, language, kind)):
        judged = judge(facts, language, hit)
        if judged is not None:
            span = facts.words.span(*judged)
            suggestion = hit.term.instead or _OTHERWISE[kind]
            yield Found(hit.rule.code, span, _message(facts.text[slice(*span)], hit), suggestion)


def _message(written: str, hit: Hit) -> str:
    place = f" ({hit.rule.heading})" if hit.rule.heading else ""
    return f"“{written}”: {hit.rule.wording}{place}"


def _hits(facts: Facts, language: Language, kind: str) -> Iterator[Hit]:
    words = facts.words
    found = _longest(chain(language.terms[kind].everywhere(words), _broken(words, language.terms[kind])))
    if not found:
        return
    candidates = {index for hit in found for index in range(hit.first, hit.last + 1)}
    named = words_in_names(words, language.names, candidates)
    nothing: set[int] = set()
    excepted: dict[str, set[int]] = {}
    for first, last, code in language.exceptions.everywhere(words):
        excepted.setdefault(code, set()).update(range(first, last + 1))
    addresses = facts.addresses
    for hit in found:
        places = range(hit.first, hit.last + 1)
        if not named.isdisjoint(places) or not excepted.get(hit.rule.code, nothing).isdisjoint(places):
            continue
        if not lies_in(addresses, words.span(hit.first, hit.last)):
            yield hit


def _broken(
    words: Words, terms: Phrases[tuple[LanguageRule, Term]]
) -> Iterator[tuple[int, int, tuple[LanguageRule, Term]]]:
    """Yield the terms of one word that are written with a hyphen inside: "run-away"."""
    for index in words.hyphened:
        payload = terms.single(words.texts[index - 1] + words.texts[index])
        if payload is not None:
            yield index - 1, index, payload


def _longest(matches: Iterable[tuple[int, int, tuple[LanguageRule, Term]]]) -> list[Hit]:
    """Keep one hit a rule and place: the longest comes first."""
    kept: dict[tuple[str, int], Hit] = {}
    for first, last, (rule, term) in matches:
        kept.setdefault((rule.code, first), Hit(rule, term, first, last))
    return list(kept.values())


def _language(rules: LanguageRules, policy: Policy) -> Language:
    kinds = {rule.kind for rule in rules.rules}
    of_kind = {kind: [rule for rule in rules.rules if rule.kind == kind] for kind in kinds}
    return Language(
        terms={kind: _terms(of_kind[kind]) for kind in kinds},
        exceptions=Phrases((phrase, rule.code) for rule in rules.rules for phrase in rule.except_phrases),
        names=prepare_names(rules.names),
        people=Phrases(((word, None) for word in rules.people), inflected=True),
        determiners=frozenset(word for text in rules.people_determiners for word in words_of(text)),
        topics=_topics(policy),
        harms=HARMS | {word for text in rules.harms for word in words_of(text)},
        person_words=frozenset(word for text in rules.people for word in words_of(text)),
    )


def _terms(rules: list[LanguageRule]) -> Phrases[tuple[LanguageRule, Term]]:
    # A verb has no plural: "savings" are no act of saving.
    has_plural = all(rule.kind != "act" for rule in rules)
    forms = ((form, (rule, term)) for rule in rules for term in rule.terms for form in term.forms)
    return Phrases(forms, inflected=has_plural)


def _topics(policy: Policy) -> frozenset[str]:
    """Return the words of the campaign's hashtags, and of those who do what one names: hazing, hazers."""
    tags = (policy.hashtags.primary or "", *policy.hashtags.secondary)
    words = {part.lower() for tag in tags for part in camel_parts(tag) if len(part) >= _SHORTEST_TOPIC}
    doers = {word.removesuffix("ing") + ending for word in words if word.endswith("ing") for ending in ("er", "ers")}
    return frozenset(words | doers)
