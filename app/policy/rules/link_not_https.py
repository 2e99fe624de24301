"""link.not_https: an address that says http:// in so many words."""

from __future__ import annotations

from collections.abc import Iterator

from app.policy.facts import Facts
from app.policy.finding import Level
from app.policy.policy import Policy
from app.policy.rule import Found, Rule

CODE = "link.not_https"
_SCHEME = len("http")


def check(facts: Facts, policy: Policy) -> Iterator[Found]:  # noqa: ARG001 - all rules are called alike
    """Yield a finding for every link with an explicit `http://`."""
    for link in facts.links:
        if link.scheme == "http":
            safe = "https" + link.text[_SCHEME:]
            yield Found(CODE, link.span, "The address asks for an unprotected connection (http://).", safe)


RULE = Rule(CODE, Level.WARNING, check)
