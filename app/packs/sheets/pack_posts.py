"""A pack (YAML or JSON) as posts for a campaign that is there: its posts are taken, the rest of it is named."""

from __future__ import annotations

from datetime import date

from app.packs.reading import LARGEST, parse_pack
from app.packs.schema import Pack, PackPost
from app.packs.sheets.fields import FieldFault
from app.packs.sheets.refusals import refused
from app.packs.sheets.tabular import digest_of
from app.packs.sheets.values import ImportTarget, Reading, RowDraft, RowError
from app.packs.window import plan_posts

SLUG = "pack"
_ENDINGS = (".yaml", ".yml", ".json")


def is_pack(content: bytes, name: str) -> bool:
    """Whether a file is meant as a pack, by its name or by how it begins."""
    if name.lower().endswith(_ENDINGS):
        return True
    start = content[:200].removeprefix(b"\xef\xbb\xbf").lstrip()
    return start.startswith((b"{", b"schema:", b"schema_version:", b"---"))


def read_pack_posts(content: bytes, name: str, target: ImportTarget) -> Reading:
    """Return the posts of a pack; a row's number is the post's place in the file, from 1.

    Raises:
        InvalidPack: It is no valid pack.
        RefusedFile: It is too large, or not UTF-8.
    """
    if len(content) > LARGEST:
        raise refused(f"The pack is larger than {LARGEST:,} bytes.", "Take posts out of it.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise refused(f"The pack is not UTF-8: see line {line}.", "Save it as UTF-8.") from None
    pack = parse_pack(text, name)
    pins = {post.key: list(post.pins) for post in plan_posts(pack, target.window.starts_on.year)}
    rows = [_draft(number, post, pins[post.key], pack, target) for number, post in enumerate(pack.posts, 1)]
    fields = pack.model_dump(mode="json", exclude_defaults=True, exclude={"posts"})
    return Reading(SLUG, rows, (), tuple(sorted(fields)), "utf-8")


def _draft(number: int, post: PackPost, pins: list[date], pack: Pack, target: ImportTarget) -> RowDraft:
    values = {
        "week": post.week,
        "section": post.section or "",
        "resource": post.resource or "",
        "language": post.language or pack.language,
        "text": post.text,
        "variants": dict(post.variants),
        "links": [{"visible": link.visible, "target": link.target} for link in post.links],
        "media": [{"url": image.url, "alt": image.alt} for image in post.media],
        "tags": list(post.tags),
        "pins": pins,
        "platforms": list(post.platforms) if post.platforms is not None else None,
        "accounts": list(post.accounts) if post.accounts is not None else None,
        "left_out": post.left_out,
    }
    draft = RowDraft(number, values, key=post.key, digest=digest_of({"key": post.key, **values}))
    for fault in _faults(post, target):
        draft.errors.append(RowError(number, f"posts[{number - 1}]", fault.code, fault.message))
    return draft


def _faults(post: PackPost, target: ImportTarget) -> list[FieldFault]:
    weeks = sorted(week.number for week in target.window.weeks)
    found = []
    if post.week not in weeks:
        listed = ", ".join(map(str, weeks))
        found.append(FieldFault("week.unknown", f"The campaign has no week {post.week}. Its weeks are {listed}."))
    unknown = [] if target.accounts is None else [slug for slug in post.accounts or () if slug not in target.accounts]
    found += [FieldFault("account.unknown", f"There is no account “{slug}”.") for slug in unknown]
    return found
