"""A toolkit's file as a draft of a pack, for whoever has no command line; nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass

from app.packs.confirming import Unconfirmed, unconfirmed_in_text
from app.packs.drafting.draft import draft_of
from app.packs.drafting.files import toolkit_lines
from app.packs.drafting.finding import find_all
from app.packs.drafting.writing import draft_as_yaml


@dataclass(frozen=True, slots=True)
class PackDraft:
    """A draft as YAML, the items that wait for a person, and what the toolkit does not say."""

    text: str
    items: tuple[Unconfirmed, ...]
    missing: tuple[str, ...]


def draft_pack(content: bytes, name: str) -> PackDraft:
    """Return a draft of the toolkit in a text, DOCX or PDF file; `name` is the file's.

    Raises:
        InvalidInput: The file is of another kind, broken, locked by a password, or made to do harm.
    """
    draft = draft_of(find_all(toolkit_lines(content, name)))
    text = draft_as_yaml(draft, name)
    return PackDraft(text, tuple(unconfirmed_in_text(text)), draft.missing)
