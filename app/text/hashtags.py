"""Hashtags in a text, as the networks recognise them. None stands inside a link, whatever the network.

- X: twitter-text 3.1.0's `extractHashtags`, with its own table of letters, marks and numerals.
- BLUESKY: @atproto/api 0.21.0's `RichText.detectFacets`, cashtags aside (they are no hashtags).
- MASTODON: word characters with `_`, `·`, `・` and the zero-width non-joiner inside, at least one letter, not after
  `=`, `/`, `)` or a letter (app/models/tag.rb).
- PLAIN: word characters with at least one letter, after no word character and no `&`.
- None (no network in mind): a hashtag counts if any network links it; of several at one place, the longest.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import regex

from app.text.links import find_links
from app.text.profile import HashtagDialect, LinkDialect
from app.text.x_tables import LETTERS, TAG_CHARACTERS

_SIGN = re.compile("[#＃]")
_BLUESKY_MAX_GRAPHEMES = 64

# ASCII letters and digits up to the sentence's punctuation and white space.
_COMMON = re.compile(r"#(?P<tag>[A-Za-z0-9]++)(?=[.,;:!?)]*+(?:[ \t\n\r]|\Z))")
_X = re.compile(f"[#＃](?![\ufe0f\u20e3])(?P<tag>[{TAG_CHARACTERS}]++)")
_X_LETTER = re.compile(f"[{LETTERS}]")
_X_CHARACTER = re.compile(f"[{TAG_CHARACTERS}&]")

# JavaScript's \s, spelled out: it is not Python's.
_SPACES = frozenset(
    map(chr, [*range(9, 14), 32, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000])
)
_SPACES |= {"\ufeff"}
_BREAKS = f"{''.join(sorted(_SPACES))}\u00ad\u2060\u200b\u200c\u200d\u20e2"
_BLUESKY = re.compile(f"[#＃](?!\ufe0f)(?P<tag>[^{_BREAKS}]++)")
_TRAILING_PUNCTUATION = regex.compile(r"\p{P}++$")
# What makes a tag on Bluesky: one character that is no digit (ASCII) and no punctuation.
_BLUESKY_SUBSTANCE = regex.compile(r"[^0-9\p{P}]")
_GRAPHEME = regex.compile(r"\X")

_WORD = r"[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}]"
_MASTODON = regex.compile(rf"(?<![=/)\p{{Alphabetic}}\p{{Nd}}])[#＃](?P<tag>{_WORD}++(?:[·・\u200c]++{_WORD}++)*+)")
_PLAIN = regex.compile(rf"(?<![&\p{{Alphabetic}}\p{{M}}\p{{Nd}}\p{{Pc}}])[#＃](?P<tag>{_WORD}++)")
_LETTER = regex.compile(r"\p{L}")


@dataclass(frozen=True, slots=True)
class Hashtag:
    """A hashtag in a text: half-open span with the sign, and the tag without it."""

    span: tuple[int, int]
    tag: str


def find_hashtags(text: str, dialect: HashtagDialect | None) -> tuple[Hashtag, ...]:
    """Return the hashtags of a text in order, repeats kept, as a network with this dialect links them.

    Without a dialect: those that any network links.
    """
    if dialect is HashtagDialect.NONE or ("#" not in text and "＃" not in text):
        return ()
    signs = [match.start() for match in _SIGN.finditer(text)]
    common = _if_common(text, signs)
    if common is not None:
        return common
    if dialect is not None:
        return tuple(_outside_links(text, _FINDERS[dialect](text, signs), dialect))
    by_start: dict[int, Hashtag] = {}
    for one, finder in _FINDERS.items():
        for hashtag in _outside_links(text, finder(text, signs), one):
            kept = by_start.get(hashtag.span[0])
            if kept is None or kept.span[1] < hashtag.span[1]:
                by_start[hashtag.span[0]] = hashtag
    return _apart(by_start)


def _if_common(text: str, signs: list[int]) -> tuple[Hashtag, ...] | None:
    """Return the hashtags if all are of the common kind that every network links alike, which is quick to see."""
    found: list[Hashtag] = []
    for start in signs:
        match = _COMMON.match(text, start)
        if match is None or (start and text[start - 1] not in " \t\n\r"):
            return None
        tag = match["tag"]
        if tag.isdigit() or len(tag) > _BLUESKY_MAX_GRAPHEMES:
            return None
        found.append(Hashtag((start, start + 1 + len(tag)), tag))
    return tuple(found)


def _apart(by_start: dict[int, Hashtag]) -> tuple[Hashtag, ...]:
    """Return hashtags in order, leaving out one that begins inside another (`#a#b` is one on Bluesky)."""
    kept: list[Hashtag] = []
    for start in sorted(by_start):
        if not kept or start >= kept[-1].span[1]:
            kept.append(by_start[start])
    return tuple(kept)


def _outside_links(text: str, hashtags: list[Hashtag], dialect: HashtagDialect) -> list[Hashtag]:
    """Leave out hashtags that begin inside a link; a link that begins inside a hashtag gives way to it."""
    if not hashtags or ("." not in text and "://" not in text):
        return hashtags
    links = find_links(text, LinkDialect.X if dialect is HashtagDialect.X else None)
    kept: list[Hashtag] = []
    position = 0
    link_end = tag_end = 0
    for hashtag in hashtags:
        start, end = hashtag.span
        while position < len(links) and links[position].span[0] < start:
            if links[position].span[0] >= tag_end:
                link_end = links[position].span[1]
            position += 1
        if start >= link_end:
            kept.append(hashtag)
            tag_end = end
    return kept


def _as_x(text: str, signs: list[int]) -> list[Hashtag]:
    found: list[Hashtag] = []
    consumed = 0
    for start in signs:
        match = _X.match(text, start)
        if match is None or (start and (start <= consumed or not _is_boundary(text[start - 1]))):
            continue
        tag = match["tag"]
        if not _X_LETTER.search(tag):
            continue
        consumed = match.end()
        if text[consumed : consumed + 1] not in ("#", "＃") and not text.startswith("://", consumed):
            found.append(Hashtag((start, consumed), tag))
    return found


def _is_boundary(letter: str) -> bool:
    return letter in "\ufe0e\ufe0f" or not _X_CHARACTER.match(letter)


def _as_bluesky(text: str, signs: list[int]) -> list[Hashtag]:
    found: list[Hashtag] = []
    for start in signs:
        match = _BLUESKY.match(text, start) if start == 0 or text[start - 1] in _SPACES else None
        if match is None or not _BLUESKY_SUBSTANCE.search(match["tag"]):
            continue
        tag = _TRAILING_PUNCTUATION.sub("", match["tag"])
        if len(tag) > _BLUESKY_MAX_GRAPHEMES and len(_GRAPHEME.findall(tag)) > _BLUESKY_MAX_GRAPHEMES:
            continue
        found.append(Hashtag((start, start + 1 + len(tag)), tag))
    return found


def _as_mastodon(text: str, signs: list[int]) -> list[Hashtag]:
    return _with_letter(text, signs, _MASTODON)


def _as_plain(text: str, signs: list[int]) -> list[Hashtag]:
    return _with_letter(text, signs, _PLAIN)


def _with_letter(text: str, signs: list[int], pattern: regex.Pattern[str]) -> list[Hashtag]:
    matches = (pattern.match(text, start) for start in signs)
    return [Hashtag(match.span(), match["tag"]) for match in matches if match and _LETTER.search(match["tag"])]


_FINDERS = {
    HashtagDialect.X: _as_x,
    HashtagDialect.BLUESKY: _as_bluesky,
    HashtagDialect.MASTODON: _as_mastodon,
    HashtagDialect.PLAIN: _as_plain,
}
