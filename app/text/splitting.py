"""Splitting a text into the parts of a thread.

A place where a text may be cut has a rank: after a sentence, after a clause, between words, and as a last resort
before a part that would be nothing but hashtags and links. A cut is never made inside a link, hashtag, handle, number,
telephone number or abbreviation. Text without spaces between its words (Chinese, Japanese) is cut after its own marks,
and between two of its characters where nothing else will do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from app.text.handles import find_handles
from app.text.hashtags import find_hashtags
from app.text.links import find_links

_TOKEN = re.compile(r"\S++")
_CLOSING = "\"'”’»)]}』」】〉》）*_"
_OPENING = "\"'“‘«([{『「【〈《（*_"
_SENTENCE_MARKS = ".!?…。！？‽؟।।"
_CLAUSE_MARKS = ",;:–—-、，；："
# Abbreviations that stand before something, with which they form one thing.
_BEFORE_SOMETHING = " dr mr mrs ms mx prof rev hon gov sen rep gen col lt sgt capt st sr sra srta dra vs cf "
# Abbreviations that belong to the number after them.
_BEFORE_NUMBER = " no nos vol fig p pp núm pág "
# Abbreviations that a sentence seldom ends with; single letters with dots ("U.S.", "e.g.") are known by their form.
_INSIDE = " jr ed eds approx dept est inc ltd co corp al ud uds jan feb aug sept oct nov dec "
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+")
_IDEOGRAPHS = (
    "\u2e80-\u2fdf\u3005-\u3007\u3041-\u3096\u30a1-\u30fa\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_UNSPACED_MARKS = "、。，！？；：…」』】）〉》"
_UNSPACED_CUT = re.compile(
    f"(?<=[{_IDEOGRAPHS}{_UNSPACED_MARKS}])(?=[{_IDEOGRAPHS}「『【（〈《])(?![ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ々])"
)


class _Rank(IntEnum):
    SENTENCE = 0
    CLAUSE = 1
    WORD = 2
    LAST_RESORT = 3


@dataclass(frozen=True, slots=True)
class _Cut:
    """A place to cut: where the text before it ends and the text after it begins."""

    end: int
    begin: int
    rank: _Rank


def split_text(text: str, first: Callable[[str], bool], rest: Callable[[str], bool]) -> tuple[str, ...] | None:
    """Return a text in the fewest parts that end with a sentence, or None where it cannot be split.

    A sentence that fits no part by itself is cut after a clause, else between words. `first` says whether a candidate
    fits as the first part, `rest` as any later one; a predicate that holds for a text must hold for its beginnings.
    Parts have no white space at their ends; joining them loses nothing but white space.
    """
    text = text.strip()
    if not text:
        return None
    if first(text):
        return (text,)
    cuts = _cuts(text)
    by_rank = [[cut for cut in cuts if cut.rank <= rank] for rank in _Rank]
    return _filled(text, by_rank, first, rest) or _filled(text, by_rank[-1:], first, rest)


def _filled(
    text: str, by_rank: Sequence[Sequence[_Cut]], first: Callable[[str], bool], rest: Callable[[str], bool]
) -> tuple[str, ...] | None:
    """Fill part after part, each up to the farthest cut of the best rank at which it fits."""
    parts: list[str] = []
    begin = 0
    places = [0] * len(by_rank)
    while begin < len(text):
        holds = rest if parts else first
        best: _Cut | None = None
        for kind, cuts in enumerate(by_rank):
            while places[kind] < len(cuts) and cuts[places[kind]].end <= begin:
                places[kind] += 1
            best = _farthest(text, begin, cuts, places[kind], holds)
            if best is not None:
                break
        if best is None:
            return None
        parts.append(text[begin : best.end])
        begin = best.begin
    return tuple(parts)


def _farthest(text: str, begin: int, cuts: Sequence[_Cut], place: int, holds: Callable[[str], bool]) -> _Cut | None:
    """Return the farthest cut from `place` on whose part holds; steps double, then halve, so that few are tried."""
    if place >= len(cuts) or not holds(text[begin : cuts[place].end]):
        return None
    low, step = place, 1
    high = len(cuts)
    while low + step < high:
        if not holds(text[begin : cuts[low + step].end]):
            high = low + step
            break
        low += step
        step *= 2
    while high - low > 1:
        middle = (low + high) // 2
        if holds(text[begin : cuts[middle].end]):
            low = middle
        else:
            high = middle
    return cuts[low]


# Composing splits one text several times, with another mention each time.
@lru_cache(maxsize=2)
def _cuts(text: str) -> tuple[_Cut, ...]:
    """Return the places where a text may be cut, in order, its end included."""
    tokens = [match.span() for match in _TOKEN.finditer(text)]
    links = tuple(link.span for link in find_links(text, None))
    tags = [hashtag.span for hashtag in find_hashtags(text, None)]
    protected = sorted([*links, *tags, *(handle.span for handle in find_handles(text, links))])
    ranks = [_rank(text, tokens[index], tokens[index + 1]) for index in range(len(tokens) - 1)]
    _keep_tails(text, tokens, ranks, sorted([*links, *tags]))
    cuts = [_Cut(tokens[index][1], tokens[index + 1][0], rank) for index, rank in enumerate(ranks) if rank is not None]
    if not text.isascii():
        cuts += _unspaced_cuts(text, protected)
        cuts.sort(key=lambda cut: cut.end)
    return (*cuts, _Cut(len(text), len(text), _Rank.SENTENCE))


def _rank(text: str, left: tuple[int, int], right: tuple[int, int]) -> _Rank | None:
    """Return the rank of the cut between two tokens, or None where they belong together."""
    word = text[left[0] : left[1]]
    following = text[right[0] : right[1]]
    if "\n" in text[left[1] : right[0]]:
        return _Rank.SENTENCE
    if word[-1].isdigit() or word[-1] == ")":
        head = following.lstrip("+(")
        if head[:1].isdigit() and (word[-1].isdigit() or word[-2:-1].isdigit()):
            return None
    bare = word.rstrip(_CLOSING)
    if not bare:
        return _Rank.WORD
    if bare[-1] in _SENTENCE_MARKS:
        return _after_mark(bare.lstrip(_OPENING), following)
    return _Rank.CLAUSE if bare[-1] in _CLAUSE_MARKS else _Rank.WORD


def _after_mark(word: str, following: str) -> _Rank | None:
    """Return the rank of the cut after a word that ends with a sentence mark."""
    if word.endswith(".") and not word.endswith(".."):
        name = word[:-1].lower()
        if f" {name} " in _BEFORE_SOMETHING or (len(name) == 1 and name.isalpha() and name != "i"):
            return None
        if f" {name} " in _BEFORE_NUMBER and following[:1].isdigit():
            return None
        if f" {name} " in _INSIDE or _INITIALS.fullmatch(word):
            return _Rank.WORD
    head = following.lstrip(_OPENING)
    return _Rank.WORD if head[:1].islower() else _Rank.SENTENCE


def _keep_tails(
    text: str, tokens: list[tuple[int, int]], ranks: list[_Rank | None], spans: Sequence[tuple[int, int]]
) -> None:
    """Make a cut before hashtags and links that fill the rest of a sentence or of the text the last resort."""
    begins = {start for start, _ in spans}
    only = False
    for index in range(len(tokens) - 1, 0, -1):
        start, end = tokens[index]
        token = text[start:end]
        start += len(token) - len(token.lstrip(_OPENING))
        ends_here = index == len(tokens) - 1 or ranks[index] is _Rank.SENTENCE
        only = start in begins and (only or ends_here)
        if only and ranks[index - 1] is not None:
            ranks[index - 1] = _Rank.LAST_RESORT


def _unspaced_cuts(text: str, protected: Sequence[tuple[int, int]]) -> list[_Cut]:
    """Return the cuts inside text that sets no spaces."""
    cuts: list[_Cut] = []
    position = 0
    for match in _UNSPACED_CUT.finditer(text):
        place = match.start()
        while position < len(protected) and protected[position][1] <= place:
            position += 1
        if position < len(protected) and protected[position][0] < place:
            continue
        mark = text[place - 1]
        rank = _Rank.SENTENCE if mark in "。！？…" else _Rank.CLAUSE if mark in _UNSPACED_MARKS else _Rank.WORD
        cuts.append(_Cut(place, place, rank))
    return cuts
