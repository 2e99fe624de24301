"""A network's rules for text, as a value: `platforms/<network>/limits.py` declares it, the pure rooms take it.

No pure room knows a network by name; they know the schemes and dialects listed here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Counting(StrEnum):
    """How a length is counted. Each is one function in `text/counting.py`."""

    WEIGHTED = "weighted"  # twitter-text configuration v3: weights, emoji as 2, a link as 23
    GRAPHEMES = "graphemes"  # extended grapheme clusters (UAX 29); `byte_limit` holds too
    GRAPHEMES_SHORT_LINKS = "graphemes_short_links"  # Mastodon: an http(s) link counts `link_length`
    EMOJI_AS_BYTES = "emoji_as_bytes"  # Threads: code points, an emoji as its UTF-8 bytes
    UTF16 = "utf16"  # UTF-16 code units
    CODE_POINTS = "code_points"


class HashtagDialect(StrEnum):
    """What a network links as a hashtag. Each is one finder in `text/hashtags.py`."""

    X = "x"
    BLUESKY = "bluesky"
    MASTODON = "mastodon"
    PLAIN = "plain"  # `#` and word characters with at least one letter, after a non-word character
    NONE = "none"  # the network links no hashtags


class LinkDialect(StrEnum):
    """What a network recognises as a link. Each is one finder in `text/links.py`."""

    X = "x"  # any known top-level domain, with or without a scheme
    BLUESKY = "bluesky"  # with or without a scheme, made clickable through facets that we write
    SCHEME_ONLY = "scheme_only"  # only http:// and https://
    PLAIN = "plain"  # with or without a scheme


class Clickable(StrEnum):
    """What composing must do so that a link in the text can be clicked."""

    AS_WRITTEN = "as_written"  # the network links it by itself
    ADD_SCHEME = "add_scheme"  # a link without a scheme gets https:// written before it
    FACETS = "facets"  # the adapter writes byte ranges with their targets
    NEVER = "never"  # the network links nothing in a text


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What a network takes of images. Sizes in bytes, alternative text in characters."""

    count: int = 0
    max_bytes: int | None = None
    alt_length: int | None = None
    types: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class TextProfile:
    """How one network (or one account's server) counts, links and splits text.

    `limit` and `link_length` are in the units of `counting`; `byte_limit` is in UTF-8 bytes.
    """

    slug: str
    name: str
    counting: Counting
    limit: int
    hashtags: HashtagDialect
    links: LinkDialect
    clickable: Clickable
    byte_limit: int | None = None
    link_length: int | None = None
    has_threads: bool = False
    max_hashtags: int | None = None
    max_links: int | None = None
    max_handles: int | None = None
    images: ImageLimits = field(default_factory=ImageLimits)
