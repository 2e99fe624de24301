"""language.unchecked: the pack has language rules, but none for the language of this text."""

from __future__ import annotations

from collections.abc import Iterator

from app.policy.facts import Facts
from app.policy.finding import Level
from app.policy.language import language_of
from app.policy.policy import Policy
from app.policy.rule import Found, Rule


def check(facts: Facts, policy: Policy) -> Iterator[Found]:
    """Yield one finding over the whole text. A pack without any language rules asks for no checking."""
    if not policy.languages or language_of(facts, policy) is not None:
        return
    language = facts.language or policy.language
    known = ", ".join(rules.language for rules in policy.languages)
    yield Found(
        "language.unchecked",
        (0, len(facts.text)),
        f"The campaign has no language rules for “{language}” (only for {known}): the wording was not checked.",
        "Have a person who knows the language and the guidelines read it.",
    )


RULE = Rule("language.unchecked", Level.WARNING, check)
