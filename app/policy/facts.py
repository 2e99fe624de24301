"""What the rules look at: a text and what is known about it. Everything derived is found once, when first asked for."""

from __future__ import annotations

from functools import cached_property

from app.text.folding import Folded, fold
from app.text.handles import Handle, find_handles
from app.text.hashtags import Hashtag, find_hashtags
from app.text.links import Link, find_links
from app.text.profile import TextProfile
from app.text.telephones import TelephoneNumber, find_telephone_numbers
from app.text.words import Words

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
    def telephone_numbers(self) -> tuple[TelephoneNumber, ...]:
        """Runs of digits that read as telephone numbers, outside links."""
        return find_telephone_numbers(self.text, self.link_spans)
