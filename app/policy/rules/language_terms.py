"""Words and phrases that the issuer asks not to use, wherever they stand. The codes are the pack's."""

from __future__ import annotations

from collections.abc import Iterator

from app.policy.facts import Facts
from app.policy.finding import Level
from app.policy.language import Hit, Language, findings
from app.policy.policy import Policy
from app.policy.rule import Found, Rule


def check(facts: Facts, policy: Policy) -> Iterator[Found]:
    """Yield a finding for every term outside names, titles and addresses."""
    return findings(facts, policy, "term", _always)


def _always(_facts: Facts, _language: Language, hit: Hit) -> tuple[int, int]:
    return hit.first, hit.last


RULE = Rule("language (terms)", Level.WARNING, check)
