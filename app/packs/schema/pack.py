"""A campaign as a file."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from app.packs.schema.base import (
    LANGUAGE_TAG,
    Code,
    Drafted,
    HashtagWord,
    Host,
    Key,
    LanguageTag,
    Line,
    MonthDay,
    PackModel,
    Text,
)
from app.packs.schema.checks import problems_of
from app.packs.schema.contact import Contact
from app.packs.schema.kit import KitSection
from app.packs.schema.language import DatedPhrase, LanguageSet
from app.packs.schema.posts import FillIn, Handle, PackPost
from app.policy.finding import Level

#: The version of the schema that this module describes.
SCHEMA_VERSION = 1


def _version(value: object) -> object:
    # Files hold texts; a literal number takes no text of itself.
    return SCHEMA_VERSION if value == str(SCHEMA_VERSION) else value


class Source(PackModel):
    """The publication that the pack was made from."""

    title: Line = Field(description="Its title.")
    publisher: Line | None = Field(None, description="Who published it.")
    year: int | None = Field(None, ge=1900, le=2200, description="When it was published.")
    licence: Line | None = Field(None, description="Why its text may be carried.")


class WindowDays(Drafted):
    """The campaign's days, both included. An end before the start lies in the next year."""

    starts_on: MonthDay = Field(description="First day, MM-DD.")
    ends_on: MonthDay = Field(description="Last day, MM-DD.")


class Week(Drafted):
    """A focus week: a numbered span of the window, of any length."""

    number: int = Field(ge=1, le=99, description="Its number; posts name it.")
    title: Line = Field(description="Its title.")
    audience: Line | None = Field(None, description="Whom it is for, in a few words.")
    starts_on: MonthDay = Field(description="First day, MM-DD.")
    ends_on: MonthDay = Field(description="Last day, MM-DD.")
    introduction: Text | None = Field(None, description="What the issuer says of it.")


class KeyDate(Drafted):
    """A single day with a name."""

    key: Key = Field(description="Stable name.")
    name: Line = Field(description="Its name.")
    day: MonthDay = Field(description="The day, MM-DD.")
    note: Text | None = Field(None, description="What a person should know.")


class Hashtags(Drafted):
    """The campaign's hashtags, with or without `#`."""

    limit: int = Field(ge=0, le=30, description="How many a post may carry.")
    primary: HashtagWord | None = Field(None, description="The one that every post should carry.")
    secondary: tuple[HashtagWord, ...] = Field((), description="The others.")


class Pack(Drafted):
    """A campaign as a file: who, when, what, and the rules its texts must pass."""

    schema_version: Annotated[Literal[1], BeforeValidator(_version)] = Field(description="Version of this schema.")
    key: Key = Field(description="Stable name of the pack.")
    version: Line = Field("1", description="Version of the pack itself; raise it with every change.")
    title: Line = Field(description="The campaign's title.")
    issuer: Line = Field(description="Who issues it.")
    source: Source | None = Field(None, description="The publication that it was made from.")
    theme: Line | None = Field(None, description="The year's theme.")
    language: LanguageTag = Field("en", description="Language of posts that name none.")
    time_zone: Line = Field(description="IANA time zone that days and times are in.")
    window: WindowDays = Field(description="The campaign's days.")
    weeks: Annotated[tuple[Week, ...], Field(min_length=1)] = Field(description="Its focus weeks, in order.")
    key_dates: tuple[KeyDate, ...] = Field((), description="Single days with a name.")
    hashtags: Hashtags = Field(description="Its hashtags.")
    contact: Contact = Field(description="The helpline.")
    mention_forms: dict[LanguageTag, Annotated[tuple[Line, ...], Field(min_length=1)]] = Field(
        default={}, description="By language, the mentions that may be added to a text, longest first."
    )
    handles: tuple[Handle, ...] = Field((), description="Accounts named in texts.")
    languages: tuple[LanguageSet, ...] = Field((), description="Language rules, by language.")
    dated_phrases: tuple[DatedPhrase, ...] = Field((), description="Phrases that age.")
    levels: dict[Code, Level] = Field(default={}, description="Rules whose level differs from the service's own.")
    known_hosts: tuple[Host, ...] = Field((), description="Hosts that links are expected to lead to.")
    grade_level_aim: float | None = Field(
        None, ge=0, le=30, description="Reading grade that texts should not exceed (Flesch-Kincaid)."
    )
    fill_ins: tuple[FillIn, ...] = Field((), description="Placeholders in the texts.")
    posts: Annotated[tuple[PackPost, ...], Field(min_length=1)] = Field(description="The messages.")
    kit: tuple[KitSection, ...] = Field((), description="Everything else of the issuer's toolkit.")

    @model_validator(mode="before")
    @classmethod
    def _posts_take_its_language(cls, data: object) -> object:
        if not isinstance(data, dict) or not isinstance(data.get("posts"), list | tuple):
            return data
        language = data.get("language")
        if not isinstance(language, str) or not re.fullmatch(LANGUAGE_TAG, language):
            return data  # the language's own error says it once; every post need not repeat it
        posts = [
            {**post, "language": language} if isinstance(post, dict) and post.get("language") is None else post
            for post in data["posts"]
        ]
        return {**data, "posts": posts}

    @model_validator(mode="after")
    def _hangs_together(self) -> Pack:
        if problems := tuple(problems_of(self)):
            raise PydanticCustomError("pack.whole", "the pack does not hang together", {"problems": problems})
        return self
