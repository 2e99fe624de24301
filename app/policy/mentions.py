"""Where a text mentions the hotline: its number, its text line, or the home or chat page of its website.

The hotline's name alone is no mention, nor is a page deeper in its website, nor the bare number of the text line.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.policy.contact import Hotline, hotline_of
from app.policy.facts import Facts
from app.policy.policy import Policy, Site
from app.policy.spans import lies_in
from app.policy.text_line import Asked, Channel, asked_for
from app.text.links import Link


def find_mentions(facts: Facts, policy: Policy) -> tuple[tuple[int, int], ...]:
    """Return the half-open spans of all mentions in the text as it stands, in order."""
    hotline = hotline_of(policy)
    return tuple(sorted({*_numbers(facts, hotline), *_text_lines(facts, hotline), *_pages(facts, hotline)}))


def _may_hold(facts: Facts, number: str) -> bool:
    # Reading telephone numbers and requests takes longer than seeing that the digits are nowhere in the text.
    return facts.digits is None or number in facts.digits


def _may_spell(facts: Facts, keyword: str | None) -> bool:
    return keyword is not None and keyword in "".join(filter(str.isalnum, facts.folded.text))


def _numbers(facts: Facts, hotline: Hotline) -> Iterator[tuple[int, int]]:
    if not any(_may_hold(facts, form) for form in hotline.voice_forms):
        return
    pattern = hotline.voice_pattern
    if pattern is None:
        for number in facts.telephone_numbers:
            if number.digits in hotline.voice_forms:
                yield number.span
        return
    for match in pattern.finditer(facts.folded.text):
        span = facts.folded.span(*match.span())
        if not in_link(facts, span):
            yield span


def _text_lines(facts: Facts, hotline: Hotline) -> Iterator[tuple[int, int]]:
    line = hotline.contact.text_line
    if line is None or not (_may_hold(facts, line.number) or _may_spell(facts, hotline.keyword)):
        return
    for asked in asked_for(facts, hotline):
        if is_text_line(facts, hotline, asked):
            span = facts.words.span(asked.first, asked.last)
            if not in_link(facts, span):
                yield span


def is_text_line(facts: Facts, hotline: Hotline, asked: Asked) -> bool:
    """Return whether what is asked for is the hotline's text line, by its number or keyword."""
    line = hotline.contact.text_line
    if line is None or asked.channel is not Channel.TEXT:
        return False
    if asked.digits:
        return asked.digits == line.number
    return hotline.keyword is not None and "".join(facts.words.texts[asked.first : asked.last + 1]) == hotline.keyword


def _pages(facts: Facts, hotline: Hotline) -> Iterator[tuple[int, int]]:
    site = hotline.contact.site
    if site is None:
        return
    for link in facts.links:
        if is_mentioning_page(link, site):
            yield link.span


def is_mentioning_page(link: Link, site: Site) -> bool:
    """Return whether a link leads to a page of the hotline's website that counts as a mention.

    Scheme, `www.`, language part, trailing slash, query and fragment do not matter.
    """
    if plain_host(link.host) != plain_host(site.host.lower()):
        return False
    path = link.path
    for mark in "?#":
        path = path.partition(mark)[0]
    parts = [part for part in path.lower().split("/") if part]
    if parts and parts[0] in {language.lower() for language in site.languages}:
        del parts[0]
    return "/".join(parts) in {page.strip("/").lower() for page in site.paths}


def plain_host(host: str) -> str:
    """Return a host without `www.` and the final dot of a full name."""
    return host.rstrip(".").removeprefix("www.")


def in_link(facts: Facts, span: tuple[int, int]) -> bool:
    """Return whether a span begins inside a link."""
    return lies_in(facts.link_spans, span)
