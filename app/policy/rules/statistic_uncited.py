"""statistic.uncited: a figure about people without a link or a named source.

A figure is a number (or a word such as "thousands") with people behind it, a share ("50% of youth", "one in four
children") or a large number of them. Small counts of persons ("two survivors share their story") are stories, years
and hours are none. A link is a source, except the hotline's home or chat page; so is a source by name: "according to
the ILO", "Source: ...", "(ILO, 2022)".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from app.policy.facts import Facts
from app.policy.finding import Level
from app.policy.grammar import COPULAS, word_set
from app.policy.mentions import is_mentioning_page
from app.policy.phrases import Phrases
from app.policy.policy import Policy, StatisticPolicy
from app.policy.preparing import per_policy
from app.policy.rule import Found, Rule
from app.policy.spans import lies_in
from app.text.tags import for_tag
from app.text.words import Words, words_of

CODE = "statistic.uncited"

_NUMBER = re.compile(
    r"(?<![0-9$€£¥])(?<![0-9][,./:-])[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?(?![0-9])(?:[ -]?%|(?=(?P<times>[kmb]?)\b))"
)
_TIMES = {"": 1, "k": 1e3, "m": 1e6, "b": 1e9}
_DIGITS = re.compile(r"[0-9]+")
_IN_BRACKETS = re.compile(r"\([^()\n]{0,60}[A-Z][^()\n]{0,60},? (?:19|20)[0-9]{2}\)")
#: A name before a word of reporting: "The ILO estimates", "a CDC study", "National Crime Agency data".
_REPORTING = re.compile(
    r"(?<![#@\w.])(?!US )(?:[A-Z]{2,8}|[A-Z][a-z]{1,20} (?:(?:of|for|on|in|and|the) ){0,2}[A-Z][A-Za-z]{1,20}"
    r"(?: [A-Z][A-Za-z]{1,20}){0,4})(?:'s)?(?: [A-Z]?[a-z]{2,12})?"
    r" (?:estimates?|estimated|reports?|reported|found|finds|data|study|survey|research|figures|statistics)\b"
)
_FRACTION = word_set("one two three four five six seven eight nine ten eleven twelve twenty hundred thousand")
_FRACTION_JOINS = (("in",), ("out", "of"), ("out", "of", "every"), ("of", "every"), ("in", "every"), ("of",))
_JOIN_STARTS = (["in"], ["out"], ["of"])
_PLAIN = re.compile(r"[\s\-\"'*_#,]{0,3}")
_SENTENCE_END = re.compile(r"[.!?](?=[\s\"')]|\Z)|\n\n")
_BETWEEN = word_set("of the all our these those more than other young every known such u s us")
_UNITS = word_set(
    "year years month months week weeks day days hour hours minute minutes second seconds mile miles dollar "
    "dollars language languages am pm o'clock yo old states counties countries am/pm st nd rd th january "
    "february march april may june july august september october november december for to in at on and or by "
    "with from who is are was were as than that can if"
)
#: What a number before people may belong to instead: "grade 10 students", "January 11".
_NUMBERED = word_set(
    "grade grades room age ages aged under week day step phase section chapter class title january february march "
    "april may june july august september october november december"
)
_HIGHEST_AGE = 400
_CROWDS = word_set("thousands millions billions")
_TO_BE = frozenset({"are", "were", "is", "was"})
_LEAST = 10
_YEARS = range(1900, 2100)
_BEFORE_YEARS = word_set("in of since by for from until through january our the this your annual month")
_FARTHEST = 5
_NAME_WITHIN = 6


@dataclass(frozen=True, slots=True)
class _Language:
    nouns: Phrases[None]
    quantities: Phrases[None]
    starts: frozenset[str]
    sources: tuple[str, ...]


@per_policy
def _languages(policy: Policy) -> dict[str, _Language]:
    return {entry.language.lower(): _prepared(entry) for entry in policy.statistics}


def _prepared(entry: StatisticPolicy) -> _Language:
    return _Language(
        Phrases(((noun, None) for noun in entry.nouns), inflected=True),
        Phrases((quantity, None) for quantity in entry.quantities),
        _FRACTION.union(words[0] for quantity in entry.quantities if (words := words_of(quantity))),
        tuple(source.lower() for source in entry.source_words),
    )


def check(facts: Facts, policy: Policy) -> Iterator[Found]:
    """Yield a finding for every figure about people, where the text names no source at all."""
    language = for_tag(_languages(policy), facts.language or policy.language)
    if language is None or _has_source_link(facts, policy):
        return
    figures = _figures(facts, language)
    figure = next(figures, None)
    if figure is None or _names_any_source(facts, language):
        return
    for first, last in chain((figure,), figures):
        span = facts.words.span(first, last)
        yield Found(
            CODE,
            span,
            f"“{facts.text[slice(*span)]}” is a figure about people without a source.",
            "Name the source or link to it; say what was counted, where and when.",
        )


def _figures(facts: Facts, language: _Language) -> Iterator[tuple[int, int]]:
    words = facts.words
    numbers = _numbers(facts) if _DIGITS.search(facts.folded.text) else {}
    if not numbers and language.starts.isdisjoint(words.vocabulary):
        return
    done = -1
    for index in _candidates(words, numbers, language):
        if index > done:
            last = _figure_at(words, index, numbers, language)
            if last is not None:
                yield index, last
                done = last


def _candidates(words: Words, numbers: dict[int, tuple[float, bool, int]], language: _Language) -> list[int]:
    """Return the words at which a figure may begin."""
    found = set(words.places(language.starts))
    if numbers:
        found.update(index for index, start in enumerate(words.starts) if start in numbers)
    return sorted(found)


def _numbers(facts: Facts) -> dict[int, tuple[float, bool, int]]:
    """Return value, whether it is a share, and end, of every number outside addresses, by the place it starts at."""
    found: dict[int, tuple[float, bool, int]] = {}
    spans = sorted((*facts.addresses, *facts.telephone_spans))
    for match in _number_matches(facts.folded.text):
        if not lies_in(spans, facts.folded.span(*match.span())):
            digits = match.group().rstrip(" %-")
            is_share = match.group().endswith("%")
            value = float(digits.replace(",", "")[:18]) * _TIMES[match["times"] or ""]
            found[match.start()] = (value, is_share, match.end())
    return found


def _number_matches(text: str) -> Iterator[re.Match[str]]:
    end = 0
    for digits in _DIGITS.finditer(text):
        match = _NUMBER.match(text, digits.start()) if digits.start() >= end else None
        if match is not None:
            end = match.end()
            yield match


def _figure_at(
    words: Words, index: int, numbers: dict[int, tuple[float, bool, int]], language: _Language
) -> int | None:
    """Return the index of the noun of a figure that begins at a word."""
    ratio = _ratio_end(words, index)
    if ratio is not None:
        return _noun_after(words, ratio + 1, language)
    number = numbers.get(words.starts[index])
    if number is not None:
        return _counted_end(words, index, number, language)
    quantity = language.quantities.at(words, index)
    # "the most vulnerable people", "at most": no amount.
    if quantity is None or (index and words.texts[index - 1] in {"the", "our", "at"}):
        return None
    following = quantity[0] + 1
    if words.texts[quantity[0]] in _CROWDS and following < len(words) and words.texts[following] in COPULAS:
        return quantity[0]  # "Millions are affected."
    return _noun_after(words, quantity[0] + 1, language, close=True)


def _counted_end(words: Words, index: int, number: tuple[float, bool, int], language: _Language) -> int | None:
    value, is_share, end = number
    behind = index + 1
    while behind < len(words) and words.starts[behind] < end:
        behind += 1
    quantity = language.quantities.at(words, behind) if behind < len(words) else None
    if is_share or quantity is not None:
        behind = quantity[0] + 1 if quantity else behind
        is_said_of = (
            behind < len(words) and words.texts[behind] in _TO_BE and _PLAIN.fullmatch(words.gap(behind).lstrip("%"))
        )
        return _noun_after(words, behind + 1 if is_said_of else behind, language)
    if value < _LEAST or (value in _YEARS and _is_year(words, index, behind, language)):
        return None
    if index and words.texts[index - 1] in _NUMBERED and _PLAIN.fullmatch(words.gap(index)) and value < _HIGHEST_AGE:
        return None
    return _noun_after(words, behind, language, close=True)


def _ratio_end(words: Words, index: int) -> int | None:
    """Return the last word of "1 in 4", "one out of every five"."""
    if not _is_count(words.texts[index]) or words.texts[index + 1 : index + 2] not in _JOIN_STARTS:
        return None
    for joins in _FRACTION_JOINS:
        end = index + len(joins) + 1
        if end >= len(words) or tuple(words.texts[index + 1 : end]) != joins:
            continue
        if _is_count(words.texts[end]) and all(_PLAIN.fullmatch(words.gap(i)) for i in range(index + 1, end + 1)):
            return end
    return None


def _is_count(text: str) -> bool:
    return text in _FRACTION or (text.isdigit() and len(text) <= 4 and int(text) not in _YEARS)  # noqa: PLR2004 - no ratio has a count of five digits


def _is_year(words: Words, index: int, behind: int, language: _Language) -> bool:
    before = words.texts[index - 1] if index else ""
    follows = behind < len(words) and language.nouns.at(words, behind) is not None
    return not follows or before in _BEFORE_YEARS


def _noun_after(words: Words, index: int, language: _Language, *, close: bool = False) -> int | None:
    """Return the last word of the people counted, a few words on in the same sentence."""
    for _ in range(2 if close else _FARTHEST):
        while index < len(words) and words.texts[index] in _BETWEEN and _PLAIN.fullmatch(words.gap(index)):
            index += 1
        if index >= len(words) or not _PLAIN.fullmatch(words.gap(index).lstrip(" %)+")):
            return None
        noun = language.nouns.at(words, index)
        if noun is not None:
            return noun[0]
        if words.texts[index] in _UNITS or words.texts[index].isdigit():
            return None
        index += 1
    return None


def _has_source_link(facts: Facts, policy: Policy) -> bool:
    site = policy.contact.site
    return any(site is None or not is_mentioning_page(link, site) for link in facts.links)


def _names_any_source(facts: Facts, language: _Language) -> bool:
    if _IN_BRACKETS.search(facts.folded.cased) or _REPORTING.search(facts.folded.cased):
        return True
    text = facts.folded.text
    return any(_names_source(facts, text, source) for source in language.sources if source in text)


def _names_source(facts: Facts, text: str, source: str) -> bool:
    """Return whether a name, a colon or a quotation stands behind the words that announce a source."""
    for match in re.finditer(rf"(?<![^\W_]){re.escape(source)}(?![^\W_])", text):
        behind = facts.folded.cased[match.end() : match.end() + 120]
        if behind.lstrip().startswith(":") and len(behind.strip()) > 1:
            return True
        sentence = _SENTENCE_END.split(behind.replace("U.S.", "US"))[0]
        if any(word.strip("\"'(")[:1].isupper() for word in sentence.split()[:_NAME_WITHIN]):
            return True
    return False


RULE = Rule(CODE, Level.WARNING, check)
