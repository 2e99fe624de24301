"""From a post to the exact parts that go out on one network, with the verdict on them.

The order: the network's variant, fill-ins, handles, links; then the mention, longest form that fits first, only where
the text has none of its own; then, where nothing fits, a thread whose first part holds the mention whole, so that no
public part ever stands without it. What cannot be made to fit is composed all the same and judged too long.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice

from app.composing.filling import PlainName, make_clickable, put_in_fill_ins, put_in_handles, target_of
from app.composing.values import Composition, LinkTarget, Part, PartLink, PartTag, PostText, Voice
from app.policy.evaluate import evaluate
from app.policy.facts import Facts
from app.policy.finding import Finding, Level, Verdict, in_order
from app.policy.mentions import find_mentions
from app.policy.policy import Policy
from app.text.counting import fits, length
from app.text.hashtags import find_hashtags
from app.text.links import find_links
from app.text.profile import TextProfile
from app.text.splitting import split_text


def compose(post: PostText, profile: TextProfile, voice: Voice) -> Composition:
    """Return a post's parts for one network under a campaign's voice, and the rules' verdict on exactly these parts.

    Pure: the same post, profile and voice give the same composition.
    """
    text = post.for_network(profile.slug).replace("\r\n", "\n").replace("\r", "\n").strip()
    text = put_in_fill_ins(text, voice)
    text, plain_names = put_in_handles(text, voice.policy.handles, profile.slug)
    text = make_clickable(text, post.links, profile)
    texts, added = _with_mention(text, post.language, profile, voice)
    verdict = evaluate(Facts(texts, language=post.language, profile=profile), voice.policy)
    if plain_names:
        verdict = _with_plain_names(verdict, texts, plain_names, profile, voice.policy)
    return Composition(tuple(_part(t, post.links, profile) for t in texts), verdict, added)


def _with_mention(text: str, language: str, profile: TextProfile, voice: Voice) -> tuple[tuple[str, ...], str | None]:
    """Return the texts of the parts, and the form that was added."""
    mentioned = _mentions(text, voice.policy)
    if mentioned and fits(text, profile):
        return (text,), None
    forms = voice.forms_in(language)
    if not mentioned:
        for form in forms:
            if fits(whole := _joined(text, form), profile):
                return (whole,), form
    if profile.has_threads:
        thread = _thread(text, forms, mentioned=mentioned, profile=profile, policy=voice.policy)
        if thread is not None:
            return thread
    if mentioned or not forms:
        return (text,), None
    return (_joined(text, forms[-1]),), forms[-1]


def _joined(text: str, form: str) -> str:
    return f"{text} {form}" if text else form


def _mentions(text: str, policy: Policy) -> bool:
    return bool(find_mentions(Facts(text), policy))


def _thread(
    text: str, forms: tuple[str, ...], *, mentioned: bool, profile: TextProfile, policy: Policy
) -> tuple[tuple[str, ...], str | None] | None:
    """Return the fewest parts with the mention whole in the first; of equal threads the one with the longest form."""

    def rest_fits(part: str) -> bool:
        return fits(part, profile)

    if mentioned:
        parts = split_text(text, rest_fits, rest_fits)
        if parts is not None and _mentions(parts[0], policy):
            return parts, None
    if not forms:
        return None

    def split_with(form: str) -> tuple[str, ...] | None:
        return split_text(text, lambda part: fits(_joined(part, form), profile), rest_fits)

    # No form leaves more room than the shortest, so its thread has the fewest parts.
    fewest = split_with(forms[-1])
    if fewest is None:
        return None
    for form in forms[:-1]:
        parts = split_with(form)
        if parts is not None and len(parts) == len(fewest):
            return (_joined(parts[0], form), *parts[1:]), form
    return (_joined(fewest[0], forms[-1]), *fewest[1:]), forms[-1]


def _part(text: str, links: tuple[LinkTarget, ...], profile: TextProfile) -> Part:
    found = find_links(text, profile.links)
    return Part(
        text=text,
        length=length(text, profile),
        links=tuple(PartLink(link.span, target_of(link.text, link.url, links)) for link in found),
        hashtags=tuple(PartTag(tag.span, tag.tag) for tag in find_hashtags(text, profile.hashtags)),
    )


def _with_plain_names(
    verdict: Verdict, texts: tuple[str, ...], names: Iterable[PlainName], profile: TextProfile, policy: Policy
) -> Verdict:
    """Say of every name that stands in for a handle that it does, where it stands in the composed text."""
    level = dict(policy.levels).get("handle.unmapped", Level.WARNING)
    text = Facts(texts).text
    findings: list[Finding] = []
    end = 0
    for plain in names:
        # A thread may be cut between two words of a name.
        pattern = re.compile(r"\s+".join(map(re.escape, plain.name.split())))
        found = next(islice(pattern.finditer(text, end), plain.earlier, None), None)
        end = found.end() if found else len(text)
        findings.append(
            Finding(
                "handle.unmapped",
                level,
                found.span() if found else (0, 0),
                f"The campaign has no account for “{plain.name}” on {profile.name}, so the name goes out without @.",
                f"If the account exists on {profile.name}, add it to the campaign's handles.",
            )
        )
    return Verdict(in_order([*verdict.findings, *findings]), verdict.policy_version)
