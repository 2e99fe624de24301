"""Imports as they are kept: their file while somebody looks at it, a day at most; then what was committed."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import defer

from app.clock import Clock
from app.db import Database
from app.errors import Conflict, InvalidInput
from app.models import Campaign, ImportRow, ImportRun
from app.packs.sheets.formats import format_of
from app.services.chores import Chore
from app.services.imports.fixes import FIX_NAMES
from app.services.imports.mappings import mapping_by_name
from app.services.imports.previews import compare, judge, read_file
from app.services.imports.targets import Ground, ground_of, read_options
from app.services.imports.values import Action, Asked, Fix, Preview, RowView
from app.services.pages import Asked as AskedPage
from app.services.pages import Page, page_of, read_cursor, write_cursor
from app.services.scope import Scope

#: How long a file is kept while nobody commits it.
KEPT = timedelta(hours=24)
_MOST_FIXES = 50
_NAMES = ("format", "dates", "columns")

#: What was read and judged last, by run: pages of a preview are asked for one after the other.
_judged: dict[int, tuple[object, Preview]] = {}
_lock = threading.Lock()
_MOST_KEPT = 2


def stage(scope: Scope, campaign: Campaign, file_name: str, content: bytes, options: Mapping[str, Any]) -> ImportRun:
    """Keep a file to be looked at; nothing of the campaign changes.

    Raises:
        RefusedFile, InvalidPack, InvalidInput: It cannot be read at all; see `read_file`.
    """
    given = _options(scope, options)
    preview = read_file(Asked(file_name, content, given), ground_of(scope, campaign))
    run = new_run(scope, campaign, file_name, content, given)
    run.content, run.expires_at = content, scope.now + KEPT
    run.format, run.counts = preview.format, {"rows": len(preview.rows)}
    scope.session.add(run)
    scope.session.flush()
    return run


def new_run(
    scope: Scope, campaign: Campaign, file_name: str, content: bytes, options: Mapping[str, Any],
    fixes: Sequence[Fix] = (),
) -> ImportRun:  # fmt: skip
    """Return a run of a file for a campaign, not yet kept."""
    return ImportRun(
        organization_id=scope.organization_id,
        campaign_id=campaign.id,
        state="previewed",
        file_name=file_name[-300:],
        file_digest=hashlib.sha256(content).hexdigest(),
        format="",
        options=dict(options),
        fixes=[fix.as_json() for fix in fixes],
        counts={},
        created_by=scope.actor,
        created_at=scope.now,
    )


def runs_page(scope: Scope, asked: AskedPage, *, campaign_id: int | None = None) -> Page[ImportRun]:
    """Return a page of the organization's imports, newest first."""
    query = scope.query(ImportRun).options(defer(ImportRun.content))
    if campaign_id is not None:
        query = query.where(ImportRun.campaign_id == campaign_id)
    return page_of(scope.session, query, (ImportRun.id,), lambda row: (row.id,), asked, newest_first=True)


def rows_page(scope: Scope, run: ImportRun, asked: AskedPage, *, action: str | None = None) -> Page[ImportRow]:
    """Return a page of a committed import's rows."""
    query = scope.query(ImportRow).where(ImportRow.import_run_id == run.id)
    if action is not None:
        query = query.where(ImportRow.action == action)
    return page_of(scope.session, query, (ImportRow.row, ImportRow.id), lambda row: (row.row, row.id), asked)


def views_page(preview: Preview, asked: AskedPage, *, action: Action | None = None) -> Page[RowView]:
    """Return a page of a preview's rows."""
    after = 0 if asked.cursor is None else read_cursor(asked.cursor, [int])[0]
    assert isinstance(after, int)  # noqa: S101 - read as one
    rows = [view for view in preview.rows if view.row > after and action in {None, view.action}]
    shown = rows[: asked.limit]
    return Page(shown, write_cursor((shown[-1].row,)) if len(rows) > asked.limit else None)


def asked_of(run: ImportRun) -> Asked:
    """Return a staged run's file and all that was said of it.

    Raises:
        Conflict: It is committed, undone or forgotten: its file is not kept.
    """
    if run.state != "previewed" or run.content is None:
        raise Conflict(f"Import {run.id} is {run.state}.", hint="Import the file again to look at it.")
    return Asked(run.file_name, run.content, run.options, [Fix.from_json(fix) for fix in run.fixes])


