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

_X = re.compile(f"[#＃](?![\ufe0f\u20e3])(?P<tag>[{TAG_CHARACTERS}]++)")
_X_LETTER = re.compile(f"[{LETTERS}]")
_X_CHARACTER = re.compile(f"[{TAG_CHARACTERS}&]")

# JavaScript's \s, spelled out: it is not Python's.
_SPACE = "\\t-\\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_BREAKS = f"{_SPACE}\u00ad\u2060\u200b\u200c\u200d\u20e2"
_BLUESKY = re.compile(f"(?:^|(?<=[{_SPACE}]))[#＃](?!\ufe0f)(?P<tag>[^{_BREAKS}]++)")
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
    if "#" not in text and "＃" not in text:
        return ()
    if dialect is HashtagDialect.NONE:
        return ()
    if dialect is not None:
        return _outside_links(text, _FINDERS[dialect](text), dialect)
    by_start: dict[int, Hashtag] = {}
    for one in HashtagDialect:
        if one is HashtagDialect.NONE:
            continue
        for hashtag in _outside_links(text, _FINDERS[one](text), one):
            kept = by_start.get(hashtag.span[0])
            if kept is None or kept.span[1] < hashtag.span[1]:
                by_start[hashtag.span[0]] = hashtag
    return _apart(by_start)


def _apart(by_start: dict[int, Hashtag]) -> tuple[Hashtag, ...]:
    """Return hashtags in order, leaving out one that begins inside another (`#a#b` is one on Bluesky)."""
    kept: list[Hashtag] = []
    for start in sorted(by_start):
        if not kept or start >= kept[-1].span[1]:
            kept.append(by_start[start])
    return tuple(kept)


def _outside_links(text: str, hashtags: list[Hashtag], dialect: HashtagDialect) -> tuple[Hashtag, ...]:
    if not hashtags or ("." not in text and "://" not in text):
        return tuple(hashtags)
    links = find_links(text, LinkDialect.X if dialect is HashtagDialect.X else None)
    kept: list[Hashtag] = []
    position = 0
    for hashtag in hashtags:
        start = hashtag.span[0]
        while position < len(links) and links[position].span[1] <= start:
            position += 1
        if position == len(links) or links[position].span[0] > start:
            kept.append(hashtag)
    return tuple(kept)


def _as_x(text: str) -> list[Hashtag]:
    found: list[Hashtag] = []
    consumed = 0
    for match in _X.finditer(text):
        start, end = match.span()
        if start and (start - 1 < consumed or not _is_boundary(text[start - 1])):
            continue
        if not _X_LETTER.search(match["tag"]):
            continue
        consumed = end
        if text[end : end + 1] not in ("#", "＃") and not text.startswith("://", end):
            found.append(Hashtag((start, end), match["tag"]))
    return found


def _is_boundary(letter: str) -> bool:
    return letter in "\ufe0e\ufe0f" or not _X_CHARACTER.match(letter)


def _as_bluesky(text: str) -> list[Hashtag]:
    found: list[Hashtag] = []
    for match in _BLUESKY.finditer(text):
        tag = match["tag"]
        if not _BLUESKY_SUBSTANCE.search(tag):
            continue
        tag = _TRAILING_PUNCTUATION.sub("", tag)
        if len(tag) > _BLUESKY_MAX_GRAPHEMES and len(_GRAPHEME.findall(tag)) > _BLUESKY_MAX_GRAPHEMES:
            continue
        found.append(Hashtag((match.start(), match.start() + 1 + len(tag)), tag))
    return found


def _as_mastodon(text: str) -> list[Hashtag]:
    return [Hashtag(m.span(), m["tag"]) for m in _MASTODON.finditer(text) if _LETTER.search(m["tag"])]


def _as_plain(text: str) -> list[Hashtag]:
    return [Hashtag(m.span(), m["tag"]) for m in _PLAIN.finditer(text) if _LETTER.search(m["tag"])]


_FINDERS = {
    HashtagDialect.X: _as_x,
    HashtagDialect.BLUESKY: _as_bluesky,
    HashtagDialect.MASTODON: _as_mastodon,
    HashtagDialect.PLAIN: _as_plain,
}
