"""mention.wrong_number: a number that is nearly the hotline's, or the hotline's on the wrong channel.

- A telephone number one or two edits away from the voice number.
- Behind "text", "SMS" or the like: a number or keyword one or two edits away from the text line's. A word counts as a
  keyword where it is written as one: in capitals, in quotes, or before "to" and a number ("text BEFRE to 233733").
- Behind "call": the text line's number, which nobody can call.
The campaign's other good numbers never count, nor do digits in addresses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.policy.contact import Hotline, edits_allowed, hotline_of
from app.policy.distance import within_edits
from app.policy.facts import Facts
from app.policy.finding import Level
from app.policy.grammar import STOPS
from app.policy.mentions import in_link, is_text_line
from app.policy.policy import Policy
from app.policy.rule import Found, Rule
from app.policy.spans import lies_in
from app.policy.text_line import Asked, Channel, asked_for
from app.text.folding import fold

CODE = "mention.wrong_number"
#: A number that one is asked to call stands this close behind the verb.
_CLOSE = 4
#: Before a number, so many characters are looked at for how one is asked to reach it.
_SENTENCE = 80
_SENTENCE_END = re.compile(r"[.!?;|\n]")
_WORD = re.compile(r"\w+")
_FILLERS = frozenset({"us", "at", "to", "the", "hotline", "number", "on", "al", "a", "message", "1"})
_CURRENCY = frozenset("$€£¥")
_QUOTED = re.compile(r"[\"'(]\Z")


def check(facts: Facts, policy: Policy) -> Iterator[Found]:
    """Yield a finding for every number or keyword that looks like the hotline's and is not."""
    hotline = hotline_of(policy)
    yield from _voice(facts, hotline)
    if hotline.contact.text_line is not None:
        yield from _text_line(facts, hotline)


def _voice(facts: Facts, hotline: Hotline) -> Iterator[Found]:
    forms = hotline.voice_forms
    allowed = edits_allowed(len(hotline.contact.voice or ""))
    if not forms or not allowed or not facts.telephone_numbers:
        return
    exact = _exact_spans(facts, hotline)
    for number in facts.telephone_numbers:
        if number.digits in forms and _is_asked_to_text(facts, hotline, number.span[0]):
            message = f"{number.text} takes calls, not text messages."
            yield Found(CODE, number.span, message, f"Call {hotline.voice_written} or {hotline.text_line_written}")
        if number.digits in forms or number.digits in hotline.good_numbers:
            continue
        if lies_in(exact, number.span) or lies_in(exact, (number.span[1] - 1, number.span[1])):
            continue
        if any(within_edits(number.digits, form, allowed) for form in forms):
            yield Found(
                CODE,
                number.span,
                f"“{number.text}” is not the number of the {hotline.contact.name}, but nearly: "
                f"the right one is {hotline.voice_written}.",
                hotline.voice_written,
            )


def _is_asked_to_text(facts: Facts, hotline: Hotline, start: int) -> bool:
    """Return whether only a text message is asked for right before a place: "text 1-888-555-0100", "SMS us at ..."."""
    if hotline.contact.text_line is None or hotline.text_verbs.isdisjoint(facts.words.vocabulary):
        return False
    before = fold(facts.text[max(0, start - _SENTENCE) : start]).text
    words = _WORD.findall(_SENTENCE_END.split(before)[-1])
    if not hotline.voice_verbs.isdisjoint(words):
        return False
    while words and words[-1] in _FILLERS:
        words.pop()
    return bool(words) and words[-1] in hotline.text_verbs


def _exact_spans(facts: Facts, hotline: Hotline) -> list[tuple[int, int]]:
    pattern = hotline.voice_pattern
    if pattern is None:
        return []
    return [facts.folded.span(*match.span()) for match in pattern.finditer(facts.folded.text)]


def _text_line(facts: Facts, hotline: Hotline) -> Iterator[Found]:
    for asked in asked_for(facts, hotline):
        found = _judge(facts, hotline, asked)
        if found is not None and not in_link(facts, found.span):
            yield found


def _judge(facts: Facts, hotline: Hotline, asked: Asked) -> Found | None:
    line = hotline.contact.text_line
    if line is None or is_text_line(facts, hotline, asked):
        return None
    span = facts.words.span(asked.first, asked.last)
    written = facts.text[slice(*span)]
    name = hotline.contact.name
    if asked.channel is Channel.CALL:
        is_text_number = asked.digits == line.number and asked.distance <= _CLOSE
        message = f"{written} takes text messages, not calls."
        return Found(CODE, span, message, hotline.text_line_written.capitalize()) if is_text_number else None
    if asked.digits:
        is_other = _is_money(facts, span) or _in_telephone_number(facts, span)
        is_slip = not is_other and not _is_good_or_far(asked.digits, hotline, line.number)
        message = f"“{written}” is not the text line of the {name}, but nearly."
        return Found(CODE, span, message, line.number) if is_slip else None
    if hotline.keyword is None or not _is_near_keyword(facts, hotline.keyword, asked):
        return None
    message = f"“{written}” is not the keyword of the {name}'s text line, but nearly."
    return Found(CODE, span, message, line.keyword)


def _is_money(facts: Facts, span: tuple[int, int]) -> bool:
    return facts.text[max(0, span[0] - 1) : span[0]] in _CURRENCY


def _is_good_or_far(digits: str, hotline: Hotline, number: str) -> bool:
    return digits in hotline.good_numbers or not within_edits(digits, number, edits_allowed(len(number)))


def _in_telephone_number(facts: Facts, span: tuple[int, int]) -> bool:
    return lies_in(facts.telephone_spans, span)


def _is_near_keyword(facts: Facts, keyword: str, asked: Asked) -> bool:
    words = facts.words
    word = words.texts[asked.first]
    if not within_edits(word, keyword, edits_allowed(len(keyword))):
        return False
    following = words.texts[asked.first + 1 : asked.first + 3]
    if len(following) > 1 and following[1].isdigit() and following[0] in {"to", "al", "a"}:
        return True
    if _QUOTED.search(words.gap(asked.first)):
        return True
    # "Text BEFORE you leave" is stress on a common word.
    written = words.cased(asked.first)
    verb = words.cased(asked.first - asked.distance)
    return written[1:] != written[1:].lower() and not verb.isupper() and word not in STOPS


RULE = Rule(CODE, Level.ERROR, check)
