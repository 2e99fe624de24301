"""What was found as a pack's document: every item with where it stands in the toolkit, and confirmed by nobody yet."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.packs.drafting.finding import window_of
from app.packs.drafting.found import Found, FoundContact, FoundPost, FoundValue

_LONGEST_KEY, _LONGEST_LINE = 60, 900
_KEY_WORDS = 6
#: The zone that a draft has, for toolkits name none; a person confirms it with the rest.
_ZONE = "America/New_York"
_LIMIT = 2


@dataclass(frozen=True, slots=True)
class Draft:
    """A pack's document, and in words what a person must add, for the toolkit does not say it."""

    document: dict[str, Any]
    missing: tuple[str, ...]


def draft_of(found: Found) -> Draft:
    """Return what was found as a draft. Needed fields that the toolkit does not tell are left out and listed."""
    missing: list[str] = []
    title = found.title.value if found.title else None
    document: dict[str, Any] = {"schema_version": 1, "confirmed": False}
    document |= {"key": _key(title or "draft") or "draft", "version": "1"}
    _put(document, "title", title, missing, "title: the campaign's title")
    _put(document, "issuer", found.issuer.value if found.issuer else None, missing, "issuer: who issues it")
    source = {"title": title, "publisher": found.issuer.value if found.issuer else None, "year": found.year}
    if title:
        document["source"] = {name: value for name, value in source.items() if value is not None}
    document |= {"language": "en", "time_zone": _ZONE}
    _window(document, found, missing)
    document["weeks"] = _weeks(found, missing)
    if found.days:
        document["key_dates"] = [
            _item(day.where, {"key": key, "name": day.name[:_LONGEST_LINE], "day": day.day})
            for key, day in zip(_keys(day.name for day in found.days), found.days, strict=True)
        ]
    document["hashtags"] = _hashtags(found)
    document["contact"] = _contact(found.contact, missing)
    if form := _mention_form(found.contact):
        document["mention_forms"] = {"en": [form]}
    if found.hosts:
        document["known_hosts"] = [host.value for host in found.hosts]
    placeholders = _placeholders(found.posts)
    if placeholders:
        document["fill_ins"] = [
            _item(where, {"key": key, "text": text, "label": _label(text), "kind": _kind(text)})
            for text, (key, where) in placeholders.items()
        ]
    if not found.posts:
        missing.append("posts: no sample posts were found")
    document["posts"] = _posts(found, {text: key for text, (key, _) in placeholders.items()})
    return Draft(document, tuple(missing))


