"""hashtag.primary_missing: the campaign's first hashtag is absent. In another case it is there (see hashtag.case)."""

from __future__ import annotations

from collections.abc import Iterator

from app.policy.facts import Facts
from app.policy.finding import Level
from app.policy.hashtags import plain_tag
from app.policy.policy import Policy
from app.policy.rule import Found, Rule
from app.text.profile import HashtagDialect

CODE = "hashtag.primary_missing"


def check(facts: Facts, policy: Policy) -> Iterator[Found]:
    """Yield one finding, at the text's end; none for a network that links no hashtags."""
    primary = policy.hashtags.primary
    if not primary or (facts.profile is not None and facts.profile.hashtags is HashtagDialect.NONE):
        return
    wanted = plain_tag(primary)
    if any(plain_tag(hashtag.tag) == wanted for hashtag in facts.hashtags):
        return
    end = len(facts.text)
    name = primary.removeprefix("#")
    yield Found(CODE, (end, end), f"The text does not have the campaign's first hashtag, #{name}.", f"#{name}")


RULE = Rule(CODE, Level.NOTE, check)
