"""link.unknown_host: a host that is neither on the campaign's list nor under one that is."""

from __future__ import annotations

from collections.abc import Iterator

from app.policy.facts import Facts
from app.policy.finding import Level
from app.policy.mentions import plain_host
from app.policy.policy import Policy
from app.policy.preparing import per_policy
from app.policy.rule import Found, Rule

CODE = "link.unknown_host"


@per_policy
def _known(policy: Policy) -> frozenset[str]:
    site = policy.contact.site
    hosts = (*policy.known_hosts, site.host) if site else policy.known_hosts
    return frozenset(plain_host(host.lower()) for host in hosts)


def check(facts: Facts, policy: Policy) -> Iterator[Found]:
    """Yield a finding for every link to a host that the campaign does not know."""
    known = _known(policy)
    for link in facts.links:
        host = plain_host(link.host)
        if not any(suffix in known for suffix in _suffixes(host)):
            yield Found(
                CODE,
                link.span,
                f"{link.host} is not on the campaign's list of websites.",
                "Open the link and see that it leads where it should; add the website to the list if it is a good one.",
            )


def _suffixes(host: str) -> Iterator[str]:
    """Yield a host and the domains above it; a host has no more than 127 labels."""
    labels = host.split(".")[-127:]
    return (".".join(labels[index:]) for index in range(len(labels)))


RULE = Rule(CODE, Level.NOTE, check)