def preview_of(scope: Scope, run: ImportRun) -> Preview:
    """Return a staged run as it would be imported into its campaign as it stands now.

    Raises:
        Conflict: See `asked_of`.
    """
    campaign = scope.get(Campaign, run.campaign_id)
    ground = ground_of(scope, campaign)
    preview = _read_and_judged(run, ground, campaign)
    compare(scope, campaign, preview)
    return preview


def _read_and_judged(run: ImportRun, ground: Ground, campaign: Campaign) -> Preview:
    asked = asked_of(run)
    accounts = tuple(sorted(ground.target.accounts or ()))
    key = (run.file_digest, repr(run.options), repr(run.fixes), campaign.version, campaign.updated_at,
           ground.platforms, accounts, ground.target.now.date())  # fmt: skip
    with _lock:
        known = _judged.get(run.id)
    if known is not None and known[0] == key:
        return known[1].fresh()
    preview = read_file(asked, ground)
    judge(preview, ground)
    with _lock:
        while len(_judged) >= _MOST_KEPT:
            _judged.pop(next(iter(_judged)))
        _judged[run.id] = (key, preview)
    return preview.fresh()


def change_options(scope: Scope, run: ImportRun, options: Mapping[str, Any]) -> ImportRun:
    """Answer questions of a staged run, or read it in another way; what is not given stays, None takes it back.

    Raises:
        Conflict: See `asked_of`.
        RefusedFile, InvalidPack, InvalidInput: It cannot be read so.
    """
    asked = asked_of(run)
    given = _options(scope, {**asked.options, **options})
    preview = read_file(Asked(asked.file_name, asked.content, given, asked.fixes),
                        ground_of(scope, scope.get(Campaign, run.campaign_id)))  # fmt: skip
    run.options = given
    run.format, run.counts = preview.format, {"rows": len(preview.rows)}
    scope.session.flush()
    return run


def add_fix(scope: Scope, run: ImportRun, fix: Fix) -> ImportRun:
    """Change chosen rows of a staged run in bulk.

    Raises:
        Conflict: See `asked_of`.
        InvalidInput: The fix cannot be made; see `apply_fixes`.
    """
    asked = asked_of(run)
    if len(asked.fixes) >= _MOST_FIXES:
        raise InvalidInput(f"An import takes {_MOST_FIXES} bulk changes.", hint="Correct the rest in the file.")
    fixes = [*asked.fixes, fix]
    read_file(Asked(asked.file_name, asked.content, asked.options, fixes),
              ground_of(scope, scope.get(Campaign, run.campaign_id)))  # fmt: skip
    run.fixes = [one.as_json() for one in fixes]
    scope.session.flush()
    return run


def discard(scope: Scope, run: ImportRun) -> None:
    """Forget a staged run.

    Raises:
        Conflict: It is committed or undone: that stays on record.
    """
    asked_of(run)
    scope.session.delete(run)
    scope.session.flush()


def _options(scope: Scope, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options as they are kept; a mapping's name stands for its columns.

    Raises:
        NotFound: There is no mapping of that name.
        InvalidInput: There is no such format or order of dates.
    """
    given = {name: options[name] for name in _NAMES if options.get(name) is not None}
    if (name := options.get("mapping")) is not None:
        given["columns"] = dict(mapping_by_name(scope, name).columns)
    if "format" in given and given["format"] != "pack":
        format_of(given["format"])
    read_options(given)
    return given


def forgetting(database: Database, clock: Clock) -> Chore:
    """Return the chore that forgets files that nobody committed within a day."""

    def run() -> None:
        with database.write() as session:
            session.execute(
                delete(ImportRun).where(ImportRun.state == "previewed", ImportRun.expires_at <= clock.now())
            )

    return Chore("forget_imports", timedelta(minutes=10), run)


__all__ = ["FIX_NAMES", "KEPT", "add_fix", "asked_of", "change_options", "discard", "forgetting", "new_run",
           "preview_of", "rows_page", "runs_page", "stage"]  # fmt: skip
