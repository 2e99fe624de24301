"""Fill-ins, handles and links: what is put into a text before anything is counted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from app.composing.values import LinkTarget, Voice
from app.policy.policy import HandleMapping, Placeholder
from app.text.handles import find_handles
from app.text.links import find_links
from app.text.profile import Clickable, TextProfile


def put_in_fill_ins(text: str, voice: Voice) -> str:
    """Replace every placeholder that has a value. One pass: a value that reads like a placeholder stays as it is."""
    values = dict(voice.fill_ins)
    filled = tuple(p for p in voice.policy.placeholders if p.key in values)
    if not filled:
        return text
    pattern, keys = _placeholder_pattern(filled)
    return pattern.sub(lambda match: values[keys[match[0]]], text)


@lru_cache(maxsize=64)
def _placeholder_pattern(placeholders: tuple[Placeholder, ...]) -> tuple[re.Pattern[str], dict[str, str]]:
    # Longest first: one placeholder may be the beginning of another.
    texts = sorted((p.text for p in placeholders), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, texts))), {p.text: p.key for p in placeholders}


@dataclass(frozen=True, slots=True)
class PlainName:
    """A name that stands in for a handle, and how often the same name stands between it and the last such name."""

    name: str
    earlier: int


def put_in_handles(text: str, handles: tuple[HandleMapping, ...], network: str) -> tuple[str, tuple[PlainName, ...]]:
    """Write each handle as the network knows it, and the plain name where it knows none, so that no stranger is pinged.

    A handle that is already the network's own stays. Returns the text and the names that stand in for unmapped
    handles, in order.
    """
    found = find_handles(text, tuple(link.span for link in find_links(text, None)) if "@" in text else ())
    if not found:
        return text, ()
    mappings = {own.lower(): mapping for mapping in handles if (own := mapping.on(network))}
    mappings |= {mapping.handle.lower(): mapping for mapping in handles}
    pieces: list[str] = []
    plain: list[PlainName] = []
    end = since = 0
    for handle in found:
        mapping = mappings.get(handle.name.lower())
        there = mapping.on(network) if mapping else None
        pieces.append(text[end : handle.span[0]])
        if there is None:
            name = mapping.name if mapping else handle.name.split("@")[0]
            plain.append(PlainName(name, "".join(pieces[since:]).count(name)))
            since = len(pieces) + 1
        pieces.append(f"@{there}" if there else plain[-1].name)
        end = handle.span[1]
    return "".join([*pieces, text[end:]]), tuple(plain)


def make_clickable(text: str, links: tuple[LinkTarget, ...], profile: TextProfile) -> str:
    """Write the full address of every link where the network links nothing without a scheme."""
    if profile.clickable is not Clickable.ADD_SCHEME:
        return text
    pieces: list[str] = []
    end = 0
    for link in find_links(text, None):
        if link.scheme is None:
            pieces += [text[end : link.span[0]], target_of(link.text, link.url, links)]
            end = link.span[1]
    return "".join([*pieces, text[end:]])


def target_of(visible: str, url: str, links: tuple[LinkTarget, ...]) -> str:
    """Return the address behind a visible link: the post's own target, else the link itself."""
    for link in links:
        if link.visible.removesuffix("/") == visible.removesuffix("/"):
            return link.target
    return url
