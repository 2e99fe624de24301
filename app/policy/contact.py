"""A pack's hotline as the mention rules use it: every way to write its number, its text line, its website."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from app.policy.policy import Contact, Policy
from app.policy.preparing import per_policy
from app.text.folding import fold

_BETWEEN = r"[ \t().\-/_*~\u00b7\u2022|]{0,4}"
#: Shorter numbers (988, 116 123) have no country code, and one edit away from them lie too many others.
_SHORTEST_LONG = 7
_NATIONAL, _WITH_CODE = 10, 11


@dataclass(frozen=True)
class Hotline:
    """The contact of a policy, prepared."""

    contact: Contact

    @cached_property
    def voice_forms(self) -> frozenset[str]:
        """Every string of digits that dials the voice number."""
        return _forms(self.contact.voice, self.contact.country_code) if self.contact.voice else frozenset()

    @cached_property
    def voice_pattern(self) -> re.Pattern[str] | None:
        """The voice number in any grouping, for numbers that are not of the North American shape."""
        forms = sorted(self.voice_forms, key=len, reverse=True)
        if not forms or self.is_north_american:
            return None
        bodies = "|".join(_BETWEEN.join(form) for form in forms)
        return re.compile(rf"(?<![0-9$€£#])(?<![0-9][-.,])\+?(?:{bodies})(?![0-9])(?![.,-][0-9])")

    @cached_property
    def is_north_american(self) -> bool:
        """Whether the voice number has ten digits behind the country code 1."""
        return self.contact.country_code == "1" and any(len(form) == _NATIONAL for form in self.voice_forms)

    @cached_property
    def good_numbers(self) -> frozenset[str]:
        """Other numbers, however they are dialled, that are never a slip."""
        code = self.contact.country_code
        return frozenset(form for number in self.contact.other_good_numbers for form in _forms(number, code))

    @cached_property
    def text_verbs(self) -> frozenset[str]:
        """The words that ask for a text message, folded."""
        line = self.contact.text_line
        return frozenset(fold(verb).text for verb in line.verbs) if line else frozenset()

    @cached_property
    def voice_verbs(self) -> frozenset[str]:
        """The words that ask for a call, folded."""
        return frozenset(fold(verb).text for verb in self.contact.voice_verbs)

    @cached_property
    def keyword(self) -> str | None:
        """The text line's keyword, folded."""
        line = self.contact.text_line
        return fold(line.keyword).text if line and line.keyword else None

    @cached_property
    def voice_written(self) -> str:
        """The voice number as people write it: 1-888-555-0100."""
        digits = self.contact.voice or ""
        if not self.is_north_american:
            return digits
        national = digits[-_NATIONAL:]
        return "-".join(("1", national[:3], national[3:6], national[6:]))

    @cached_property
    def text_line_written(self) -> str:
        """How one asks for a text message: text 233733 (KEYWORD)."""
        line = self.contact.text_line
        if line is None:
            return ""
        return f"text {line.number} ({line.keyword})" if line.keyword else f"text {line.number}"

    @cached_property
    def ways(self) -> str:
        """All ways to reach the hotline, as a sentence's end."""
        site = self.contact.site.host if self.contact.site else ""
        call = f"call {self.voice_written}" if self.contact.voice else ""
        return ", ".join(way for way in (call, self.text_line_written, site) if way)


@per_policy
def hotline_of(policy: Policy) -> Hotline:
    """Return the policy's hotline, prepared."""
    return Hotline(policy.contact)


def _forms(number: str, code: str) -> frozenset[str]:
    digits = "".join(character for character in number if character.isdigit())
    if len(digits) < _SHORTEST_LONG:
        return frozenset({digits}) if digits else frozenset()
    if code == "1":
        national = digits[1:] if len(digits) == _WITH_CODE and digits[0] == "1" else digits
        # As it is dialled from abroad: 00 1, and 011 1.
        return frozenset({national, "1" + national, "001" + national, "0111" + national})
    has_code = digits.startswith(code) and len(digits) - len(code) >= _SHORTEST_LONG
    national = digits.removeprefix(code) if has_code else digits
    subscriber = national.removeprefix("0")
    return frozenset({digits, national, "0" + subscriber, code + subscriber, "00" + code + subscriber})


def edits_allowed(length: int) -> int:
    """Return how many edits still make a slip of something so long: the shorter it is, the fewer."""
    if length >= 6:  # noqa: PLR2004 - the rule of thumb that this function is
        return 2
    return 1 if length >= 4 else 0  # noqa: PLR2004 - the same
