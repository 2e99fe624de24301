"""text.placeholder: a fill-in that is still open.

The pack's own fill-ins count wherever they stand, whatever their case and spacing. Beside them, anything that looks
like one: brackets whose first or last word says what belongs there ("[State/Organization]", "(insert city)",
"<your name>"), template marks ("{{name}}"), masked digits ("December XX", "1-888-XXX-XXXX"), blanks ("____"), "TBD",
and a Markdown link that leads nowhere ("](#)"). Editor's brackets ("[sic]", "[1]", "[VIDEO]") are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.policy.facts import Facts
from app.policy.finding import Level
from app.policy.grammar import word_set
from app.policy.policy import Policy
from app.policy.preparing import per_policy
from app.policy.rule import Found, Rule
from app.text.folding import fold

CODE = "text.placeholder"

#: Words that say what belongs in a fill-in, as its first or last word, in English and Spanish.
_WANTED = word_set(
    "insert add enter fill link links url website webpage quote your our-name name names title date time day "
    "month year city state county country region place location venue address organization organisation org "
    "agency partner department company school phone telephone number email e-mail handle hashtag logo photo- "
    "credit speaker host event topic description text here placeholder tbd tbc tba todo xx insertar inserte "
    "agregar añadir enlace su tu nombre fecha hora ciudad estado condado lugar organización organizacion "
    "tribe hotline resource position agencia cita título titulo teléfono telefono número numero aquí aqui"
)
_EDITORS = word_set(
    "withheld redacted removed changed omitted added sic ours mine translated bleeped english spanish espanol live"
)
#: What describes a picture or sound to those who cannot see or hear it: "[Image: a school in a city]".
_DESCRIBED = word_set("image id alt picture photo video graphic gif caption audio music")

_BRACKETS = re.compile(r"\[([^\[\]]{1,200})\](?!\([^#)])|<([^<>\n/]{1,80})>")
_PARENTHESES = re.compile(
    r"\((?:(?:please )?(?:insert|enter|fill in|add your|add name|add link|add date)\b[^()]{0,160}"
    r"|(?:title|name|date|link|url|quote|city|state|organization|agency|your [a-z]+) ?: [^()]{1,160}"
    r"|your [a-z]+(?: [a-z]+)?|link(?: to [^()]{1,80}| here)?|t\.?b\.?[dc]\.?|xx+)\)"
)
_TEMPLATE = re.compile(r"\{\{[^{}\n]{0,80}\}\}|\$?\{[^{}\n]{1,60}\}|%[A-Z][A-Z_]{2,40}%|<<[^<>\n]{1,60}>>")
_MONTH = "january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec"  # noqa: E501 - one list reads better than two
_MASKED = re.compile(
    rf"\b(?:(?i:{_MONTH})\.? X{{2,4}}\b|X{{2,}}(?=[%:/,]| ?(?i:percent\b|people\b|{_MONTH})|-X)[X%:/-]*"
    r"|(?:20|19)XX\b|[$#€£]X{2,}\b|[0-9]{1,3}[-. ]X{3}[-. ]X{4}\b)|_{3,}|\bTB[DC]\b|\b(?i:lorem ipsum)\b|\]\(#?\)"
)
_WORDS = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_ONLY_MARKS = re.compile(r"[\s_.x*?-]*(?:__|xx|\?\?)[\s_.x*?-]*")


@dataclass(frozen=True, slots=True)
class _Known:
    """The pack's fill-ins, folded: the first words of all, and of each its first word, its pattern and its label."""

    first_words: frozenset[str]
    entries: tuple[tuple[str, re.Pattern[str], str], ...]


@per_policy
def _known(policy: Policy) -> _Known:
    entries = [(fold(entry.text).text.split(), entry.label) for entry in policy.placeholders if entry.text.strip()]
    made = tuple((words[0], re.compile(r"\s+".join(map(re.escape, words))), label) for words, label in entries if words)
    return _Known(frozenset(first for first, _, _ in made), made)


def check(facts: Facts, policy: Policy) -> Iterator[Found]:
    """Yield a finding for every open fill-in, each once."""
    seen: list[tuple[int, int]] = []
    for start, end, label in (*_of_the_pack(facts, policy), *_by_shape(facts)):
        if any(first < end and start < last for first, last in seen[-4:]) or (start, end) in seen[-4:]:
            continue
        seen.append((start, end))
        span = facts.folded.span(start, end)
        written = facts.text[slice(*span)]
        what = f" ({label})" if label else ""
        yield Found(
            CODE,
            span,
            f"“{written}” is still open{what}.",
            f"Fill it in: {label}." if label else "Fill it in, or take it out.",
        )


def _of_the_pack(facts: Facts, policy: Policy) -> Iterator[tuple[int, int, str]]:
    text = facts.folded.text
    known = _known(policy)
    present = [first for first in known.first_words if first in text]
    for first, pattern, label in known.entries if present else ():
        if first in present:
            for match in pattern.finditer(text):
                yield *match.span(), label


def _by_shape(facts: Facts) -> Iterator[tuple[int, int, str]]:
    text, cased = facts.folded.text, facts.folded.cased
    if "[" in text or "<" in text:
        for match in _BRACKETS.finditer(cased):
            if _is_fill_in(match[1] or match[2], angle=match[2] is not None):
                yield *match.span(), ""
    if "(" in text:
        yield from ((*match.span(), "") for match in _PARENTHESES.finditer(text))
    if "{" in text or "%" in text or "<<" in text:
        yield from ((*match.span(), "") for match in _TEMPLATE.finditer(cased))
    if any(sign in cased for sign in ("XX", "___", "TB", "](", "orem ", "OREM ")):
        yield from ((*match.span(), "") for match in _MASKED.finditer(cased))


def _is_fill_in(content: str, *, angle: bool) -> bool:
    lower = content.lower()
    if _ONLY_MARKS.fullmatch(lower):
        return True
    words = _WORDS.findall(lower)
    if not words or not _EDITORS.isdisjoint(words) or (":" in content and words[0] in _DESCRIBED):
        return False
    if words[0] in _WANTED or (words[-1] in _WANTED and len(words) <= 6):  # noqa: PLR2004 - longer ones are remarks
        return True
    # "[PARTNER AGENCY]": capitals throughout and more than one word.
    return not angle and len(words) > 1 and content.isupper() and not any(map(str.isdigit, content))


RULE = Rule(CODE, Level.ERROR, check)
