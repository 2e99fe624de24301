"""Imports: a file is looked at, changed in bulk, committed, and undone while nothing of it was sent."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.api.desk import Desk, ViewDesk, WriteDesk
from app.api.paging import AskedDep, RowIdPath
from app.api.schemas.base import PageOut
from app.api.schemas.imports import (
    ActionName,
    CommitIn,
    FixIn,
    ImportChange,
    ImportIn,
    ImportOut,
    ImportRowOut,
    PreviewOut,
    import_out,
    preview_out,
    row_out,
    view_out,
)
from app.api.schemas.problems import problems
from app.errors import InvalidInput
from app.models import Campaign, ImportRun
from app.services.imports.doing import commit_run, prepare
from app.services.imports.runs import (
    add_fix,
    change_options,
    discard,
    preview_of,
    rows_page,
    runs_page,
    stage,
    views_page,
)
from app.services.imports.undoing import undo
from app.services.imports.values import Action, Fix, Which
from app.services.scope import Scope

router = APIRouter(prefix="/imports", tags=["imports"])


@router.post("", status_code=201, responses=problems(404, 409, 413, 415))
def create_an_import(desk: WriteDesk, body: ImportIn, response: Response) -> ImportOut:
    """Stage a file. Nothing is written into the campaign; the file is kept for a day, or until it is committed."""
    try:
        content = base64.b64decode(body.content, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInput("The content is no base64.", hint="Encode the file's bytes as base64.") from None
    options = body.model_dump(include={"format", "dates", "columns", "mapping"}, exclude_none=True)
    with desk.write() as scope:
        campaign = scope.get(Campaign, body.campaign_id)
        answer = import_out(stage(scope, campaign, body.file_name, content, options), campaign.time_zone)
    response.headers["Location"] = f"/api/v1/imports/{answer.id}"
    return answer


@router.get("", responses=problems(404))
def list_imports(
    desk: ViewDesk,
    asked: AskedDep,
    campaign_id: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="Only those of this campaign.")] = None,
) -> PageOut[ImportOut]:
    """List imports, newest first."""
    with desk.read() as scope:
        page = runs_page(scope, asked, campaign_id=campaign_id)
        items = [import_out(run, _zone(scope, run)) for run in page.items]
        return PageOut(items=items, next_cursor=page.next_cursor)


@router.get("/{import_id}", responses=problems(404))
def read_an_import(desk: ViewDesk, import_id: RowIdPath) -> PreviewOut:
    """Read an import: while it is staged, what must be asked and how many rows would do what."""
    with desk.read() as scope:
        run = scope.get(ImportRun, import_id)
        preview = preview_of(scope, run) if run.state == "previewed" else None
        return preview_out(run, _zone(scope, run), preview)


@router.get("/{import_id}/rows", responses=problems(404))
def list_rows_of_an_import(
    desk: ViewDesk,
    import_id: RowIdPath,
    asked: AskedDep,
    action: Annotated[ActionName | None, Query(description="Only rows that would be, or were, so.")] = None,
) -> PageOut[ImportRowOut]:
    """List the rows of an import: each one's errors, what the rules say of it, and what it would do or did."""
    with desk.read() as scope:
        run = scope.get(ImportRun, import_id)
        if run.state != "previewed":
            page = rows_page(scope, run, asked, action=action)
            return PageOut(items=[row_out(row) for row in page.items], next_cursor=page.next_cursor)
        zone = _zone(scope, run)
        views = views_page(preview_of(scope, run), asked, action=None if action is None else Action(action))
        return PageOut(items=[view_out(view, zone) for view in views.items], next_cursor=views.next_cursor)


@router.patch("/{import_id}", responses=problems(404, 409, 413, 415))
def change_an_import(desk: WriteDesk, import_id: RowIdPath, body: ImportChange) -> PreviewOut:
    """Answer a staged import's questions, or have it read in another way."""
    given = {name: getattr(body, name) for name in body.model_fields_set}
    with desk.write() as scope:
        change_options(scope, scope.get(ImportRun, import_id, lock=True), given)
    return _previewed(desk, import_id)


@router.post("/{import_id}/fixes", responses=problems(404, 409, 413, 415))
def fix_rows_of_an_import(desk: WriteDesk, import_id: RowIdPath, body: FixIn) -> PreviewOut:
    """Change chosen rows of a staged import in bulk; the file stays as it is."""
    fix = Fix(body.fix, None if body.rows is None else frozenset(body.rows), body.value)
    with desk.write() as scope:
        add_fix(scope, scope.get(ImportRun, import_id, lock=True), fix)
    return _previewed(desk, import_id)


@router.post("/{import_id}/commit", responses=problems(404, 409, 413, 415))
def commit_an_import(desk: WriteDesk, import_id: RowIdPath, body: CommitIn) -> ImportOut:
    """Write a staged import into its campaign, all or nothing. Its posts are drafts."""
    with desk.read() as scope:
        prepared = prepare(scope, import_id)
    with desk.write() as scope:
        run = commit_run(scope, import_id, prepared, Which(body.rows))
        return import_out(run, _zone(scope, run))


@router.post("/{import_id}/undo", responses=problems(404, 409))
def undo_an_import(desk: WriteDesk, import_id: RowIdPath) -> ImportOut:
    """Undo an import while nothing of it was sent: what it added goes, what it changed is put back."""
    with desk.write() as scope:
        run = undo(scope, import_id)
        return import_out(run, _zone(scope, run))


@router.delete("/{import_id}", status_code=204, responses=problems(404, 409))
def discard_an_import(desk: WriteDesk, import_id: RowIdPath) -> None:
    """Forget a staged import. One that was committed stays on record."""
    with desk.write() as scope:
        discard(scope, scope.get(ImportRun, import_id, lock=True))


def _previewed(desk: Desk, import_id: int) -> PreviewOut:
    with desk.read() as scope:
        run = scope.get(ImportRun, import_id)
        return preview_out(run, _zone(scope, run), preview_of(scope, run))


def _zone(scope: Scope, run: ImportRun) -> str:
    return scope.get(Campaign, run.campaign_id).time_zone
