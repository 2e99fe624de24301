"""A pack as a file, YAML or JSON: reading it again gives an equal pack, and the same pack gives the same bytes."""

from __future__ import annotations

import json
from typing import Any

import yaml

from app.packs.schema import Pack

#: No line of YAML is folded: a text stands as it reads.
_WIDEST = 1_000_000


def pack_as_yaml(pack: Pack) -> bytes:
    """Return a pack as YAML in UTF-8, fields in the schema's order, what is left to its default left out."""
    text = yaml.dump(
        document_of(pack),
        Dumper=PackDumper,
        allow_unicode=True,
        sort_keys=False,
        default_flow_style=False,
        width=_WIDEST,
    )
    return text.encode()


def pack_as_json(pack: Pack) -> bytes:
    """Return a pack as JSON in UTF-8, with the same fields as `pack_as_yaml`."""
    return (json.dumps(document_of(pack), ensure_ascii=False, indent=2) + "\n").encode()


def document_of(pack: Pack) -> dict[str, Any]:
    """Return what a pack's file holds: every field that is not left to its default."""
    document: dict[str, Any] = pack.model_dump(mode="json", exclude_defaults=True)
    for post, entry in zip(pack.posts, document["posts"], strict=True):
        # A post without a language has the pack's, whatever the schema's own default is.
        entry.pop("language", None)
        if post.language != pack.language:
            entry["language"] = post.language
    return document


class PackDumper(yaml.SafeDumper):
    """Writes plain data that a person can read: no aliases, texts of several lines as blocks, days in quotes."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ANN401, ARG002, D102 - as PyYAML declares it
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # A block keeps line breaks as they are, but takes a carriage return for one and drops what is blank at its ends.
    as_block = "\n" in text and "\r" not in text and text == text.strip()
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if as_block else None)


PackDumper.add_representer(str, _text)
