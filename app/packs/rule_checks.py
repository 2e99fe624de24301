"""What the service says of a pack: mention forms must pass its rules, levels be a rule's, networks be known."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from app.packs.policy import build_policy
from app.packs.schema import Pack
from app.packs.schema.repeats import Problem
from app.platforms.registry import NETWORKS
from app.policy.evaluate import evaluate
from app.policy.facts import Facts
from app.policy.rules import RULES

#: Codes of checks that need a network or an image, and so are no rules over a text.
_OTHER_CODES = frozenset({"language.unchecked", "link.broken", "media.alt_missing", "media.alt_redundant"})
#: A form says the same in any year; the policy needs one.
_ANY_YEAR = 2000


def rule_problems(pack: Pack) -> Iterator[Problem]:
    """Yield what the rules object to in a pack that is otherwise whole."""
    yield from _forms(pack)
    yield from _levels(pack)
    yield from _networks(pack)


def _forms(pack: Pack) -> Iterator[Problem]:
    policy = build_policy(pack, year=_ANY_YEAR)
    for language, forms in pack.mention_forms.items():
        for index, form in enumerate(forms):
            for finding in evaluate(Facts(form, language=language), policy).errors:
                yield (
                    ("mention_forms", language, index),
                    f"expected a form that passes the rules, found {form!r} ({finding.code}: {finding.message})",
                )


def _levels(pack: Pack) -> Iterator[Problem]:
    known = rule_codes(pack)
    for code in pack.levels:
        if code not in known:
            near = difflib.get_close_matches(code, known, n=1)
            yield ("levels", code), "expected the code of a rule" + (f"; did you mean `{near[0]}`?" if near else "")


def _networks(pack: Pack) -> Iterator[Problem]:
    """Yield the networks that there are none of: a post for one of them would silently go nowhere."""
    for index, post in enumerate(pack.posts):
        named: list[tuple[tuple[str | int, ...], str]] = [
            (("posts", index, "platforms", at), slug) for at, slug in enumerate(post.platforms or ())
        ]
        named += [(("posts", index, "variants", slug), slug) for slug in post.variants]
        for path, slug in named:
            if slug not in NETWORKS:
                yield path, f"expected a network ({', '.join(NETWORKS)}), found {slug!r}"


def rule_codes(pack: Pack) -> tuple[str, ...]:
    """Return the code of every rule that a pack's texts may meet, sorted: the service's own and the pack's."""
    of_pack = {rule.code for entry in pack.languages for rule in entry.rules}
    # The name of a family, whose codes come from the pack, has a space in it and is no code itself.
    own = {rule.name for rule in RULES if " " not in rule.name}
    return tuple(sorted(own | of_pack | _OTHER_CODES))
