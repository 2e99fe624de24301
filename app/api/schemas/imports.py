"""Imports as requests and answers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from app.api.schemas.base import (
    FindingOut,
    Id,
    Input,
    Line200,
    Moment,
    Output,
    Whole,
    finding_out,
    moment,
    moment_or_none,
)
from app.models import ImportRow, ImportRun
from app.packs.sheets.values import Question
from app.services.imports.values import Preview, RowView

#: Base64 of a file of 20 MB.
_LONGEST = 26_700_000
FormatName = Literal["focusweek", "buffer", "hootsuite", "sprout", "ayrshare", "spreadsheet", "pack"]
FixName = Literal["keep_first_two_hashtags", "apply_suggestion", "set_alt_text", "reschedule"]
ActionName = Literal["added", "changed", "unchanged", "refused"]
_Heading = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
_Field = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Columns = Annotated[dict[_Heading, _Field], Field(min_length=1, max_length=200)]


class _Answers(Input):
    format: FormatName | None = Field(None, description="What wrote the file; null detects it.")
    dates: Literal["day-first", "month-first"] | None = Field(None, description="What 01/02 means in it.")
    columns: Columns | None = Field(None, description="Fields by heading, for a spreadsheet of your own.")
    mapping: Line200 | None = Field(None, description="The name of a saved mapping, instead of columns.")


class ImportIn(_Answers):
    """A file to look at."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "campaign_id": 1,
                    "file_name": "january.csv",
                    "content": "VGV4dCxJbWFnZSBVUkwsVGFncyxQb3N0aW5nIFRpbWUKSGVsbG8sLCwyMDI3LTAxLTExIDA5OjAwCg==",
                }
            ]
        }
    )

    campaign_id: Id = Field(description="The campaign that it is for.")
    file_name: Line200 = Field(description="The file's name.")
    content: str = Field(max_length=_LONGEST, description="The file itself as base64; 20 MB at most.")


class ImportChange(_Answers):
    """How a staged file is to be read; what is left out stays, null goes back to what is detected."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"dates": "month-first"}]})


class FixIn(Input):
    """A bulk change of chosen rows."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"fix": "keep_first_two_hashtags", "rows": [2, 3]},
                {"fix": "reschedule", "rows": [4], "value": "+2d"},
            ]
        }
    )

    fix: FixName = Field(description="What to do.")
    rows: list[Annotated[Whole, Field(ge=1, le=1_048_576)]] | None = Field(
        None, max_length=100_000, description="Rows as the spreadsheet counts them; null for all that it fits."
    )
    value: Annotated[str, StringConstraints(max_length=2000)] | None = Field(
        None,
        description="set_alt_text: the words. apply_suggestion: the rule's code. reschedule: a time in the campaign's "
        "zone (2027-01-11 14:30), one with its offset, or how far to move (+2d, -30m).",
    )


class CommitIn(Input):
    """Which rows are written."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"rows": "good"}]})

    rows: Literal["all", "good"] = Field(description="all: none where one cannot be. good: those without errors.")


class QuestionOut(Output):
    """What must be answered before anything is written."""

    code: str = Field(examples=["dates"])
    message: str
    option: str = Field(description="The field of the import that answers it.")
    choices: list[str] = Field(description="What can be answered; empty where there is too much to list.")
    suggestion: dict[str, str] | None = Field(description="For columns: what they seem to be.")


class ImportOut(Output):
    """An import."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": 3,
                    "campaign_id": 1,
                    "state": "previewed",
                    "file_name": "january.csv",
                    "file_digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                    "format": "buffer",
                    "options": {"dates": "month-first"},
                    "fixes": [],
                    "counts": {"rows": 12},
                    "created_by": "token",
                    "created": {"utc": "2026-12-01T12:00:00Z", "local": "2026-12-01T07:00:00-05:00"},
                    "expires": {"utc": "2026-12-02T12:00:00Z", "local": "2026-12-02T07:00:00-05:00"},
                    "committed_by": None,
                    "committed": None,
                    "undone_by": None,
                    "undone": None,
                }
            ]
        }
    )

    id: Id
    campaign_id: Id
    state: str = Field(description="previewed, committed or undone.")
    file_name: str
    file_digest: str = Field(description="SHA-256 of the file, in hexadecimal.")
    format: str
    options: dict[str, Any] = Field(description="How it is read: format, dates, columns.")
    fixes: list[dict[str, Any]] = Field(description="Bulk changes of chosen rows, in order.")
    counts: dict[str, int] = Field(description="Rows; once committed, rows by what became of them.")
    created_by: str
    created: Moment
    expires: Moment | None = Field(description="When it is forgotten, if nobody commits it.")
    committed_by: str | None
    committed: Moment | None
    undone_by: str | None
    undone: Moment | None


