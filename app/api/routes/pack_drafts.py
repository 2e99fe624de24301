"""Drafts of packs, read from a toolkit."""

from __future__ import annotations

import base64
import binascii

from fastapi import APIRouter

from app.api.desk import ViewDesk
from app.api.schemas.pack_drafts import PackDraftIn, PackDraftOut, draft_out
from app.api.schemas.problems import problems
from app.errors import InvalidInput
from app.services.pack_drafts import draft_pack

router = APIRouter(prefix="/pack-drafts", tags=["campaigns"])


@router.post("", responses=problems(413, 415))
def draft_a_pack(desk: ViewDesk, body: PackDraftIn) -> PackDraftOut:  # noqa: ARG001 - the desk says who may ask
    """Read a toolkit (text, DOCX or PDF) into a draft of a pack, each item with where it stands. Nothing is kept."""
    try:
        content = base64.b64decode(body.content, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInput("The content is no base64.", hint="Encode the file's bytes as base64.") from None
    return draft_out(draft_pack(content, body.file_name))
