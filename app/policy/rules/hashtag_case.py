"""hashtag.case: a hashtag that a screen reader cannot read as words (Section 508).

It differs from a listed one in case only, or it is all in one case and has two or more of the listed hashtags' words
in it ("#endhatecrime", "#ENDHATENOW").
"""

from __future__ import annotations

from collections.abc import Iterator

from app.policy.facts import Facts
from app.policy.finding import Level
from app.policy.hashtags import listed_hashtags, listed_words, plain_tag, split_tag
from app.policy.policy import Policy
from app.policy.rule import Found, Rule

CODE = "hashtag.case"


def check(facts: Facts, policy: Policy) -> Iterator[Found]:
    """Yield a finding for every hashtag whose words cannot be told apart."""
    listed = listed_hashtags(policy)
    judged: dict[str, str | None] = {}
    for hashtag in facts.hashtags:
        if hashtag.tag not in judged:
            judged[hashtag.tag] = listed.get(plain_tag(hashtag.tag)) or _camel(hashtag.tag, listed_words(policy))
        own = judged[hashtag.tag]
        if own is not None and own != hashtag.tag and own.lower() == hashtag.tag.lower():
            yield Found(
                CODE,
                hashtag.span,
                f"#{hashtag.tag}: begin each word of a hashtag with a capital, so that screen readers (and people) can "
                "read it.",
                f"#{own}",
            )


def _camel(tag: str, words: frozenset[str]) -> str | None:
    """Return a tag of one case with its words capitalised, where at least two of them are listed ones."""
    if tag not in {tag.lower(), tag.upper()}:
        return None
    parts = split_tag(tag.lower(), words)
    if sum(part in words for part in parts) < 2:  # noqa: PLR2004 - two words can run together
        return None
    return "".join(part[:1].upper() + part[1:] for part in parts)


RULE = Rule(CODE, Level.WARNING, check)
