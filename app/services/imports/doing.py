"""An import from its file to its end: prepared outside any unit of work, then compared and written within one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from app.errors import Conflict
from app.models import Campaign, ImportRun
from app.services.imports.committing import commit, refuse_open
from app.services.imports.previews import compare, read_file
from app.services.imports.runs import asked_of, new_run
from app.services.imports.targets import ground_of
from app.services.imports.values import Asked, Preview, Which
from app.services.scope import Scope

Progress = Callable[[int, int], None] | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A staged run's rows as they were read, and what they were read by."""

    preview: Preview
    options: dict[str, Any]
    fixes: Sequence[Any]
    campaign_version: int


def prepare(scope: Scope, run_id: int) -> Prepared:
    """Read a staged run's file again; this takes as long as the file is, and changes nothing.

    Raises:
        NotFound: There is no such run.
        Conflict: It is committed, undone or forgotten.
    """
    run = scope.get(ImportRun, run_id)
    campaign = scope.get(Campaign, run.campaign_id)
    preview = read_file(asked_of(run), ground_of(scope, campaign))
    return Prepared(preview, run.options, run.fixes, campaign.version)


def commit_run(scope: Scope, run_id: int, prepared: Prepared, which: Which) -> ImportRun:
    """Write a staged run into its campaign, all or nothing.

    Raises:
        NotFound: There is no such run.
        Conflict: It is committed already, or it or the campaign has changed since it was prepared.
        InvalidInput: A question is open, or a row cannot be imported; see `commit`.
    """
    # The campaign first, as whoever plans does: two commits queue up for it.
    campaign = scope.get(Campaign, scope.get(ImportRun, run_id).campaign_id, lock=True)
    run = scope.get(ImportRun, run_id, lock=True)
    asked_of(run)
    now = (run.options, run.fixes, campaign.version)
    if now != (prepared.options, prepared.fixes, prepared.campaign_version):
        raise Conflict(
            "The import or its campaign has changed at this moment; nothing was written.", hint="Look at it again."
        )
    compare(scope, campaign, prepared.preview)
    return commit(scope, campaign, run, prepared.preview, which)


def commit_file(
    scope: Scope, campaign: Campaign, asked: Asked, preview: Preview, which: Which, progress: Progress = None
) -> ImportRun:
    """Write a file that was read and never staged into a campaign (locked), all or nothing.

    Raises:
        InvalidInput: See `commit`.
    """
    compare(scope, campaign, preview)
    refuse_open(preview, which)
    run = new_run(scope, campaign, asked.file_name, asked.content, asked.options, asked.fixes)
    scope.session.add(run)
    scope.session.flush()
    return commit(scope, campaign, run, preview, which, progress=progress)
