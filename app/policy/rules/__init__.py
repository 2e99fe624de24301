"""All rules, one a file. Adding a rule is one file and one line in `RULES`."""

from __future__ import annotations

from app.policy.rule import Rule
from app.policy.rules import (
    handle_unmapped,
    hashtag_case,
    hashtag_limit,
    hashtag_primary_missing,
    hashtag_unapproved,
    language_acts,
    language_adjectives,
    language_terms,
    language_unchecked,
    link_not_https,
    link_unknown_host,
    mention_missing,
    mention_wrong_number,
    mention_wrong_site,
    statistic_uncited,
    text_grade_level,
    text_hidden_characters,
    text_placeholder,
    text_stale,
    text_too_long,
)

RULES: tuple[Rule, ...] = (
    hashtag_limit.RULE,
    hashtag_unapproved.RULE,
    hashtag_primary_missing.RULE,
    hashtag_case.RULE,
    mention_missing.RULE,
    mention_wrong_number.RULE,
    mention_wrong_site.RULE,
    text_placeholder.RULE,
    text_too_long.RULE,
    text_hidden_characters.RULE,
    text_stale.RULE,
    language_terms.RULE,
    language_adjectives.RULE,
    language_acts.RULE,
    language_unchecked.RULE,
    statistic_uncited.RULE,
    handle_unmapped.RULE,
    link_not_https.RULE,
    link_unknown_host.RULE,
    text_grade_level.RULE,
)
