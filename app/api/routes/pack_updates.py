"""A new version of a pack over the one that a campaign was made from."""

from __future__ import annotations

import json

from fastapi import APIRouter

from app.api.desk import ViewDesk, WriteDesk
from app.api.paging import RowIdPath
from app.api.schemas.pack_updates import (
    PackUpdateCommitIn,
    PackUpdatedOut,
    PackUpdateIn,
    PackUpdateOut,
    update_out,
    updated_out,
)
from app.api.schemas.problems import problems
from app.models import Campaign
from app.packs.bundled import DEFAULT_PACK, bundled_pack
from app.packs.reading import parse_pack
from app.packs.schema import Pack
from app.services.pack_updates import commit_update, preview_update

router = APIRouter(prefix="/campaigns/{campaign_id}/pack-update", tags=["campaigns"])


@router.post("/preview", responses=problems(404, 409, 413, 415))
def preview_a_pack_update(desk: ViewDesk, campaign_id: RowIdPath, body: PackUpdateIn) -> PackUpdateOut:
    """Compare a new version of the pack with the campaign, post by post and field by field. Nothing is written."""
    pack = _pack(body)
    with desk.read() as scope:
        return update_out(preview_update(scope, scope.get(Campaign, campaign_id), pack))


@router.post("/commit", responses=problems(404, 409, 413, 415))
def commit_a_pack_update(desk: WriteDesk, campaign_id: RowIdPath, body: PackUpdateCommitIn) -> PackUpdatedOut:
    """Make the previewed update true, all or nothing. The agency's own edits are kept; each conflict needs a choice.

    Contact facts whose value changed must be confirmed again. Preview a plan afterwards: posts may have come or gone.
    """
    pack = _pack(body)
    with desk.write() as scope:
        campaign = scope.get(Campaign, campaign_id, lock=True)
        return updated_out(commit_update(scope, campaign, pack, body.digest, body.choices, rest=body.rest))


def _pack(body: PackUpdateIn) -> Pack:
    document = body.pack_document
    if document is None:
        return bundled_pack(body.pack or DEFAULT_PACK)
    text = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
    return parse_pack(text, "pack_document")
