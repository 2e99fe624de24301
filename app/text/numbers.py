"""Digits that somebody might dial or text, in running text: telephone numbers and short codes."""

from __future__ import annotations

import re
from collections.abc import Iterable

from app.text.folding import fold
from app.text.links import find_links
from app.text.telephones import find_telephone_numbers

#: What may stand between two digits of one number; fold() has made dashes and blanks plain.
_BETWEEN = "[ \\t().\\-/_*~\u00b7\u2022|+]{0,4}"
_RUN = re.compile(r"[0-9]{3,}")
_WITH_CODE = 11
#: With fewer digits it is a short code, which is none inside a longer number.
_SHORTEST_NUMBER = 7


def digits_of(number: str) -> str:
    """Return the digits of a number as a person writes it, without the country code 1 of an eleven-digit one."""
    digits = "".join(letter for letter in fold(number).text if "0" <= letter <= "9")
    return digits[1:] if len(digits) == _WITH_CODE and digits[0] == "1" else digits


def number_pattern(digits: str) -> re.Pattern[str]:
    """Return a pattern that finds a number (`digits_of` it) in a folded text, however it is grouped there."""
    written = _BETWEEN.join(digits)
    if len(digits) < _SHORTEST_NUMBER:
        return re.compile(f"(?<![0-9])(?<![0-9][-.]){written}(?![0-9])(?![-.][0-9])")
    return re.compile(f"(?<![0-9])(?:1{_BETWEEN})?{written}(?![0-9])")


def contact_digits(text: str) -> frozenset[str]:
    """Return the digits of a text's telephone numbers, and its other runs of three digits or more, outside links."""
    outside = tuple(link.span for link in find_links(text, None))
    telephones = find_telephone_numbers(text, outside)
    rest = _without(text, (*outside, *(number.span for number in telephones)))
    return frozenset(number.digits for number in telephones) | frozenset(_RUN.findall(fold(rest).text))


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    kept, place = [], 0
    for start, end in sorted(spans):
        kept.append(text[place : max(place, start)])
        place = max(place, end)
    return " ".join([*kept, text[place:]])
