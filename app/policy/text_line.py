"""What a text asks people to send a text message to: numbers and words behind "text", "SMS" and the like.

The words of the text are read once. A verb opens a channel (text or call) that holds for some words, up to the end of
the sentence; numbers and words met on the way belong to it. "Call or text 233733" is on the text channel, and so is
"text or call 233733".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from app.policy.contact import Hotline
from app.policy.facts import Facts
from app.text.words import Words

_SENTENCE_END = re.compile(r"[.!?;](?=[\s\"')]|\Z)|\n\n")
_GROUPED = re.compile(r"[-. ]")
_TIGHT = re.compile(r"[-.]")
#: Words between a verb and a number that it is said of: "text us 24 hours a day, 7 days a week, at 555111".
_REACH = 14
#: The same for a word, of which more would be taken for keywords.
_WORD_REACH = 8
_LONGEST_MORE = 8
_ADJOINING = 2
_GROUP = 4


class Channel(StrEnum):
    """How one is asked to reach a number."""

    TEXT = "text"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class Asked:
    """A number (or any word, where `digits` is empty) behind a verb: the indexes of its first and last word."""

    channel: Channel
    first: int
    last: int
    digits: str
    distance: int


def asked_for(facts: Facts, hotline: Hotline) -> tuple[Asked, ...]:
    """Return the numbers and words that a text asks to text or call, in order; read once for all rules."""
    key = (asked_for, id(hotline))
    found: tuple[Asked, ...] | None = facts.shared.get(key)
    if found is None:
        found = facts.shared[key] = tuple(_asked_for(facts.words, hotline))
    return found


def _asked_for(words: Words, hotline: Hotline) -> Iterator[Asked]:
    if not _asks_for_something(words, hotline):
        return
    verbs = iter(words.places(hotline.text_verbs | hotline.voice_verbs))
    channel: Channel | None = None
    since = index = 0
    while index < len(words):
        if channel is not None and (_SENTENCE_END.search(words.gap(index)) or index - since > _REACH):
            channel = None
        if channel is None:
            # Nothing happens up to the next verb.
            index = next((verb for verb in verbs if verb >= index), len(words))
            if index == len(words):
                return
        opened = _channel(words.texts[index], hotline)
        if opened is Channel.CALL and channel is Channel.TEXT and index - since <= _ADJOINING:
            opened = channel
        if opened is not None:
            channel, since = opened, index
        asked = _asked_at(words, index, hotline, channel, since) if channel is not None else None
        if asked is not None:
            yield asked
            index = asked.last
        index += 1


def _asks_for_something(words: Words, hotline: Hotline) -> bool:
    """Return whether it is worth reading on: without a word for texting, only the number can be on a wrong channel."""
    line = hotline.contact.text_line
    if line is None:
        return False
    if not hotline.text_verbs.isdisjoint(words.vocabulary):
        return True
    if hotline.voice_verbs.isdisjoint(words.vocabulary):
        return False
    return line.number in "".join(word for word in words.texts if word.isdigit())


def _asked_at(words: Words, index: int, hotline: Hotline, channel: Channel, since: int) -> Asked | None:
    if index == since:
        digits = _glued_digits(words, index)
        return Asked(channel, index, index, digits, 0) if digits else None
    asked = Asked(channel, index, *_what_at(words, index, hotline), index - since)
    return asked if asked.digits or asked.distance <= _WORD_REACH else None


def _channel(word: str, hotline: Hotline) -> Channel | None:
    if word in hotline.text_verbs:
        return Channel.TEXT
    return Channel.CALL if word in hotline.voice_verbs else None


def _glued_digits(words: Words, index: int) -> str:
    """Return the digits that are written at the end of a verb: "Text555111"."""
    written = words.cased(index)
    digits = written[len(words.texts[index]) :]
    return digits if digits.isdigit() and len(digits) >= _GROUP else ""


def _what_at(words: Words, index: int, hotline: Hotline) -> tuple[int, str]:
    """Return the last word of the number or word that begins here, and its digits ("" for a word).

    A keyword may be written in two ("BE FREE"), as a number may be grouped.
    """
    keyword = hotline.keyword
    if keyword is not None and index + 1 < len(words) and _GROUPED.fullmatch(words.gap(index + 1)):
        first, second = words.texts[index], words.texts[index + 1]
        if first + second == keyword:
            return index + 1, ""
    return _number_at(words, index, hotline)


def _number_at(words: Words, index: int, hotline: Hotline) -> tuple[int, str]:
    """Return the last word and the digits of the number that begins at a word (its own index and "" for a word)."""
    if not words.texts[index].isdigit():
        return index, ""
    line = hotline.contact.text_line
    exact = _grouped(words, index, _GROUPED, line.number if line else None)
    if exact is not None:
        return exact
    return _grouped(words, index, _TIGHT, None) or (index, words.texts[index])


def _grouped(words: Words, index: int, between: re.Pattern[str], wanted: str | None) -> tuple[int, str] | None:
    """Join groups of digits until they are the wanted number; where none is wanted, all that hang together."""
    digits, last = words.texts[index], index
    while digits != wanted:
        following = last + 1
        joins = following < len(words) and between.fullmatch(words.gap(following)) is not None
        if not joins or not words.texts[following].isdigit() or len(words.texts[last]) > _GROUP:
            return None if wanted is not None else (last, digits)
        digits, last = digits + words.texts[following], following
        if len(digits) > len(words.texts[index]) + _LONGEST_MORE:
            return None
    return last, digits
