"""The fields of a post: how the text of a cell is read into each, and what is wrong with it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from datetime import date
from typing import Any

from pydantic import TypeAdapter, ValidationError

from app.packs.cells import read_links
from app.packs.schema.base import LANGUAGE_TAG, AccountSlug, Key, WebAddress
from app.packs.sheets.values import ImportTarget
from app.platforms.registry import NETWORKS

#: The longest text and heading, in characters; the longest that the API takes, too.
LONGEST_TEXT, LONGEST_HEADING, LONGEST_TAG, MOST_TAGS = 20_000, 1000, 100, 50
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_LANGUAGE = re.compile(LANGUAGE_TAG)
_WEEK = re.compile(r"(?:week\s*)?(?P<number>\d{1,4})(?:\.0+)?", re.IGNORECASE)
_LONGEST_LANGUAGE = 35
_key: TypeAdapter[str] = TypeAdapter(Key)
_slug: TypeAdapter[str] = TypeAdapter(AccountSlug)
_address: TypeAdapter[str] = TypeAdapter(WebAddress)

#: What other schedulers call networks.
_NETWORK_NAMES = {
    "twitter": "x", "x/twitter": "x", "x.com": "x", "fb": "facebook", "ig": "instagram", "bsky": "bluesky",
    "linked in": "linkedin",
}  # fmt: skip


class FieldFault(Exception):
    """What is wrong with a cell: a stable code, and words for a person."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def read_text(cell: str, _target: ImportTarget | None = None) -> str:
    """Return a text exactly as it stands; a blank one is "".

    Raises:
        FieldFault: It is too long, or has characters that no text has.
    """
    if found := _CONTROL.search(cell):
        raise FieldFault(
            "text.control_characters", f"The text has the control character U+{ord(found[0]):04X}. Take it out."
        )
    if len(cell) > LONGEST_TEXT:
        raise FieldFault("cell.too_long", f"The text has {len(cell):,} characters; {LONGEST_TEXT:,} are the most.")
    return cell if cell.strip() else ""


def _heading(cell: str, _target: ImportTarget) -> str:
    text = " ".join(read_text(cell).split())
    if len(text) > LONGEST_HEADING:
        raise FieldFault("cell.too_long", f"It has {len(text):,} characters; {LONGEST_HEADING:,} are the most.")
    return text


def _left_out(cell: str, target: ImportTarget) -> str | None:
    return _heading(cell, target) or None


def _week(cell: str, target: ImportTarget) -> int | None:
    text = cell.strip()
    if not text:
        return None
    weeks = [week.number for week in target.window.weeks]
    match = _WEEK.fullmatch(text)
    listed = ", ".join(map(str, sorted(weeks)))
    if match is None:
        raise FieldFault("week.invalid", f"“{text[:40]}” is no week's number. The weeks are {listed}.")
    if int(match["number"]) not in weeks:
        raise FieldFault("week.unknown", f"The campaign has no week {match['number']}. Its weeks are {listed}.")
    return int(match["number"])


def _read_key(cell: str, _target: ImportTarget) -> str | None:
    text = cell.strip()
    if not text:
        return None
    try:
        return _key.validate_python(text)
    except ValidationError:
        raise FieldFault(
            "key.invalid", f"“{text[:60]}” is no key: lower-case letters, digits and single hyphens, 100 at most."
        ) from None


def _language(cell: str, target: ImportTarget) -> str:
    text = cell.strip() or target.language
    if len(text) > _LONGEST_LANGUAGE or not _LANGUAGE.fullmatch(text):
        raise FieldFault("language.invalid", f"“{text[:40]}” is no language tag. Write it as en or es-US.")
    return text


def names_in(cell: str) -> list[str]:
    """Return what stands in a cell between commas, semicolons or line breaks, each once."""
    return list(dict.fromkeys(part.strip() for part in re.split(r"[,;\n]", cell) if part.strip()))


def _tags(cell: str, _target: ImportTarget) -> list[str]:
    tags = list(dict.fromkeys(" ".join(part.split()) for part in re.split(r"[,\n]", read_text(cell)) if part.strip()))
    if len(tags) > MOST_TAGS:
        raise FieldFault("tags.too_many", f"There are {len(tags)} tags; {MOST_TAGS} are the most.")
    if longest := next((tag for tag in tags if len(tag) > LONGEST_TAG), None):
        raise FieldFault("cell.too_long", f"The tag “{longest[:40]}…” has more than {LONGEST_TAG} characters.")
    return tags


