"""The one way from a text to a verdict."""

from __future__ import annotations

from app.policy.facts import Facts
from app.policy.finding import Finding, Level, Verdict, in_order
from app.policy.policy import FIXED_CODES, Policy
from app.policy.preparing import per_policy
from app.policy.rules import RULES


def evaluate(facts: Facts, policy: Policy) -> Verdict:
    """Return all that the rules say of a text under a policy.

    A pure function of both (the network's profile is part of the facts). Levels are the campaign's, except that
    nothing brings a fixed code below error. Spans are half-open, in code points of `facts.text`.
    """
    levels = _levels(policy)
    findings = [
        Finding(found.code, levels.get(found.code, rule.level), found.span, found.message, found.suggestion)
        for rule in RULES
        for found in rule.check(facts, policy)
    ]
    return Verdict(in_order(findings), policy.version)


@per_policy
def _levels(policy: Policy) -> dict[str, Level]:
    levels = dict(policy.levels)
    levels.update(dict.fromkeys(FIXED_CODES, Level.ERROR))
    return levels
