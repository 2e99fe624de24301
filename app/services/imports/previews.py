"""A file as it would be imported: every row's verdict, before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from app.models import Campaign
from app.packs.sheets.reading import read_posts
from app.services.imports.fixes import apply_fixes
from app.services.imports.judging import Judge
from app.services.imports.matching import match_rows
from app.services.imports.targets import Ground, read_options
from app.services.imports.values import Action, Asked, Preview, RowView
from app.services.scope import Scope

#: Told how many rows are judged, and of how many.
Progress = Callable[[int, int], None]


def read_file(asked: Asked, ground: Ground) -> Preview:
    """Return a file's rows with a person's fixes, not yet judged and not yet compared with the campaign.

    Raises:
        RefusedFile, InvalidPack, InvalidInput: See `read_posts`, `read_options` and `apply_fixes`.
    """
    reading = read_posts(asked.content, asked.file_name, read_options(asked.options), ground.target)
    apply_fixes(reading.rows, asked.fixes, ground)
    views = [RowView(draft, action=Action.REFUSED if draft.errors else Action.ADDED, key=draft.key)
             for draft in reading.rows]  # fmt: skip
    return Preview(reading.format, views, reading.questions, reading.unused_columns, reading.encoding, ground.platforms)


def judge(preview: Preview, ground: Ground, progress: Progress | None = None) -> None:
    """Put the rules' verdicts to a preview's rows; a text that comes again is judged once."""
    judging = Judge(ground.voice, ground.platforms, ground.target)
    for done, view in enumerate(preview.rows, 1):
        view.judged = judging.judge(view.draft)
        if progress is not None and (done % 100 == 0 or done == len(preview.rows)):
            progress(done, len(preview.rows))


def compare(scope: Scope, campaign: Campaign, preview: Preview) -> None:
    """Say of every row what would be done in the campaign as it stands."""
    match_rows(scope, campaign, preview.rows, preview.format)


def chosen(rows: Iterable[RowView]) -> list[RowView]:
    """Return the rows that would change something."""
    return [view for view in rows if view.action in {Action.ADDED, Action.CHANGED}]
