"""hashtag.limit: more hashtags than the campaign allows, repeats counted, over all parts of a thread."""

from __future__ import annotations

from collections.abc import Iterator

from app.policy.facts import Facts
from app.policy.finding import Level
from app.policy.policy import Policy
from app.policy.rule import Found, Rule

CODE = "hashtag.limit"


def check(facts: Facts, policy: Policy) -> Iterator[Found]:
    """Yield one finding, at the first hashtag over the limit."""
    limit = policy.hashtags.limit
    hashtags = facts.hashtags
    if len(hashtags) <= limit:
        return
    excess = len(hashtags) - limit
    yield Found(
        CODE,
        hashtags[limit].span,
        f"The text has {len(hashtags)} hashtags; the campaign asks for no more than {limit}, repeats included.",
        f"Take out {excess} of them, or write the words without #.",
    )


RULE = Rule(CODE, Level.ERROR, check)
