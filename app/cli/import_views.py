"""How an import looks: as one JSON document, or as a table for a person, with a bar while it is checked and written."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any, Self

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from app.models import ImportRun
from app.policy.finding import Level
from app.services.imports.values import Action, Preview, RowView

_MOST_SHOWN = 200
_EXCERPT = 60


class Bar:
    """A progress bar on a terminal, nothing elsewhere. Call it with how many are done, and of how many."""

    def __init__(self, words: str) -> None:
        self._words = words
        self._bar: Progress | None = None
        self._task: Any = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._bar.start()
            self._task = self._bar.add_task(self._words, total=None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, done: int, total: int) -> None:
        """Show how far it is."""
        if self._bar is not None:
            self._bar.update(self._task, completed=done, total=total)


def preview_json(preview: Preview, campaign: str | None, run: ImportRun | None) -> dict[str, Any]:
    """Return a preview, and what was committed of it, as one JSON document."""
    rows = preview.rows
    return {
        "format": preview.format,
        "encoding": preview.encoding,
        "campaign": campaign,
        "rows": len(rows),
        "counts": preview.counts,
        "errors": [
            {"row": error.row, "column": error.column, "code": error.code, "message": error.message}
            for view in rows
            for error in view.errors
        ],
        "findings": [found.as_json(view.row) for view in rows for found in view.judged.findings],
        "questions": [
            {
                "code": question.code,
                "message": question.message,
                "option": {"dates": "--dates", "columns": "--map"}[question.option],
                "choices": list(question.choices),
                "suggestion": None if question.suggestion is None else dict(question.suggestion),
            }
            for question in preview.questions
        ],
        "unused_columns": list(preview.unused_columns),
        "changes": [
            {"row": view.row, "action": view.action.value, "key": view.key, "fields": list(view.fields)}
            for view in rows
            if view.action in {Action.ADDED, Action.CHANGED}
        ],
        "committed": None if run is None else {"run": run.id, **run.counts},
    }


def show_preview(preview: Preview, campaign: str | None, run: ImportRun | None) -> None:
    """Print a preview for a person: what is wrong or found, row by row, then what would be done."""
    telling = [view for view in preview.rows if view.errors or view.action is Action.CHANGED or _weighty(view)]
    if telling:
        table = Table("row", "what", "post", "says", box=None, pad_edge=False, header_style="bold")
        for view in telling[:_MOST_SHOWN]:
            table.add_row(str(view.row), view.action.value, Text(_excerpt(view)), Text("\n".join(_says(view))))
        Console(soft_wrap=False, highlight=False).print(table)
        if len(telling) > _MOST_SHOWN:
            typer.echo(f"... and {len(telling) - _MOST_SHOWN} more rows; --json shows all.")
        typer.echo("")
    for question in preview.questions:
        typer.echo(f"Question: {question.message}")
        if question.suggestion:
            said = " ".join(f'--map "{heading}={field}"' for heading, field in question.suggestion.items())
            typer.echo(f"  Answer with: {said}")
        elif question.option == "dates":
            typer.echo(f"  Answer with: --dates {' or --dates '.join(question.choices)}")
    if preview.unused_columns:
        typer.echo(f"Not used: {', '.join(preview.unused_columns)}")
    counts = ", ".join(f"{preview.counts[action.value]} {action.value}" for action in Action)
    into = f" into {campaign}" if campaign is not None else " (no campaign yet; the bundled pack's rules)"
    read_as = preview.format + (f", {preview.encoding}" if preview.encoding else "")
    typer.echo(f"{len(preview.rows)} rows ({read_as}){into}: {counts}.")
    if run is not None:
        typer.echo(f"Written as import {run.id}. Undo it with: focusweek import --undo {run.id}")
    else:
        typer.echo("Nothing was written.")


def _weighty(view: RowView) -> bool:
    return any(one.settled is None and one.finding.level is not Level.NOTE for one in view.judged.findings)


def _excerpt(view: RowView) -> str:
    text = " ".join(str(view.draft.values.get("text") or "").split())
    start = text if len(text) <= _EXCERPT else f"{text[: _EXCERPT - 1]}…"
    return f"{view.key}: {start}" if view.draft.key else start


def _says(view: RowView) -> list[str]:
    said = [f"{error.code}: {f'{error.column}: ' if error.column else ''}{error.message}" for error in view.errors]
    if view.action is Action.CHANGED:
        said.append(f"changes {', '.join(view.fields)}")
    said += [
        f"{one.finding.level}: {one.finding.code}: {one.finding.message}"
        for one in view.judged.findings
        if one.settled is None and one.finding.level is not Level.NOTE
    ]
    return said
