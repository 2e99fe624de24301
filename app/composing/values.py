"""What composing takes and gives."""

from __future__ import annotations

from dataclasses import dataclass

from app.policy.finding import Verdict
from app.policy.policy import Policy
from app.text.tags import for_tag


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """A link as it reads in a text, and the address that it leads to."""

    visible: str
    target: str


@dataclass(frozen=True, slots=True)
class PostText:
    """A post as composing needs it: `variants` holds a text of its own per network slug."""

    key: str
    text: str
    language: str
    links: tuple[LinkTarget, ...] = ()
    variants: tuple[tuple[str, str], ...] = ()

    def for_network(self, slug: str) -> str:
        """Return the network's variant, or the text."""
        return dict(self.variants).get(slug, self.text)


@dataclass(frozen=True, slots=True)
class Voice:
    """A campaign's voice: its policy, the mention forms per language (longest first) and its filled fill-ins."""

    policy: Policy
    mention_forms: tuple[tuple[str, tuple[str, ...]], ...] = ()
    fill_ins: tuple[tuple[str, str], ...] = ()

    def forms_in(self, language: str) -> tuple[str, ...]:
        """Return the mention forms for a language: exact tag, its primary subtag, else the campaign's language."""
        forms = {tag.lower(): value for tag, value in self.mention_forms}
        return for_tag(forms, language) or forms.get(self.policy.language.lower()) or ()


@dataclass(frozen=True, slots=True)
class PartLink:
    """A link in a part: half-open span in code points of the part's text, and the full address behind it."""

    span: tuple[int, int]
    target: str


@dataclass(frozen=True, slots=True)
class PartTag:
    """A hashtag in a part: half-open span in code points of the part's text, `#` included, and the tag without it."""

    span: tuple[int, int]
    tag: str


@dataclass(frozen=True, slots=True)
class Part:
    """One message exactly as it goes out; `length` is in the network's own count."""

    text: str
    length: int
    links: tuple[PartLink, ...] = ()
    hashtags: tuple[PartTag, ...] = ()


@dataclass(frozen=True, slots=True)
class Composition:
    """The exact parts that would go out, and what the rules say of them.

    `mention_added` is the form that composing added, or None where the text has a mention of its own.
    """

    parts: tuple[Part, ...]
    verdict: Verdict
    mention_added: str | None = None

    @property
    def sendable(self) -> bool:
        """Whether the gate would let the parts out."""
        return self.verdict.sendable
