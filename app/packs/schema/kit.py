"""The campaign's kit: everything of the issuer's toolkit that is not a post, kept for the pages made from it."""

from __future__ import annotations

from pydantic import Field

from app.packs.schema.base import Key, Line, PackModel, Slug, Text, WebAddress
from app.packs.schema.posts import PackLink


class KitItem(PackModel):
    """One entry of a section: a resource, a point of a list, an account to follow, a file to be provided."""

    kind: Line | None = Field(None, description="What it is, in the issuer's word: Blog, Fact Sheet, Endnote.")
    title: Line | None = Field(None, description="Its title.")
    text: Text | None = Field(None, description="Its text.")
    network: Slug | None = Field(None, description="Network of an account to follow.")
    link: WebAddress | None = Field(None, description="Where it leads, where the issuer says so.")
    note: Text | None = Field(None, description="What a person should know, such as `link not in source`.")


class KitSection(PackModel):
    """A section of the toolkit: text, entries, or both."""

    key: Key = Field(description="Stable name.")
    heading: Line = Field(description="Heading as printed.")
    under: Key | None = Field(None, description="Key of the section that this one belongs to.")
    kind: Line = Field(
        "text", description="What the section is for: text, list, resources, accounts, slots, sample or endnotes."
    )
    week: int | None = Field(None, ge=1, description="Focus week that the section belongs to.")
    body: Text | None = Field(None, description="Its text; paragraphs are set apart by an empty line.")
    links: tuple[PackLink, ...] = Field((), description="The links in its text.")
    items: tuple[KitItem, ...] = Field((), description="Its entries, in order.")
    note: Text | None = Field(None, description="What a person should know.")
