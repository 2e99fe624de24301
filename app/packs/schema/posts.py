"""Posts, and what stands in their texts: links, fill-ins, handles and slips of the issuer's."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.packs.schema.base import (
    AccountSlug,
    Drafted,
    HandleName,
    Key,
    LanguageTag,
    Line,
    MonthDay,
    PackModel,
    Slug,
    Text,
    WebAddress,
)


class PackLink(PackModel):
    """A link as it reads in a text, and where it leads."""

    visible: Line = Field(description="The link as it stands in the text.")
    target: WebAddress | None = Field(None, description="Full address, or nothing where the source has none.")
    note: Line | None = Field(None, description="Such as `link not in source`.")


class PackMedia(PackModel):
    """An image that goes out with a post, and what it shows in words."""

    url: WebAddress = Field(description="Full address of the image.")
    alt: Text | None = Field(None, description="What it shows, for who cannot see it; not what the post says already.")


class Typo(PackModel):
    """A slip in the issuer's text: kept as printed, its correction offered once at set-up."""

    printed: Line = Field(description="The words as printed; they stand in the post's text.")
    correction: Line = Field(description="The words offered in their place.")
    note: Line | None = Field(None, description="What is wrong.")


class FillIn(Drafted):
    """A placeholder that holds a post back until an organization fills it."""

    key: Key = Field(description="Stable name.")
    text: Line = Field(description="The placeholder exactly as it stands in texts, brackets included.")
    label: Line = Field(description="What to ask a person for.")
    kind: Literal["link", "text", "number"] = Field("text", description="What its value is.")
    note: Line | None = Field(None, description="Where it is used.")


class Handle(PackModel):
    """An account named in texts, and what it is called on each network."""

    handle: HandleName = Field(description="The handle as it stands in texts, with or without `@`.")
    name: Line = Field(description="Plain name that goes out where the network has no mapping.")
    networks: dict[Slug, HandleName] = Field(default={}, description="Its handle on each network where it is known.")
    note: Text | None = Field(None, description="Why a network is mapped, or is not.")


class PackPost(Drafted):
    """One message of the campaign."""

    key: Key = Field(description="Stable name; never used again for another post.")
    week: int = Field(ge=1, description="Number of its focus week.")
    section: Line | None = Field(None, description="Heading that it stands under.")
    resource: Line | None = Field(None, description="Title of the resource that it is about.")
    language: LanguageTag = Field("en", description="Its language; the pack's where it is left out.")
    text: Text = Field(description="The text exactly as the issuer prints it.")
    variants: dict[Slug, Text] = Field(default={}, description="A text of its own per network.")
    links: tuple[PackLink, ...] = Field((), description="The links in the text.")
    media: tuple[PackMedia, ...] = Field((), description="Images that go out with it, in order.")
    tags: tuple[Line, ...] = Field((), description="Words to find it by; they do not go out.")
    pins: tuple[MonthDay, ...] = Field((), description="Days on which it goes out whatever its week.")
    fill_ins: tuple[Key, ...] = Field((), description="Keys of the fill-ins in its text.")
    platforms: tuple[Slug, ...] | None = Field(None, description="Networks it is for; all where left out.")
    accounts: tuple[AccountSlug, ...] | None = Field(None, description="Accounts it is for; all where left out.")
    left_out: Line | None = Field(None, description="Why it is not planned at all.")
    typos: tuple[Typo, ...] = Field((), description="Slips in its text, with the correction offered.")
    note: Text | None = Field(None, description="What a person should know.")
