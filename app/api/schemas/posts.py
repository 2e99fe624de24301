"""Posts as requests and answers."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import ConfigDict, Field, StringConstraints

from app.api.schemas.base import (
    Day,
    FindingOut,
    Id,
    Input,
    Line1000,
    Moment,
    Output,
    PartOut,
    SlugName,
    WeekNumber,
    moment,
)
from app.models import Post, Variant
from app.packs.schema.base import Key, LanguageTag, Slug, Text, WebAddress

_Words = Annotated[Text, StringConstraints(max_length=20_000)]
#: As long as a pack may have them.
_Heading = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)]


class LinkIn(Input):
    """A link of the post: how it reads in the text, and where it leads."""

    visible: Line1000 = Field(description="The link as it stands in the text.")
    target: WebAddress | None = Field(None, description="Full address; null where the source has none.")


class _PostFields(Input):
    section: _Heading = Field("", description="Heading that it stands under.")
    resource: _Heading = Field("", description="Title of the resource that it is about.")
    links: list[LinkIn] = Field(default=[], max_length=50, description="Links in the text.")
    pins: list[Day] = Field(default=[], max_length=50, description="Dates on which it goes out whatever its week.")
    platforms: list[Slug] | None = Field(None, max_length=50, description="Networks it is for; null for all.")
    accounts: list[SlugName] | None = Field(None, max_length=200, description="Accounts it is for; null for all.")
    left_out: Line1000 | None = Field(None, description="Why it is in no further plan; null plans it.")
    variants: dict[Slug, _Words] = Field(
        default={}, max_length=20, description="Texts of its own per network, all of them."
    )

    def values(self) -> dict[str, Any]:
        """Return what was given, as the service takes it."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        if "links" in given:
            given["links"] = [link.model_dump() for link in self.links]
        return given


class PostCreate(_PostFields):
    """A post to be added at the end of a campaign."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "campaign_id": 1,
                    "week": 2,
                    "text": "Social workers: learn to see the signs at train.org. #Partner2Prevent",
                    "links": [{"visible": "train.org", "target": "https://www.train.org"}],
                }
            ]
        }
    )

    campaign_id: Id = Field(description="The campaign it belongs to.")
    week: WeekNumber = Field(description="Its focus week.")
    text: _Words = Field(description="The text, before anything is added.")
    key: Key | None = Field(None, description="Stable name; made if left out.")
    language: LanguageTag | None = Field(None, description="BCP 47 tag; the campaign's language if left out.")

    def values(self) -> dict[str, Any]:
        """Return what was given, as the service takes it."""
        given = super().values()
        del given["campaign_id"]
        if given.get("language") is None:
            given.pop("language", None)
        return given


class PostChange(_PostFields):
    """What changes of a post; what is left out stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "The corrected text. #Partner2Prevent"}]})

    week: WeekNumber = Field(1, description="Its focus week.")
    text: _Words = Field("", description="The text, before anything is added.")
    language: LanguageTag = Field("en", description="BCP 47 tag.")


class LinkOut(Output):
    """A link of the post."""

    visible: str
    target: str | None


class PostOut(Output):
    """A post."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": 7,
                    "campaign_id": 1,
                    "key": "learn-the-signs",
                    "week": 2,
                    "section": "Training",
                    "resource": "",
                    "language": "en",
                    "text": "Social workers: learn to see the signs at train.org. #Partner2Prevent",
                    "links": [{"visible": "train.org", "target": "https://www.train.org"}],
                    "pins": ["2027-01-11"],
                    "platforms": None,
                    "accounts": ["our-mastodon"],
                    "left_out": None,
                    "variants": {},
                    "version": 1,
                    "updated": {"utc": "2026-12-01T12:00:00Z", "local": "2026-12-01T07:00:00-05:00"},
                }
            ]
        }
    )

    id: Id
    campaign_id: Id
    key: str
    week: int
    section: str
    resource: str
    language: str
    text: str = Field(description="The text as written, before anything is added.")
    links: list[LinkOut]
    pins: list[date]
    platforms: list[str] | None
    accounts: list[str] | None
    left_out: str | None
    variants: dict[str, str] = Field(description="Texts of its own, by network.")
    version: int = Field(description="Rises with every change.")
    updated: Moment


class PreviewOut(Output):
    """What would go out on one network or account."""

    platform: str
    account: str | None = Field(description="Slug of the account whose limits apply; null for the network's own.")
    sendable: bool = Field(description="Whether the gate would let it out as things stand.")
    parts: list[PartOut] = Field(description="The exact messages; more than one is a thread.")
    limit: int = Field(description="The most that one part may count there.")
    mention_added: str | None = Field(description="The hotline mention that was added, if any.")
    findings: list[FindingOut] = Field(description="Spans point into the parts joined by a blank line.")


class PreviewsOut(Output):
    """What would go out everywhere that was asked for."""

    items: list[PreviewOut]


def post_out(post: Post, variants: list[Variant], zone: str) -> PostOut:
    """Return a post as an answer."""
    return PostOut(
        id=post.id,
        campaign_id=post.campaign_id,
        key=post.key,
        week=post.week,
        section=post.section,
        resource=post.resource,
        language=post.language,
        text=post.text,
        links=[LinkOut(visible=link["visible"], target=link.get("target")) for link in post.links],
        pins=[date.fromisoformat(pin) for pin in post.pins],
        platforms=post.platforms,
        accounts=post.accounts,
        left_out=post.left_out,
        variants={variant.platform: variant.text for variant in variants},
        version=post.version,
        updated=moment(post.updated_at, zone),
    )
