"""The text of a sample post as it would go out, made of the lines that it is printed on."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.packs.drafting.found import FoundLink
from app.packs.drafting.lines import BULLET

_MARKDOWN_LINK = re.compile(r"\[(?P<visible>[^\[\]]+)\]\((?P<target>[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)\)")
_ANGLES = re.compile(r"<(https?://[^<>\s]+)>")
_EMPHASIS = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!@|<>~])")
_QUOTES = re.compile(r"^[\u201c\"](?P<inside>.+)[\u201d\"]$", re.DOTALL)
#: What people are asked to put in: in brackets, or in parentheses that say so.
_FILL_IN = re.compile(r"\[[^\[\]\n]{1,300}\]|\((?:insert|enter|title:|name of|your )[^()\n]{0,300}\)", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://\S+")


def post_text(lines: Sequence[str]) -> tuple[str, tuple[FoundLink, ...], tuple[str, ...]]:
    """Return a post's text, the links whose text is not their address, and its fill-ins as they stand in it.

    Lines are joined by a space; a Markdown link is what it reads as, and `#` is no target.
    """
    bullet = BULLET.match(lines[0])
    first = lines[0][bullet.end() :] if bullet else lines[0]
    text = " ".join(" ".join(line.split()) for line in (first, *lines[1:]))
    text = _ANGLES.sub(r"\1", text)
    links: list[FoundLink] = []

    def read(match: re.Match[str]) -> str:
        visible, target = _ESCAPED.sub(r"\1", match["visible"]), match["target"]
        links.append(FoundLink(visible, target if _ADDRESS.fullmatch(target) else None))
        return visible

    text = _MARKDOWN_LINK.sub(read, text)
    text = _ESCAPED.sub(r"\1", _EMPHASIS.sub(r"\2", text)).strip()
    if quoted := _QUOTES.match(text):
        text = quoted["inside"].strip()
    unlike = [link for link in dict.fromkeys(links) if link.visible != link.target]
    return text, tuple(unlike), tuple(dict.fromkeys(_FILL_IN.findall(text)))


def is_resource(text: str) -> bool:
    """Whether a point of a list is a resource with its kind (`**Blog:** [Title](#)`) and no post."""
    return re.match(r"\s*[-*\u2022]?\s*\*\*[^*]{1,60}:\*\*\s", text) is not None