def network_slug(name: str) -> str:
    """Return the slug of a network by any of its names.

    Raises:
        FieldFault: It is none that is known here.
    """
    plain = name.strip().lower()
    slug = _NETWORK_NAMES.get(plain, plain)
    if slug in NETWORKS:
        return slug
    by_name = {network.profile.name.lower(): known for known, network in NETWORKS.items()}
    if plain in by_name:
        return by_name[plain]
    near = difflib.get_close_matches(plain, NETWORKS, n=1)
    meant = f" Did you mean {near[0]}?" if near else ""
    raise FieldFault("platform.unknown", f"There is no network “{name[:40]}”.{meant} Known: {', '.join(NETWORKS)}.")


def _platforms(cell: str, _target: ImportTarget) -> list[str] | None:
    return list(dict.fromkeys(network_slug(name) for name in names_in(cell))) or None


def _accounts(cell: str, target: ImportTarget) -> list[str] | None:
    slugs = names_in(cell)
    for slug in slugs:
        try:
            _slug.validate_python(slug)
        except ValidationError:
            raise FieldFault("account.unknown", f"“{slug[:64]}” is no account's slug.") from None
        if target.accounts is not None and slug not in target.accounts:
            known = ", ".join(sorted(target.accounts)) or "none"
            raise FieldFault("account.unknown", f"There is no account “{slug}”. There are: {known}.")
    return slugs or None


def _pins(cell: str, target: ImportTarget) -> list[date]:
    found: dict[date, None] = {}
    for text in names_in(cell):
        try:
            pin = date.fromisoformat(text)
        except ValueError:
            raise FieldFault("pin.invalid", f"“{text[:40]}” is no date. Write it as 2027-01-11.") from None
        window = target.window
        if not window.starts_on <= pin <= window.ends_on:
            raise FieldFault(
                "pin.outside", f"{pin} lies outside the campaign ({window.starts_on} to {window.ends_on})."
            )
        found[pin] = None
    return sorted(found)


def web_address(text: str, code: str) -> str:
    """Return a web address with its scheme.

    Raises:
        FieldFault: It is none.
    """
    try:
        return _address.validate_python(text.strip())
    except ValidationError:
        raise FieldFault(
            code, f"“{text.strip()[:80]}” is no web address. Write it with https:// in front of it."
        ) from None


def _links(cell: str, _target: ImportTarget) -> list[dict[str, Any]]:
    found = []
    for visible, target in read_links(read_text(cell)):
        if target is None:
            found.append({"visible": visible[:LONGEST_HEADING], "target": None})
            continue
        # An address alone may stand there as it reads in the text, without its scheme.
        whole = target if "://" in target or visible != target else f"https://{target}"
        found.append({"visible": visible, "target": web_address(whole, "link.invalid")})
    return found


def _link(cell: str, _target: ImportTarget) -> str | None:
    return web_address(cell, "link.invalid") if cell.strip() else None


def _images(cell: str, _target: ImportTarget) -> list[str]:
    # An address may have commas of its own, but none before the next scheme.
    parts = re.split(r"[\s,;|]+(?=https?://)|\n", cell.strip())
    return [web_address(part.strip(" ,;|"), "image.invalid") for part in parts if part.strip(" ,;|")]


def _alts(cell: str, _target: ImportTarget) -> list[str]:
    text = read_text(cell)
    return [" ".join(line.split()) for line in text.splitlines()] if text else []


#: How each field is read. `at`, `date` and `time` are read together (`moments`); `text_<network>` is a text.
READERS: dict[str, Callable[[str, ImportTarget], Any]] = {
    "key": _read_key,
    "week": _week,
    "section": _heading,
    "resource": _heading,
    "text": read_text,
    "link": _links,
    "appended_link": _link,
    "image": _images,
    "alt": _alts,
    "language": _language,
    "pins": _pins,
    "tags": _tags,
    "platforms": _platforms,
    "accounts": _accounts,
    "left_out": _left_out,
}
MOMENT_FIELDS = frozenset({"at", "date", "time"})
#: What a person may map a heading to, beside `text_<network>`.
FIELDS = ("text", "key", "week", "section", "resource", "link", "image", "alt", "language", "pins", "tags",
          "platforms", "accounts", "left_out", "at", "date", "time")  # fmt: skip


def is_field(name: str) -> bool:
    """Whether a heading may be mapped to this."""
    return name in FIELDS or (name.startswith("text_") and name.removeprefix("text_") in NETWORKS)