def _item(where: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    return {**fields, "drawn_from": where, "confirmed": False}


def _put(document: dict[str, Any], name: str, value: str | None, missing: list[str], said: str) -> None:
    if value:
        document[name] = value[:_LONGEST_LINE]
    else:
        missing.append(said)


def _window(document: dict[str, Any], found: Found, missing: list[str]) -> None:
    days = window_of(found.weeks)
    if days is None:
        missing.append("window: the first and last day")
    else:
        where = f"{found.weeks[0].where} to {found.weeks[-1].where}"
        document["window"] = _item(where, {"starts_on": days[0], "ends_on": days[1]})


def _weeks(found: Found, missing: list[str]) -> list[dict[str, Any]]:
    if not found.weeks:
        missing.append("weeks: no focus weeks were found; write at least one")
    weeks: list[dict[str, Any]] = []
    for week in found.weeks:
        fields: dict[str, Any] = {"number": week.number, "title": week.title[:_LONGEST_LINE] or f"Week {week.number}"}
        if week.starts_on and week.ends_on:
            fields |= {"starts_on": week.starts_on, "ends_on": week.ends_on}
        else:
            missing.append(f"weeks: the days of week {week.number}")
        if week.introduction:
            fields["introduction"] = week.introduction
        weeks.append(_item(week.where, fields))
    return weeks


def _hashtags(found: Found) -> dict[str, Any]:
    fields: dict[str, Any] = {"limit": int(found.limit.value) if found.limit else _LIMIT}
    if found.hashtags:
        fields["primary"] = f"#{found.hashtags[0].value}"
        fields["secondary"] = [f"#{tag.value}" for tag in found.hashtags[1:]]
    sources = [found.limit, *found.hashtags[:1]]
    where = " and ".join(dict.fromkeys(source.where for source in sources if source)) or "nowhere"
    return _item(where, fields)


def _contact(contact: FoundContact, missing: list[str]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    _put(fields, "name", contact.name.value if contact.name else None, missing, "contact: the helpline's name")
    if contact.voice:
        fields["voice"] = _item(contact.voice.where, {"value": contact.voice.value})
    if contact.text_line:
        line: dict[str, Any] = {"value": contact.text_line.value}
        fields["text_line"] = _item(
            contact.text_line.where, line | ({"keyword": contact.keyword} if contact.keyword else {})
        )
    if contact.website:
        fields["website"] = _item(contact.website.where, {"value": contact.website.value})
    if contact.tty:
        fields["tty"] = _item(contact.tty.where, {"value": contact.tty.value})
    if not (contact.voice or contact.text_line or contact.website):
        missing.append("contact: a number to call or text, or a website")
    return _item(contact.name.where if contact.name else "nowhere", fields)


def _mention_form(contact: FoundContact) -> str | None:
    """Return the plainest mention that the facts allow; a person confirms it with the pack."""
    reach: FoundValue | None = contact.voice or contact.website
    return f"{contact.name.value}: {reach.value}" if contact.name and reach else None


def _placeholders(posts: Sequence[FoundPost]) -> dict[str, tuple[str, str]]:
    """Return the fill-ins of all posts: by their text their key and where they first stand."""
    first = {text: post.where for post in reversed(posts) for text in post.fill_ins}
    ordered = {text: first[text] for post in posts for text in post.fill_ins}
    return {text: (key, where) for key, (text, where) in zip(_keys(ordered), ordered.items(), strict=True)}


def _posts(found: Found, keys: Mapping[str, str]) -> list[dict[str, Any]]:
    names = _keys(f"w{post.week}-{_key(post.text, _KEY_WORDS)}" for post in found.posts)
    weeks = {week.number for week in found.weeks}
    posts: list[dict[str, Any]] = []
    for key, post in zip(names, found.posts, strict=True):
        fields: dict[str, Any] = {"key": key, "week": post.week if post.week in weeks or not weeks else min(weeks)}
        if post.section:
            fields["section"] = post.section[:_LONGEST_LINE]
        if post.resource:
            fields["resource"] = post.resource[:_LONGEST_LINE]
        fields["text"] = post.text
        if post.links:
            fields["links"] = [
                {"visible": link.visible, "target": link.target}
                if link.target
                else {"visible": link.visible, "note": "link not in source"}
                for link in post.links
            ]
        if post.fill_ins:
            fields["fill_ins"] = [keys[text] for text in keys if text in post.text]
        posts.append(_item(post.where, fields))
    return posts


def _label(text: str) -> str:
    label = " ".join(text.strip("[]()").split())
    return label[:1].upper() + label[1:_LONGEST_LINE] if label else text


def _kind(text: str) -> str:
    if re.search(r"\b(?:link|url)\b", text, re.IGNORECASE):
        return "link"
    return "number" if re.fullmatch(r"\W*[X#]+\W*", text) else "text"


def _key(text: str, words: int = 8) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    found = re.findall(r"[a-z0-9]+", re.sub(r"['\u2019]", "", plain.lower()))
    return "-".join(found[:words])[:_LONGEST_KEY].strip("-")


def _keys(texts: Iterable[str]) -> list[str]:
    """Return a key for each text, each once."""
    taken: set[str] = set()
    keys: list[str] = []
    for text in texts:
        stem = _key(text) or "item"
        key, number = stem, 2
        while key in taken:
            key, number = f"{stem}-{number}", number + 1
        taken.add(key)
        keys.append(key)
    return keys
