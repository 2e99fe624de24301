"""Names and titles, inside which the language rules find nothing.

- Names of the pack. A law's counts in any case; another name only with the capitals that the pack gives it, so that
  "Save the Children" is an organization and "save the children" a thing asked for.
- Laws that no pack lists: capitalised words up to a capitalised "Act", "Law", "Protocol" and the like.
- Quoted titles: all words between the quotes capitalised but the small ones; a single word only where something
  announces it ("the film “Rescue”"). A quoted sentence is no title.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.policy.grammar import LAW_WORDS, NOT_A_LAW_BEFORE, SMALL_TITLE_WORDS, TITLE_CUES
from app.policy.phrases import Phrases
from app.text.folding import fold
from app.text.words import Words

_QUOTED = re.compile(r"\"([^\"\n]{1,160})\"|(?<![^\W_])'([^\"\n']{1,100}(?:'[a-z][^\"\n']{0,60})?)'(?![^\W_])")
_ONWARD = re.compile(r"[\s'&,-]{1,3}")
#: Words in the longest name of a law that is looked for.
_LONGEST_LAW = 10
_CUE_WORDS = 2

#: A name of the pack: whether it counts in any case, and which of its words have a capital.
Name = tuple[bool, tuple[bool, ...]]


def prepare_names(names: tuple[str, ...]) -> Phrases[Name]:
    """Return a pack's names as phrases."""
    return Phrases((name, _name(name)) for name in names)


def _name(name: str) -> Name:
    words = Words(fold(name))
    return any(text in LAW_WORDS for text in words.texts), tuple(map(words.is_capitalised, range(len(words))))


def words_in_names(words: Words, names: Phrases[Name], candidates: set[int]) -> set[int]:
    """Return the indexes of the words that stand in a name or title. Only the candidates are looked at for laws."""
    inside: set[int] = set()
    for first, last, (any_case, capitals) in names.everywhere(words):
        places = range(first, last + 1)
        if any_case or all(words.is_capitalised(i) for i, capital in zip(places, capitals, strict=True) if capital):
            inside.update(places)
    inside.update(_in_laws(words, candidates - inside))
    inside.update(_in_titles(words))
    return inside


def _in_laws(words: Words, candidates: set[int]) -> Iterator[int]:
    for candidate in candidates:
        if not words.is_capitalised(candidate):
            continue
        for index in range(candidate + 1, min(candidate + _LONGEST_LAW, len(words))):
            text = words.texts[index]
            if not _ONWARD.fullmatch(words.gap(index)):
                break
            if text in LAW_WORDS and words.is_capitalised(index):
                if not _goes_on_as_sentence(words, index):
                    yield candidate
                break
            if not words.is_capitalised(index) and text not in SMALL_TITLE_WORDS:
                break


def _goes_on_as_sentence(words: Words, index: int) -> bool:
    return index + 1 < len(words) and words.texts[index + 1] in NOT_A_LAW_BEFORE


def _in_titles(words: Words) -> Iterator[int]:
    if '"' not in words.folded.text and "'" not in words.folded.text:
        return
    index = 0
    for quoted in _QUOTED.finditer(words.folded.cased):
        start, end = quoted.span()
        while index < len(words) and words.starts[index] < start:
            index += 1
        first = index
        while index < len(words) and words.ends[index] <= end:
            index += 1
        if index > first and _is_title(words, first, index, quoted.group()[1:-1]):
            yield from range(first, index)


def _is_title(words: Words, first: int, stop: int, content: str) -> bool:
    if content.rstrip().endswith(".") or not words.is_capitalised(first):
        return False
    if not all(_fits_title(words, index) for index in range(first + 1, stop)):
        return False
    cue = any(words.texts[index] in TITLE_CUES for index in range(max(0, first - _CUE_WORDS), first))
    if cue:
        return True
    # Without an announcement one word may be for emphasis, and capitals throughout may be shouting.
    return stop - first > 1 and not content.isupper()


def _fits_title(words: Words, index: int) -> bool:
    return words.is_capitalised(index) or words.texts[index] in SMALL_TITLE_WORDS or words.texts[index][0].isdigit()
