"""What the rules look at: a text and what is known about it. Everything derived is found once, when first asked for."""

from __future__ import annotations

from functools import cached_property

from app.text.folding import Folded, fold
from app.text.hashtags import Hashtag, find_hashtags
from app.text.links import Link, find_links
from app.text.profile import TextProfile
from app.text.telephones import TelephoneNumber, find_telephone_numbers

#: Stands between the parts of a thread in `Facts.text`.
PART_SEPARATOR = "\n\n"


class Facts:
    """A text (or the parts of a thread) in a language, bound to a network's profile or to none.

    With a profile, hashtags and links are those the network would link; without, those that any network would.
    `text` is the parts joined; findings' spans point into it. A single part is `text` itself, unchanged.
    """

    def __init__(self, text: str | tuple[str, ...], *, language: str | None = None, profile: TextProfile | None = None) -> None:  # noqa: E501
        self.parts = (text,) if isinstance(text, str) else text
        self.text = PART_SEPARATOR.join(self.parts)
        self.language = language
        self.profile = profile

    @cached_property
    def folded(self) -> Folded:
        """The text with look-alikes, widths, dashes and hidden characters made plain, mapped back to `text`."""
        return fold(self.text)

    @cached_property
    def hashtags(self) -> tuple[Hashtag, ...]:
        """The hashtags, repeats kept, in order."""
        return find_hashtags(self.text, self.profile.hashtags if self.profile else None)

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """Everything that is or looks like a web address, with or without a scheme."""
        return find_links(self.text, None)

    @cached_property
    def telephone_numbers(self) -> tuple[TelephoneNumber, ...]:
        """Runs of digits that read as telephone numbers, outside links."""
        return find_telephone_numbers(self.text, tuple(link.span for link in self.links))
