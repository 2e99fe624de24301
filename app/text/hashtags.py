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
from collections.abc import Callable, Iterable
from functools import cache
from itertools import zip_longest
from typing import NamedTuple

import regex

from app.text.links import find_links
from app.text.profile import HashtagDialect, LinkDialect
from app.text.x_tables import LETTERS, TAG_CHARACTERS

_BLUESKY_MAX_GRAPHEMES = 64

# What every network links alike, inside no link: ASCII letters and digits, one letter at least, between white space
# and the sentence's punctuation with white space behind it.
_COMMON = re.compile(r"#(?<![^ \t\n\r]#)(?![0-9]++(?![A-Za-z]))[A-Za-z0-9]{1,64}+(?=[.,;:!?)]*+(?:[ \t\n\r]|\Z))")
_UNCOMMON = f"(?!{_COMMON.pattern})"
_ONE_SIGN = f"(?![#＃]{{2}}){_UNCOMMON}"

# JavaScript's \s, spelled out: it is not Python's.
_SPACES = frozenset(
    map(chr, [*range(9, 14), 32, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000])
)
_SPACES |= {"\ufeff"}
_WHITE = "".join(sorted(_SPACES))
_BREAKS = f"{_WHITE}\u00ad\u2060\u200b\u200c\u200d\u20e2"
_BLUESKY = re.compile(f"(?<![^{_WHITE}]){_UNCOMMON}[#＃](?!\ufe0f)([^{_BREAKS}]++)")
_TRAILING_PUNCTUATION = regex.compile(r"\p{P}++$")
# What makes a tag on Bluesky: one character that is no digit (ASCII) and no punctuation.
_BLUESKY_SUBSTANCE = regex.compile(r"[^0-9\p{P}]")
_GRAPHEME = regex.compile(r"\X")

_WORD = r"[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}]"
_MASTODON = rf"(?<![=/)\p{{Alphabetic}}\p{{Nd}}]){_ONE_SIGN}[#＃]({_WORD}++(?:[·・\u200c]++{_WORD}++)*+)"
_PLAIN = rf"(?<![&\p{{Alphabetic}}\p{{M}}\p{{Nd}}\p{{Pc}}]){_ONE_SIGN}[#＃]({_WORD}++)"
_LETTER = regex.compile(r"\p{L}")


class Hashtag(NamedTuple):
    """A hashtag in a text: half-open span with the sign, and the tag without it."""

    span: tuple[int, int]
    tag: str


def find_hashtags(text: str, dialect: HashtagDialect | None) -> tuple[Hashtag, ...]:
    """Return the hashtags of a text in order, repeats kept, as a network with this dialect links them.

    Without a dialect: those that any network links.
    """
    signs = text.count("#") + text.count("＃")
    if not signs or dialect is HashtagDialect.NONE:
        return ()
    common = [Hashtag(match.span(), match.group()[1:]) for match in _COMMON.finditer(text)]
    if len(common) == signs:
        return tuple(common)
    # White space stands before a common one and none inside the others, so that neither kind changes the other.
    others = _outside_links(text, _FINDERS[dialect](text), dialect) if dialect else _of_any_network(text)
    return tuple(sorted([*common, *others])) if others else tuple(common)


def _of_any_network(text: str) -> list[Hashtag]:
    found: dict[tuple[int, int], Hashtag] = {}
    for dialect, finder in _FINDERS.items():
        found.update((hashtag.span, hashtag) for hashtag in _outside_links(text, finder(text), dialect))
    return _apart(list(found.values()))


def _apart(found: list[Hashtag]) -> list[Hashtag]:
    """Return as many hashtags as can stand side by side, in order, each as long as leaves the next its place.

    "#a,#b" is one hashtag on Bluesky and two on X, so there are two that some network links: never fewer than on any.
    """
    chosen: list[Hashtag] = []
    for hashtag in sorted(found, key=_end_first):
        if not chosen or hashtag.span[0] >= chosen[-1].span[1]:
            chosen.append(hashtag)
    longest: dict[int, list[Hashtag]] = {}
    for hashtag in sorted(found, key=_end_first):
        longest.setdefault(hashtag.span[0], []).append(hashtag)
    kept: list[Hashtag] = []
    for hashtag, following in zip_longest(chosen, chosen[1:]):
        stop = following.span[0] if following else None
        kept.append([one for one in longest[hashtag.span[0]] if stop is None or one.span[1] <= stop][-1])
    return kept


def _end_first(hashtag: Hashtag) -> tuple[int, int]:
    return hashtag.span[1], hashtag.span[0]


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


# The two largest patterns are made when the first text needs them: most texts have common hashtags only.
@cache
def _x() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return X's pattern for a hashtag and the one for the letters of which it must have one."""
    before = f"(?:(?<=[\ufe0e\ufe0f])|(?<![{TAG_CHARACTERS}&]))"
    hashtag = re.compile(f"{before}{_ONE_SIGN}[#＃](?![\ufe0f\u20e3])([{TAG_CHARACTERS}]++)")
    return hashtag, re.compile(f"[{LETTERS}]")


def _as_x(text: str) -> list[Hashtag]:
    pattern, letter = _x()
    found: list[Hashtag] = []
    consumed = 0
    for match in pattern.finditer(text):
        start, end = match.span()
        if (start and start <= consumed) or not letter.search(match[1]):
            continue
        consumed = end
        if text[end : end + 1] not in ("#", "＃") and not text.startswith("://", end):
            found.append(Hashtag((start, end), match[1]))
    return found


def _as_bluesky(text: str) -> list[Hashtag]:
    found: list[Hashtag] = []
    for match in _BLUESKY.finditer(text):
        if not _BLUESKY_SUBSTANCE.search(match[1]):
            continue
        tag = _TRAILING_PUNCTUATION.sub("", match[1])
        if len(tag) > _BLUESKY_MAX_GRAPHEMES and len(_GRAPHEME.findall(tag)) > _BLUESKY_MAX_GRAPHEMES:
            continue
        start = match.start()
        found.append(Hashtag((start, start + 1 + len(tag)), tag))
    return found


@cache
def _worded(pattern: str) -> regex.Pattern[str]:
    return regex.compile(pattern)


def _as_mastodon(text: str) -> list[Hashtag]:
    return _with_letter(_worded(_MASTODON).finditer(text))


def _as_plain(text: str) -> list[Hashtag]:
    return _with_letter(_worded(_PLAIN).finditer(text))


def _with_letter(matches: Iterable[regex.Match[str]]) -> list[Hashtag]:
    return [Hashtag(match.span(), match[1]) for match in matches if _LETTER.search(match[1])]


_FINDERS: dict[HashtagDialect, Callable[[str], list[Hashtag]]] = {
    HashtagDialect.X: _as_x,
    HashtagDialect.BLUESKY: _as_bluesky,
    HashtagDialect.MASTODON: _as_mastodon,
    HashtagDialect.PLAIN: _as_plain,
}
