"""A campaign as a file: a pack, a sheet of its posts, or what is planned as another scheduler takes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from zoneinfo import ZoneInfo

from app.delivery.deps import Adapters
from app.errors import InvalidInput
from app.models import Campaign, Post
from app.packs.writing.pack_files import pack_as_json, pack_as_yaml
from app.packs.writing.schedulers import BUFFER, HOOTSUITE, NotExported
from app.packs.writing.sheet import SheetPost, csv_bytes, sheet_rows
from app.records import journal
from app.services.posts import posts_of
from app.services.present_packs import present_pack
from app.services.scheduler_exports import account_for, planned_file
from app.services.scope import Scope
from app.services.voices import variants_of


class ExportFormat(StrEnum):
    """What a campaign can be exported as."""

    PACK = "pack"
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    BUFFER = "buffer"
    HOOTSUITE = "hootsuite"


@dataclass(frozen=True, slots=True)
class Export:
    """A file, how many posts (or planned deliveries) are in it, and which are not, or not as they are here."""

    content: bytes
    file_name: str
    media_type: str
    rows: int
    left: tuple[NotExported, ...] = ()


_KINDS = {
    ExportFormat.PACK: (".yaml", "application/yaml"),
    ExportFormat.JSON: (".json", "application/json"),
    ExportFormat.CSV: (".csv", "text/csv; charset=utf-8"),
    ExportFormat.XLSX: (".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ExportFormat.BUFFER: ("-buffer.csv", "text/csv; charset=utf-8"),
    ExportFormat.HOOTSUITE: ("-hootsuite.csv", "text/csv; charset=utf-8"),
}
#: Every kind of file that there is, without parameters.
MEDIA_TYPES = tuple(sorted({kind.partition(";")[0] for _, kind in _KINDS.values()}))
_FORMS = {ExportFormat.BUFFER: BUFFER, ExportFormat.HOOTSUITE: HOOTSUITE}


def export_campaign(
    scope: Scope, adapters: Adapters, campaign: Campaign, form: ExportFormat, *, account: str | None = None
) -> Export:
    """Return a campaign as a file. `account` is the slug of the one whose planned posts a scheduler's file is for.

    Changes nothing: what is exported for another scheduler still goes out from here, unless a person pauses it.

    Raises:
        InvalidInput: A scheduler's file is for one account, and none or none of the campaign's is named.
        Conflict: The campaign cannot be written as a pack.
    """
    ending, media_type = _KINDS[form]
    if form in _FORMS:
        chosen = account_for(scope, campaign, account)
        made = planned_file(scope, adapters, campaign, chosen, _FORMS[form])
        name = f"{campaign.slug}-{chosen.slug}{ending}"
        return Export(made.content, name, media_type, made.rows, made.left)
    if account is not None:
        raise InvalidInput(
            "Only the files for Buffer and Hootsuite are for one account.", hint="Leave the account out."
        )
    content, rows = _whole(scope, campaign, form)
    return Export(content, f"{campaign.slug}{ending}", media_type, rows)


def note_export(scope: Scope, campaign: Campaign, form: ExportFormat, made: Export) -> None:
    """Put on record that a campaign was exported; `scope` is one that writes."""
    after = {"format": form.value, "rows": made.rows, "not_exported": sum(not one.moved for one in made.left)}
    journal.note(scope.session, "exported", "campaign", campaign.id, after=after)


def _whole(scope: Scope, campaign: Campaign, form: ExportFormat) -> tuple[bytes, int]:
    if form in {ExportFormat.PACK, ExportFormat.JSON}:
        pack = present_pack(scope, campaign)
        return (pack_as_yaml(pack) if form is ExportFormat.PACK else pack_as_json(pack)), len(pack.posts)
    posts = sheet_posts(scope, posts_of(scope, campaign))
    rows = sheet_rows(posts, ZoneInfo(campaign.time_zone))
    content = csv_bytes(rows) if form is ExportFormat.CSV else _workbook(rows)
    return content, len(posts)


def sheet_posts(scope: Scope, posts: Sequence[Post]) -> list[SheetPost]:
    """Return posts as a sheet holds them."""
    variants = variants_of(scope.session, posts)
    return [
        SheetPost(
            key=post.key,
            week=post.week,
            text=post.text,
            language=post.language,
            section=post.section,
            resource=post.resource,
            variants={variant.platform: variant.text for variant in variants[post.id]},
            links=[(link["visible"], link.get("target")) for link in post.links],
            images=[(image["url"], image.get("alt") or "") for image in post.media],
            pins=[date.fromisoformat(pin) for pin in post.pins],
            tags=post.tags,
            platforms=post.platforms,
            accounts=post.accounts,
            left_out=post.left_out,
            at=post.at,
        )
        for post in posts
    ]


def _workbook(rows: Sequence[Sequence[str]]) -> bytes:
    # What writes workbooks is large and seldom needed: a running service does without it until then.
    from app.packs.writing.workbook import xlsx_bytes  # noqa: PLC0415 - as said above

    return xlsx_bytes(rows, title="Posts")