class PreviewOut(ImportOut):
    """A staged import as it would be committed now; of one that is committed, what there was to say."""

    # Its fields are more than the example of an import has.
    model_config = ConfigDict(json_schema_extra={"examples": []})

    questions: list[QuestionOut]
    unused_columns: list[str] = Field(description="Columns (of a pack, its other parts) that are not used.")
    encoding: str | None
    platforms: list[str] = Field(description="The networks that its texts are judged for.")


class RowErrorOut(Output):
    """Why a row cannot be imported."""

    column: str | None = Field(description="The column's heading; null for the whole row.")
    code: str = Field(examples=["at.nonexistent"])
    message: str


class RowFindingOut(FindingOut):
    """What a rule says of a row's text."""

    platforms: list[str] | None = Field(description="The networks that it is about; null for all.")
    variant: str | None = Field(description="The network whose own text it is of; null for the text.")
    settled: str | None = Field(description="What Focusweek does about it by itself.")


class RowLengthOut(Output):
    """How long a text is on a network, the mention added."""

    platform: str
    length: int = Field(description="In the network's own count.")
    limit: int
    fits: bool
    thread: bool = Field(description="Whether it goes out as a thread instead.")


class ImportRowOut(Output):
    """A row: what is wrong in it, what the rules say, and what would be or was done."""

    row: int = Field(description="As the spreadsheet counts it.")
    line: int | None = Field(description="The line of a CSV file on which it begins.")
    action: str = Field(description="added, changed, unchanged or refused.")
    key: str | None = Field(description="The post's key.")
    post_id: Id | None
    text: str | None = Field(description="The text as it would be imported.")
    at: Moment | None = Field(description="The moment that it is to go out.")
    fields: list[str] = Field(description="What changes of a post that is there.")
    errors: list[RowErrorOut]
    findings: list[RowFindingOut]
    lengths: list[RowLengthOut]


def import_out(run: ImportRun, zone: str) -> ImportOut:
    """Return an import as an answer."""
    return ImportOut(**_fields(run, zone))


def preview_out(run: ImportRun, zone: str, preview: Preview | None) -> PreviewOut:
    """Return an import with what is to be said before it is committed."""
    if preview is None:
        return PreviewOut(**_fields(run, zone), questions=[], unused_columns=[], encoding=None, platforms=[])
    return PreviewOut(
        **_fields(run, zone) | {"counts": preview.counts},
        questions=[_question(question) for question in preview.questions],
        unused_columns=list(preview.unused_columns),
        encoding=preview.encoding,
        platforms=list(preview.platforms),
    )


def _fields(run: ImportRun, zone: str) -> dict[str, Any]:
    return {
        "id": run.id,
        "campaign_id": run.campaign_id,
        "state": run.state,
        "file_name": run.file_name,
        "file_digest": run.file_digest,
        "format": run.format,
        "options": run.options,
        "fixes": run.fixes,
        "counts": run.counts,
        "created_by": run.created_by,
        "created": moment(run.created_at, zone),
        "expires": moment_or_none(run.expires_at, zone),
        "committed_by": run.committed_by,
        "committed": moment_or_none(run.committed_at, zone),
        "undone_by": run.undone_by,
        "undone": moment_or_none(run.undone_at, zone),
    }


def _question(question: Question) -> QuestionOut:
    return QuestionOut(
        code=question.code,
        message=question.message,
        option=question.option,
        choices=list(question.choices),
        suggestion=None if question.suggestion is None else dict(question.suggestion),
    )


def view_out(view: RowView, zone: str) -> ImportRowOut:
    """Return a row of a preview as an answer."""
    return ImportRowOut(
        row=view.row,
        line=view.draft.line,
        action=view.action.value,
        key=view.key,
        post_id=view.post_id,
        text=view.draft.values.get("text"),
        at=moment_or_none(view.draft.values.get("at"), zone),
        fields=list(view.fields),
        errors=[RowErrorOut(column=error.column, code=error.code, message=error.message) for error in view.errors],
        findings=[
            RowFindingOut(
                **finding_out(one.finding).model_dump(),
                platforms=None if one.platforms is None else list(one.platforms),
                variant=one.variant,
                settled=one.settled,
            )
            for one in view.judged.findings
        ],
        lengths=[
            RowLengthOut(platform=one.platform, length=one.length, limit=one.limit, fits=one.fits, thread=one.thread)
            for one in view.judged.lengths
        ],
    )


def row_out(row: ImportRow) -> ImportRowOut:
    """Return a row of a committed import as an answer; its text is the post's now."""
    return ImportRowOut(
        row=row.row,
        line=None,
        action=row.action,
        key=None,
        post_id=row.post_id,
        text=None,
        at=None,
        fields=sorted(set(row.before or {}) - {"source_digest"}),
        errors=[RowErrorOut(**error) for error in row.errors],
        findings=[],
        lengths=[],
    )
