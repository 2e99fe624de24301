"""Exports: a campaign as a file, and what such a file cannot hold."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from app.api.desk import ViewDesk
from app.api.paging import RowIdPath
from app.api.schemas.exports import ExportReportOut, report_out
from app.api.schemas.problems import problems
from app.models import Campaign
from app.services.exports import MEDIA_TYPES, ExportFormat, export_campaign, note_export

router = APIRouter(prefix="/campaigns/{campaign_id}/export", tags=["campaigns"])

_Format = Annotated[
    ExportFormat,
    Query(description="pack (YAML), json, csv or xlsx for all posts; buffer or hootsuite for what is planned."),
]
_Account = Annotated[
    str | None,
    Query(max_length=64, description="For buffer and hootsuite: the account's slug; needed where there are several."),
]
_PACKS = ("application/json", "application/yaml")
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file; its headers say how many posts are in it, and how many are not.",
        # A pack's file is data of its own; `focusweek pack schema` writes what stands in it.
        "content": {
            kind: {"schema": {"type": "object"} if kind in _PACKS else {"type": "string", "format": "binary"}}
            for kind in MEDIA_TYPES
        },
        "headers": {
            "Content-Disposition": {"schema": {"type": "string"}, "description": "The file's name."},
            "Focusweek-Rows": {"schema": {"type": "integer"}, "description": "Posts in the file."},
            "Focusweek-Not-Exported": {"schema": {"type": "integer"}, "description": "Posts that are not in it."},
        },
    }
}


# FastAPI would document JSON beside the file for a response class of another kind.
class _File(Response):
    media_type = None


@router.get("", response_class=_File, responses=_FILE | problems(404, 409))
def export_a_campaign(desk: ViewDesk, campaign_id: RowIdPath, format: _Format, account: _Account = None) -> Response:  # noqa: A002 - the parameter's name in the address
    """Download a campaign as a file. `/export/report` lists what the file cannot hold.

    What is exported for another scheduler still goes out from here: pause the account once you have the file.
    """
    # The export goes on record, so the unit of work is one that writes.
    with desk.write() as scope:
        campaign = scope.get(Campaign, campaign_id)
        made = export_campaign(scope, desk.platforms, campaign, format, account=account)
        note_export(scope, campaign, format, made)
    headers = {
        "Content-Disposition": f'attachment; filename="{made.file_name}"',
        "Focusweek-Rows": str(made.rows),
        "Focusweek-Not-Exported": str(sum(not one.moved for one in made.left)),
        "X-Content-Type-Options": "nosniff",
    }
    return Response(made.content, media_type=made.media_type, headers=headers)


@router.get("/report", responses=problems(404, 409))
def read_an_export_report(
    desk: ViewDesk,
    campaign_id: RowIdPath,
    format: _Format,  # noqa: A002 - the parameter's name in the address
    account: _Account = None,
) -> ExportReportOut:
    """Say what an export's file would hold, and list all that it could not, with the reason."""
    with desk.read() as scope:
        campaign = scope.get(Campaign, campaign_id)
        made = export_campaign(scope, desk.platforms, campaign, format, account=account)
        return report_out(made, campaign.time_zone)
