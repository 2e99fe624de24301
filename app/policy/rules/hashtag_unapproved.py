"""hashtag.unapproved: a hashtag outside the campaign's list. One that differs in case only is on the list."""

from __future__ import annotations

from collections.abc import Iterator

from app.policy.distance import within_edits
from app.policy.facts import Facts
from app.policy.finding import Level
from app.policy.hashtags import listed_hashtags, plain_tag
from app.policy.policy import Policy
from app.policy.rule import Found, Rule

CODE = "hashtag.unapproved"
_SLIP = 2
_SHORTEST_SLIP = 6
_LONGEST = 60


def check(facts: Facts, policy: Policy) -> Iterator[Found]:
    """Yield a finding for every hashtag that the campaign does not list."""
    listed = listed_hashtags(policy)
    for hashtag in facts.hashtags:
        tag = plain_tag(hashtag.tag)
        if tag in listed:
            continue
        meant = _meant(tag, listed)
        yield Found(
            CODE,
            hashtag.span,
            f"#{hashtag.tag} is not one of the campaign's hashtags: {', '.join('#' + own for own in listed.values())}.",
            f"#{meant}"
            if meant
            else f"Write it without #, or use one of the campaign's hashtags instead of #{hashtag.tag}.",
        )


def _meant(tag: str, listed: dict[str, str]) -> str | None:
    """Return the listed hashtag that a slip of the keyboard made this of."""
    if not _SHORTEST_SLIP <= len(tag) <= _LONGEST:
        return None
    near = [(edits, own) for known, own in listed.items() if (edits := within_edits(tag, known, _SLIP)) is not None]
    return min(near)[1] if near else None


RULE = Rule(CODE, Level.WARNING, check)
