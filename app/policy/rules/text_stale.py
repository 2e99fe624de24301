"""text.stale: a year before the campaign's, or a phrase that the pack says has aged.

Years in addresses, handles, telephone numbers, names of laws and quoted titles do not count, nor does a number of
people or money, nor the year of a cited source in brackets: "(ILO, 2022)".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.policy.facts import Facts
from app.policy.finding import Level
from app.policy.grammar import LAW_WORDS, word_set
from app.policy.language import Language, language_of
from app.policy.names import words_in_names
from app.policy.policy import Policy, StalePhrase
from app.policy.preparing import per_policy
from app.policy.rule import Found, Rule
from app.policy.spans import lies_in
from app.text.folding import fold

CODE = "text.stale"
_YEAR = re.compile(r"(?<![0-9])(?<![0-9][,.:])(?<![$€£¥%=])(?:19|20)[0-9]{2}(?![0-9]|[,.:][0-9]|%)")
_CITED = re.compile(r"\([^()]{1,80}\Z")
_LAW_BEFORE = re.compile(r"\b(\w+),?(?: of)? \Z", re.IGNORECASE)
#: "FY23", "01/11/23".
_SHORT_YEAR = re.compile(r"(?<![\w/])(?:fy ?'?|[01]?[0-9]/[0-3]?[0-9]/)([0-9]{2})(?![\w/])")
_SLASHES = re.compile(r"/[0-9]{1,2}/[0-9]{2}(?![\w/])")
_CENTURY = 2000
_NUMBERED = re.compile(r"\b(?:room|rm|suite|ste|building|bldg|page|channel|form|box|section|hall|unit|apt|no)\.? \Z")
_STREET = re.compile(
    r" (?:[\w.']{1,20} ){1,4}(?:Street|St|Avenue|Ave|Road|Rd|Drive|Dr|Boulevard|Blvd|Lane|Ln|Way|Court|Ct|Parkway|Pkwy"
    r"|Highway|Hwy|Place|Pl|Plaza|NW|NE|SW|SE)\b"
)
_DATED = re.compile(r"\b(?:in|since|of|by|during|until|from) \Z")
_COUNTED = word_set("percent people dollars miles hours calls beds cases copies words signals tips")


@dataclass(frozen=True, slots=True)
class _Phrase:
    folded: str
    pattern: re.Pattern[str]
    source: StalePhrase


@per_policy
def _phrases(policy: Policy) -> tuple[_Phrase, ...]:
    return tuple(_phrase(entry) for entry in policy.stale if entry.phrase.strip())


def _phrase(entry: StalePhrase) -> _Phrase:
    parts = fold(entry.phrase).text.split()
    body = r"[\s#*_-]{1,4}".join(map(re.escape, parts))
    return _Phrase(max(parts, key=len), re.compile(rf"(?<![^\W_]){body}(?![^\W_])"), entry)


def check(facts: Facts, policy: Policy) -> Iterator[Found]:
    """Yield a finding for every past year and every aged phrase."""
    yield from _aged(facts, policy)
    yield from _past_years(facts, policy)


def _aged(facts: Facts, policy: Policy) -> Iterator[Found]:
    text = facts.folded.text
    for phrase in _phrases(policy):
        if phrase.folded not in text:
            continue
        for match in phrase.pattern.finditer(text):
            span = facts.folded.span(*match.span())
            if not lies_in(facts.addresses, span):
                message = f"“{facts.text[slice(*span)]}” may be out of date: {phrase.source.note}"
                yield Found(CODE, span, message, "Check that it is still so, or write it anew.")


def _past_years(facts: Facts, policy: Policy) -> Iterator[Found]:
    text = facts.folded.text
    has_year = "20" in text or "19" in text
    years = [match for match in _YEAR.finditer(text) if int(match.group()) < policy.year] if has_year else []
    if "fy" in text or _SLASHES.search(text):
        years.extend(match for match in _SHORT_YEAR.finditer(text) if _CENTURY + int(match[1]) < policy.year)
    if not years:
        return
    language = language_of(facts, policy)
    named = words_in_names(facts.words, language.names, set()) if language else set()
    by_start = {facts.words.starts[index]: index for index in named}
    spans = sorted((*facts.addresses, *facts.telephone_spans))
    for year in years:
        span = facts.folded.span(*year.span())
        if lies_in(spans, span) or year.start() in by_start or _is_excused(text, facts.folded.cased, year, language):
            continue
        message = f"{year.group()} is past: the campaign is of {policy.year}."
        yield Found(CODE, span, message, f"Check it; for this year's campaign write {policy.year}.")


def _is_excused(text: str, cased: str, year: re.Match[str], language: Language | None) -> bool:
    start, end = year.span()
    following = text[end : end + 24].split()
    if following and not text[end : end + 1].strip() and _is_counted(following[0], language):
        return True
    before = cased[max(0, start - 80) : start]
    if _NUMBERED.search(before.lower()) or (_STREET.match(cased, end) and not _DATED.search(before.lower())):
        return True
    law = _LAW_BEFORE.search(before)
    if law is not None and law[1].lower() in LAW_WORDS and law[1][:1].isupper():
        return True
    opened = _CITED.search(before)
    return text[end : end + 1] == ")" and opened is not None and any(c.isupper() for c in opened.group())


def _is_counted(word: str, language: Language | None) -> bool:
    return word in _COUNTED or (language is not None and language.is_person(word.strip(".,;:!?")))


RULE = Rule(CODE, Level.WARNING, check)
