"""What is found in a toolkit, each thing with where it stands."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class FoundWeek:
    """A focus week; days are MM-DD and None where the toolkit gives none."""

    number: int
    where: str
    title: str = ""
    starts_on: str | None = None
    ends_on: str | None = None
    introduction: str = ""


@dataclass(frozen=True, slots=True)
class FoundLink:
    """A link whose text is not its address; no target where the toolkit gives none."""

    visible: str
    target: str | None


@dataclass(slots=True)
class FoundPost:
    """A sample post."""

    where: str
    text: str
    week: int
    section: str = ""
    resource: str = ""
    links: tuple[FoundLink, ...] = ()
    fill_ins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FoundValue:
    """A number, host, name or hashtag."""

    value: str
    where: str


@dataclass(frozen=True, slots=True)
class FoundDay:
    """A day with a name."""

    name: str
    day: str
    where: str


@dataclass(slots=True)
class FoundContact:
    """The helpline; what is None was not found."""

    name: FoundValue | None = None
    voice: FoundValue | None = None
    text_line: FoundValue | None = None
    keyword: str | None = None
    tty: FoundValue | None = None
    website: FoundValue | None = None


@dataclass(slots=True)
class Found:
    """All that is found. `hashtags` are the primary one first; `limit` is how many a post may carry."""

    title: FoundValue | None = None
    issuer: FoundValue | None = None
    year: int | None = None
    weeks: list[FoundWeek] = field(default_factory=list)
    posts: list[FoundPost] = field(default_factory=list)
    days: list[FoundDay] = field(default_factory=list)
    hashtags: list[FoundValue] = field(default_factory=list)
    limit: FoundValue | None = None
    contact: FoundContact = field(default_factory=FoundContact)
    hosts: list[FoundValue] = field(default_factory=list)
