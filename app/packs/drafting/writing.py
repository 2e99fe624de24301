"""A draft as YAML that a person reads beside the toolkit: where each item stands is said above it, too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from app.packs.drafting.draft import Draft
from app.packs.writing.pack_files import PackDumper

_HEAD = """\
# A draft, read by machine from {name}. Nothing of it is used before a person has confirmed it:
# compare each item with the toolkit, correct it, and write `confirmed: true`, as `focusweek pack confirm FILE` does.
# What no toolkit says, such as the time zone and the version, is a suggestion. `mention_forms` is made of the facts.
"""
_WIDEST = 1_000_000


def draft_as_yaml(draft: Draft, name: str) -> str:
    """Return a draft as YAML; `name` is the toolkit's file."""
    lines = [_HEAD.format(name=" ".join(name.split()))]
    lines += [f"# MISSING {said}\n" for said in draft.missing]
    for field, value in draft.document.items():
        lines.append(_field(field, value))
    return "".join(lines)


def _field(name: str, value: Any) -> str:  # noqa: ANN401 - whatever a pack's field holds
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        return f"{name}:\n" + "".join(f"# {item['drawn_from']}\n{_dumped([item])}" for item in value)
    above = f"# {value['drawn_from']}\n" if isinstance(value, Mapping) and "drawn_from" in value else ""
    return above + _dumped({name: value})


def _dumped(value: Any) -> str:  # noqa: ANN401 - as above
    text: str = yaml.dump(value, Dumper=PackDumper, allow_unicode=True, sort_keys=False, width=_WIDEST)
    return text
