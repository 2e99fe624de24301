"""mention.missing: no hotline mention in the text as it stands; in a thread, none in its first part."""

from __future__ import annotations

from collections.abc import Iterator

from app.policy.contact import hotline_of
from app.policy.facts import Facts
from app.policy.finding import Level
from app.policy.mentions import find_mentions
from app.policy.policy import Policy
from app.policy.rule import Found, Rule

CODE = "mention.missing"


def check(facts: Facts, policy: Policy) -> Iterator[Found]:
    """Yield one finding where the first part has no whole mention; its span is the empty one at that part's end."""
    hotline = hotline_of(policy)
    if not hotline.ways:
        return
    end = len(facts.parts[0]) if facts.parts else 0
    mentions = find_mentions(facts, policy)
    if any(span[1] <= end for span in mentions):
        return
    where = "The first part of the thread" if len(facts.parts) > 1 else "The text"
    yield Found(
        CODE,
        (end, end),
        f"{where} does not say how to reach the {policy.contact.name}. Its name alone does not help a person in need.",
        f"Add one of: {hotline.ways}.",
    )


RULE = Rule(CODE, Level.ERROR, check)
