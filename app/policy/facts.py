"""What the rules look at: a text and what is known about it. Everything derived is found once, when first asked for."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any

from app.text.folding import Folded, fold
from app.text.handles import Handle, find_handles
from app.text.hashtags import Hashtag, find_hashtags
from app.text.links import Link, find_links
from app.text.profile import TextProfile
from app.text.telephones import TelephoneNumber, find_telephone_numbers
from app.text.words import Words

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
#: A sentence glued to the next reads like a domain ("a victim.Call us"): its second half has a single capital.
_GLUED = re.compile(r"[^\W\d_]+\.[A-Z][a-z]+")
_DIGITS = re.compile("[0-9]+")

#: Stands between the parts of a thread in `Facts.text`.
PART_SEPARATOR = "\n\n"


class Facts:
    """A text (or the parts of a thread) in a language, bound to a network's profile or to none.

    With a profile, hashtags and links are those the network would link; without, those that any network would.
    `text` is the parts joined; findings' spans point into it. A single part is `text` itself, unchanged.
    """

    def __init__(
        self, text: str | tuple[str, ...], *, language: str | None = None, profile: TextProfile | None = None
    ) -> None:
        self.parts = (text,) if isinstance(text, str) else text
        self.text = PART_SEPARATOR.join(self.parts)
        self.language = language
        self.profile = profile
        #: What several rules need and one has found out already, by a key of theirs.
        self.shared: dict[object, Any] = {}

    @cached_property
    def digits(self) -> str | None:
        """All ASCII digits of the folded text in a row, or None where it may hold digits of other scripts."""
        folded = self.folded.text
        return "".join(_DIGITS.findall(folded)) if folded.isascii() else None

    @cached_property
    def folded(self) -> Folded:
        """The text with look-alikes, widths, dashes and hidden characters made plain, mapped back to `text`."""
        return fold(self.text)

    @cached_property
    def words(self) -> Words:
        """The words of the folded text, camel-case hashtags cut into theirs."""
        return Words(self.folded)

    @cached_property
    def hashtags(self) -> tuple[Hashtag, ...]:
        """The hashtags, repeats kept, in order."""
        return find_hashtags(self.text, self.profile.hashtags if self.profile else None)

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """Everything that is or looks like a web address, with or without a scheme."""
        return find_links(self.text, None)

    @cached_property
    def link_spans(self) -> tuple[tuple[int, int], ...]:
        """The spans of the links, in order."""
        return tuple(link.span for link in self.links)

    @cached_property
    def handles(self) -> tuple[Handle, ...]:
        """The handles outside links, in order."""
        return find_handles(self.text, self.link_spans)

    @cached_property
    def addresses(self) -> tuple[tuple[int, int], ...]:
        """The spans of links, handles and e-mail addresses, in order: their letters are no words of the text."""
        spans = [link.span for link in self.links if link.scheme or not _GLUED.fullmatch(link.text)]
        if "@" in self.text or "＠" in self.text:
            spans.extend(handle.span for handle in self.handles)
            spans.extend(match.span() for match in _EMAIL.finditer(self.text))
        return tuple(sorted(spans))

    @cached_property
    def telephone_numbers(self) -> tuple[TelephoneNumber, ...]:
        """Runs of digits that read as telephone numbers, outside links."""
        return find_telephone_numbers(self.text, self.link_spans, folded=self.folded)

    @cached_property
    def telephone_spans(self) -> tuple[tuple[int, int], ...]:
        """The spans of the telephone numbers, in order."""
        return tuple(number.span for number in self.telephone_numbers)
