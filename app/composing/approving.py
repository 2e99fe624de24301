"""What an approval is of: the exact parts that go out, under one digest, and the warnings that they go out with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from typing import Any

from app.composing.values import Composition, Part, PartLink
from app.policy.facts import PART_SEPARATOR
from app.policy.finding import Finding, Level

_SCHEMES = ("", "https://", "http://")


def parts_digest(composition: Composition, language: str) -> str:
    """Return the digest (SHA-256, hex) of all that readers would get.

    That is the parts' exact texts in order, where their links lead if the text does not say it, and the language. The
    same parts on several networks have the same digest.
    """
    facts = [[[part.text, _hidden_targets(part)] for part in composition.parts], language]
    return hashlib.sha256(json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def warning_key(composition: Composition, finding: Finding) -> str:
    """Return the name by which a person acknowledges a warning: its code, and the words that it is about.

    What stands nowhere in the text goes by its message.
    """
    start, end = finding.span
    words = PART_SEPARATOR.join(part.text for part in composition.parts)[start:end]
    return f"{finding.code}: {words or finding.message}"


def warnings_of(composition: Composition) -> dict[str, Finding]:
    """Return the warnings on parts by their keys, in the order of the text; the same words of a code count once."""
    found: dict[str, Finding] = {}
    for finding in composition.verdict.findings:
        if finding.level is Level.WARNING:
            found.setdefault(warning_key(composition, finding), finding)
    return found


def unacknowledged(warnings: Mapping[str, Finding], acknowledged: Collection[str]) -> tuple[Finding, ...]:
    """Return the warnings that are not among those acknowledged."""
    return tuple(finding for key, finding in warnings.items() if key not in acknowledged)


def parts_as_json(composition: Composition) -> list[Any]:
    """Return parts as they are kept with an approval: their texts, and their links with where they lead."""
    return [
        {
            "text": part.text,
            "links": [{"visible": _visible(part, link), "target": link.target} for link in part.links],
        }
        for part in composition.parts
    ]


def _hidden_targets(part: Part) -> list[list[str]]:
    """Return the links whose address is not the one that they read as: what a change of it alone would not show."""
    links = [(_visible(part, link), link.target) for link in part.links]
    return [[visible, target] for visible, target in links if not _says(visible, target)]


def _says(visible: str, target: str) -> bool:
    return any(f"{scheme}{visible}".rstrip("/") == target.rstrip("/") for scheme in _SCHEMES)


def _visible(part: Part, link: PartLink) -> str:
    return part.text[link.span[0] : link.span[1]]
