"""mention.wrong_site: a host that looks like the hotline's and is not.

The folded text is searched, so that letters of other alphabets, full-width ones and hidden characters show; known
endings are not required, so that "hotline.ogr" is found as well. A host counts when the whole of it, or one label of it
(hyphens aside), is one or two edits away from the site's; when it has the site's own label under another ending or
another's domain; and when its label only adds to the site's ("my-hotline.org").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.policy.distance import within_edits
from app.policy.facts import Facts
from app.policy.finding import Level
from app.policy.mentions import plain_host
from app.policy.policy import Policy
from app.policy.preparing import per_policy
from app.policy.rule import Found, Rule
from app.text.folding import fold

CODE = "mention.wrong_site"
_HOST = re.compile(r"(?<![\w@.-])[^\W_](?:[\w-]*[^\W_])?(?:\.[^\W_](?:[\w-]{0,62}[^\W_])?)+(?!@)")
_INNER_DOT = re.compile(r"\.(?=[^\W_])")
_LONGEST_HOST = 253
_INSIDE_HOST = frozenset("@.#-_")
#: Below this a label is a common word, of which others may be made.
_DISTINCTIVE = 10
_TWO_EDITS, _ONE_EDIT = 8, 6


@dataclass(frozen=True, slots=True)
class _Site:
    host: str
    label: str
    edits: int
    known: frozenset[str]
    broken: re.Pattern[str] | None


@per_policy
def _site(policy: Policy) -> _Site | None:
    if policy.contact.site is None:
        return None
    host = plain_host(policy.contact.site.host.lower())
    label = max(host.split(".")[:-1] or [host], key=len)
    edits = 2 if len(label) >= _TWO_EDITS else 1 if len(label) >= _ONE_EDIT else 0
    known = frozenset(plain_host(known.lower()) for known in policy.known_hosts)
    return _Site(host, label, edits, known, _broken_host(host) if len(label) >= _DISTINCTIVE else None)


def _broken_host(host: str) -> re.Pattern[str]:
    front, _, ending = host.rpartition(".")
    return re.compile(rf"{re.escape(front)}(?: ?[,;:]| \.|\. |-|_)? ?{re.escape(ending)}(?![\w@-]|\.\w)")


def check(facts: Facts, policy: Policy) -> Iterator[Found]:
    """Yield a finding for every host that could be taken for the hotline's."""
    site = _site(policy)
    if site is None:
        return
    yield from _broken(facts, site, policy.contact.name)
    if "." not in facts.folded.text:
        return
    folded = facts.folded
    for match in _hosts(folded.text):
        if _stands_inside_address(folded.text, match.start()):
            continue
        shape = _without_tail(match.group())
        span = folded.span(match.start(), match.start() + len(shape))
        written = facts.text[slice(*span)]
        host = plain_host(_without_punycode(shape))
        disguised = written.lower() != shape or shape != _without_punycode(shape)
        if _looks_like(host, site, disguised=disguised):
            yield Found(
                CODE,
                span,
                f"“{written}” can be taken for the website of the {policy.contact.name}, which is {site.host}.",
                site.host,
            )


def _broken(facts: Facts, site: _Site, name: str) -> Iterator[Found]:
    """Yield findings for the site's host with something else in a dot's place: "hotline,org", "hotline .org"."""
    text = facts.folded.text
    if site.broken is None or site.label not in text:
        return
    for match in site.broken.finditer(text):
        before = text[max(0, match.start() - 1) : match.start()]
        if before.isalnum() or before in _INSIDE_HOST:
            continue
        span = facts.folded.span(*match.span())
        written = facts.text[slice(*span)]
        message = f"“{written}” is nearly the website of the {name}, but no address: it is {site.host}."
        yield Found(CODE, span, message, site.host)


def _hosts(text: str) -> Iterator[re.Match[str]]:
    """Yield what is shaped like a host. Only the surroundings of dots are looked at closely, between two blanks."""
    place = 0
    while (dot := _INNER_DOT.search(text, place)) is not None:
        start = max(text.rfind(" ", place, dot.start()), text.rfind("\n", place, dot.start()), place - 1) + 1
        blank = text.find(" ", dot.end())
        place = blank if blank >= 0 else len(text)
        yield from _HOST.finditer(text, start, place)


def _without_tail(host: str) -> str:
    """Cut off what a dash glues to a host ("hotline.org—call us"): no ending has one inside."""
    ending = host.rpartition(".")[2]
    tail = "" if ending.startswith("xn--") else ending.partition("-")[2]
    return host[: -len(tail) - 1] if tail else host


def _stands_inside_address(text: str, start: int) -> bool:
    """Return whether a host stands in the path, query or user part of an address, not at its head."""
    before = text[max(0, start - 3) : start]
    return before.endswith(("=", "&", "?", "%")) or (before.endswith("/") and not before.endswith("//"))


def _without_punycode(host: str) -> str:
    if "xn--" not in host:
        return host
    return ".".join(_plain_label(label) for label in host.split("."))


def _plain_label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return fold(label[4:].encode("ascii").decode("punycode")).text
    except UnicodeError:
        return label


def _looks_like(host: str, site: _Site, *, disguised: bool) -> bool:
    if host == site.host or host.endswith("." + site.host):
        return disguised
    if len(host) > _LONGEST_HOST or _is_known(host, site):
        return False
    if site.edits and within_edits(host, site.host, site.edits):
        return True
    return any(_label_looks_like(label, site) for label in host.split("."))


def _is_known(host: str, site: _Site) -> bool:
    labels = host.split(".")
    return any(".".join(labels[index:]) in site.known for index in range(len(labels)))


def _label_looks_like(label: str, site: _Site) -> bool:
    if len(site.label) < _ONE_EDIT:
        return False
    bare, wanted = label.replace("-", ""), site.label.replace("-", "")
    if within_edits(bare, wanted, site.edits) is not None:
        return True
    return len(wanted) >= _DISTINCTIVE and wanted in bare


RULE = Rule(CODE, Level.ERROR, check)
