"""Lengths, one function per scheme of `Counting`, and whether a text keeps within a network's limits.

CRLF is taken as LF before anything is counted. A text of nothing but white space fits nowhere: X and Bluesky refuse
an empty post, the others show nothing, and a post of ours always has something to say.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import regex

from app.text.handles import find_handles
from app.text.hashtags import find_hashtags
from app.text.links import find_links
from app.text.profile import Counting, LinkDialect, TextProfile
from app.text.x_tables import EMOJI_HINT, INVALID, emoji
from app.text.x_urls import scan

_X_LINK_LENGTH = 23
_ASTRAL = 0xFFFF
_GRAPHEME = regex.compile(r"\X")
_EMOJI_GRAPHEME = regex.compile(r"[\p{Emoji_Presentation}\p{Emoji_Modifier}\ufe0f\u20e3\p{Regional_Indicator}]")
# Flags are put in as one letter of their own before graphemes are looked for: the library's search for the pairs in
# a run of regional indicators takes time that grows with the square of the run.
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_FLAG_LETTER = "\ufdd0"
_FLAG_BYTES = 8
# All that weighs 2 on X: what lies outside the four ranges of configuration v3.
_HEAVY = re.compile("[^\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")
# Two or more of these may join into one grapheme; without any, every code point but CRLF is one of its own.
_MAY_JOIN = re.compile("[^\u0000-\u00a8\u00aa-\u00ac\u00af-\u02ff\u2010-\u2027\u2030-\u203b]")


@dataclass(frozen=True, slots=True)
class Measure:
    """A text's length and limit in a network's own count, whether it keeps within every limit, and its hashtags."""

    length: int
    limit: int
    fits: bool
    hashtags: tuple[str, ...]


def length(text: str, profile: TextProfile) -> int:
    """Return the length of a text in the units of the profile's counting scheme."""
    return _COUNTERS[profile.counting](_with_lf(text), profile)


def fits(text: str, profile: TextProfile) -> bool:
    """Say whether a text keeps within every limit of a profile: length, bytes, hashtags, links and handles.

    A blank text does not fit, nor, where the weighted scheme counts, one with a character that the scheme forbids.
    """
    text = _with_lf(text)
    return _COUNTERS[profile.counting](text, profile) <= profile.limit and _fits_otherwise(text, profile, None)


def measure(text: str, profile: TextProfile) -> Measure:
    """Return a text's length, limit and hashtags on a network, and whether it fits (see `fits`)."""
    hashtags = tuple(hashtag.tag for hashtag in find_hashtags(text, profile.hashtags))
    text = _with_lf(text)
    size = _COUNTERS[profile.counting](text, profile)
    fitting = size <= profile.limit and _fits_otherwise(text, profile, len(hashtags))
    return Measure(size, profile.limit, fitting, hashtags)


def _with_lf(text: str) -> str:
    return text.replace("\r\n", "\n") if "\r\n" in text else text


def _fits_otherwise(text: str, profile: TextProfile, hashtags: int | None) -> bool:
    if not text or text.isspace():
        return False
    if profile.counting is Counting.WEIGHTED and not text.isascii() and INVALID.search(text):
        return False
    if profile.byte_limit is not None and utf8_length(text) > profile.byte_limit:
        return False
    return _keeps_numbers(text, profile, hashtags)


def _keeps_numbers(text: str, profile: TextProfile, hashtags: int | None) -> bool:
    """Say whether a text keeps within the profile's numbers of hashtags, links and handles."""
    if profile.max_hashtags is not None:
        if hashtags is None:
            hashtags = len(find_hashtags(text, profile.hashtags))
        if hashtags > profile.max_hashtags:
            return False
    if profile.max_links is not None and len(find_links(text, profile.links)) > profile.max_links:
        return False
    if profile.max_handles is None:
        return True
    links = tuple(link.span for link in find_links(text, profile.links))
    return len(find_handles(text, links)) <= profile.max_handles


