"""handle.unmapped: a handle that the pack maps to no account on this network, so that a stranger may be pinged.

Without a network, a handle that is mapped on none. A handle that is itself the mapped one is fine.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.policy.facts import Facts
from app.policy.finding import Level
from app.policy.policy import HandleMapping, Policy
from app.policy.preparing import per_policy
from app.policy.rule import Found, Rule

CODE = "handle.unmapped"


@per_policy
def _by_handle(policy: Policy) -> dict[str, tuple[HandleMapping, ...]]:
    """Return the mappings by every name they have: the pack's handle and those on the networks."""
    found: dict[str, list[HandleMapping]] = {}
    for mapping in policy.handles:
        for name in {mapping.handle, *(handle for _, handle in mapping.networks)}:
            found.setdefault(_plain(name), []).append(mapping)
    return {name: tuple(mappings) for name, mappings in found.items()}


def _plain(name: str) -> str:
    return name.removeprefix("@").casefold()


def check(facts: Facts, policy: Policy) -> Iterator[Found]:
    """Yield a finding for every handle without a mapping."""
    network = facts.profile.slug if facts.profile else None
    for handle in facts.handles:
        mappings = _by_handle(policy).get(_plain(handle.name), ())
        if any(_is_mapped(mapping, handle.name, network) for mapping in mappings):
            continue
        name = mappings[0].name if mappings else handle.name
        where = f"on {facts.profile.name}" if facts.profile else "on any network"
        yield Found(
            CODE,
            handle.span,
            f"The campaign knows no account for @{handle.name} {where}: it may be a stranger's.",
            f"Write “{name}” without @, or add the account to the campaign.",
        )


def _is_mapped(mapping: HandleMapping, written: str, network: str | None) -> bool:
    if network is None:
        return bool(mapping.networks)
    own = mapping.on(network)
    return own is not None and _plain(written) in {_plain(own), _plain(mapping.handle)}


RULE = Rule(CODE, Level.WARNING, check)
