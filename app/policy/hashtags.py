"""The campaign's hashtags and their words, prepared for the hashtag rules."""

from __future__ import annotations

import unicodedata

from app.policy.policy import Policy
from app.policy.preparing import per_policy
from app.text.words import camel_parts

_LONGEST_TAG = 120
_SHORTEST_WORD = 3


def plain_tag(tag: str) -> str:
    """Return a tag in the form in which two are compared: compatibility forms and case aside."""
    return unicodedata.normalize("NFKC", tag.removeprefix("#")).casefold()


@per_policy
def listed_hashtags(policy: Policy) -> dict[str, str]:
    """Return the campaign's hashtags as it writes them, without `#`, by their plain form."""
    tags = (policy.hashtags.primary, *policy.hashtags.secondary)
    return {plain_tag(tag): tag.removeprefix("#") for tag in tags if tag}


@per_policy
def listed_words(policy: Policy) -> frozenset[str]:
    """Return the words of the campaign's camel-case hashtags, in lower case; very short ones are in every word."""
    parts = (part.lower() for tag in listed_hashtags(policy).values() for part in camel_parts(tag))
    return frozenset(part for part in parts if len(part) >= _SHORTEST_WORD or part.isdigit())


def split_tag(tag: str, words: frozenset[str]) -> tuple[str, ...]:
    """Split a tag in lower case so that listed words cover as much of it as can be; the rest stays in one piece each.

    A tag longer than any that people write is returned whole.
    """
    if not words or len(tag) > _LONGEST_TAG:
        return (tag,)
    longest = max(map(len, words))
    # For each end: letters covered, fewest pieces (negated), and the pieces.
    best: list[tuple[int, int, tuple[str, ...]]] = [(0, 0, ())]
    for end in range(1, len(tag) + 1):
        covered, pieces, parts = best[end - 1]
        choices = [_longer_by_letter(covered, pieces, parts, tag[end - 1], words)]
        for start in range(max(0, end - longest), end):
            word = tag[start:end]
            if word in words:
                covered, pieces, parts = best[start]
                choices.append((covered + len(word), pieces - 1, (*parts, word)))
        best.append(max(choices, key=lambda choice: choice[:2]))
    return best[-1][2]


def _longer_by_letter(
    covered: int, pieces: int, parts: tuple[str, ...], letter: str, words: frozenset[str]
) -> tuple[int, int, tuple[str, ...]]:
    if parts and parts[-1] not in words:
        return covered, pieces, (*parts[:-1], parts[-1] + letter)
    return covered, pieces - 1, (*parts, letter)