def utf8_length(text: str) -> int:
    """Return the length in UTF-8 bytes; half of a surrogate pair counts as the replacement character, 3 bytes."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def weighted_length(text: str, profile: TextProfile | None = None) -> int:
    """Return the length as twitter-text 3.1.0's `parseTweet` weighs it, on NFC text: a link as 23, an emoji as 2."""
    link_length = (profile.link_length if profile else None) or _X_LINK_LENGTH
    if text.isascii():
        return len(text) + sum(link_length - (url.counted_end - url.start) for url in scan(text))
    text = unicodedata.normalize("NFC", text)
    # Emoji are looked for in the whole text, and one that begins inside a link is passed over with it.
    pieces = [(url.start, -1, url.counted_end, link_length) for url in scan(text)]
    if EMOJI_HINT.search(text):
        if not pieces:
            rest, count = emoji().subn("", text)
            return 2 * count + len(rest) + len(_HEAVY.findall(rest))
        pieces += [(match.start(), 0, match.end(), 2) for match in emoji().finditer(text)]
        pieces.sort()
    total = 0
    position = 0
    for start, _, end, weight in pieces:
        if start < position:
            continue
        between = text[position:start]
        total += weight + len(between) + len(_HEAVY.findall(between))
        position = end
    between = text[position:]
    return total + len(between) + len(_HEAVY.findall(between))


def grapheme_length(text: str, profile: TextProfile | None = None) -> int:  # noqa: ARG001 - all counters are called alike
    """Return the number of extended grapheme clusters (UAX 29)."""
    if text.isascii():
        return len(text) - text.count("\r\n")
    if not _MAY_JOIN.search(text):
        return len(text) - text.count("\r\n")
    return len(_GRAPHEME.findall(_FLAG.sub(_FLAG_LETTER, text)))


def short_link_length(text: str, profile: TextProfile) -> int:
    """Return the number of graphemes as Mastodon counts: a link `link_length`, of `@user@domain` only `@user`."""
    links = find_links(text, LinkDialect.SCHEME_ONLY) if "://" in text else ()
    pieces: list[tuple[int, int, str]] = []
    if profile.link_length is not None:
        pieces += [(*link.span, "x" * profile.link_length) for link in links]
    for handle in find_handles(text, tuple(link.span for link in links)) if "@" in text else ():
        user, _, domain = handle.name.partition("@")
        if domain:
            pieces.append((*handle.span, f"@{user}"))
    if not pieces:
        return grapheme_length(text)
    pieces.sort()
    shown: list[str] = []
    position = 0
    for start, end, replacement in pieces:
        shown += [text[position:start], replacement]
        position = end
    return grapheme_length("".join([*shown, text[position:]]))


def emoji_as_bytes_length(text: str, profile: TextProfile | None = None) -> int:  # noqa: ARG001 - all counters are called alike
    """Return the number of code points, an emoji (its whole sequence) counted as its UTF-8 bytes."""
    if text.isascii() or not EMOJI_HINT.search(text):
        return len(text)
    total = 0
    for cluster in _GRAPHEME.findall(_FLAG.sub(_FLAG_LETTER, text)):
        flags = cluster.count(_FLAG_LETTER)
        if flags or (not cluster.isascii() and _EMOJI_GRAPHEME.search(cluster)):
            total += utf8_length(cluster) + flags * (_FLAG_BYTES - utf8_length(_FLAG_LETTER))
        else:
            total += len(cluster)
    return total


def utf16_length(text: str, profile: TextProfile | None = None) -> int:  # noqa: ARG001 - all counters are called alike
    """Return the number of UTF-16 code units."""
    return len(text) if text.isascii() else len(text) + sum(1 for letter in text if ord(letter) > _ASTRAL)


def code_points(text: str, profile: TextProfile | None = None) -> int:  # noqa: ARG001 - all counters are called alike
    """Return the number of code points."""
    return len(text)


_COUNTERS = {
    Counting.WEIGHTED: weighted_length,
    Counting.GRAPHEMES: grapheme_length,
    Counting.GRAPHEMES_SHORT_LINKS: short_link_length,
    Counting.EMOJI_AS_BYTES: emoji_as_bytes_length,
    Counting.UTF16: utf16_length,
    Counting.CODE_POINTS: code_points,
}
