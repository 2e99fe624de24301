"""Drafts of packs as requests and answers."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from app.api.schemas.base import Input, Line200, Output
from app.services.pack_drafts import PackDraft

#: Base64 of a file of 20 MB.
_LONGEST = 26_700_000


class PackDraftIn(Input):
    """A toolkit as its issuer publishes it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "file_name": "toolkit.txt",
                    "content": "U2FtcGxlIFNvY2lhbCBNZWRpYSBQb3N0cwoKLSBXYXNoIHlvdXIgaGFuZHMuICNDbGVhbkhhbmRzCg==",
                }
            ]
        }
    )

    file_name: Line200 = Field(description="The file's name.")
    content: str = Field(
        max_length=_LONGEST, description="The file itself as base64: text, DOCX or PDF; 20 MB at most."
    )


class DraftItemOut(Output):
    """One thing that was found, for a person to compare with the toolkit."""

    item: str = Field(description="Its place in the draft.", examples=["posts[3]"])
    line: int = Field(description="The line of its `confirmed: false` in the draft.")
    drawn_from: str | None = Field(description="Where in the toolkit it stands.", examples=["page 12, line 8"])
    says: str


class PackDraftOut(Output):
    """A draft: refused wherever a pack is used until every item of it is confirmed."""

    text: str = Field(description="The draft as YAML. Correct it, write `confirmed: true`, and make a campaign of it.")
    items: list[DraftItemOut]
    missing: list[str] = Field(description="What the toolkit does not say and a person must add.")


def draft_out(draft: PackDraft) -> PackDraftOut:
    """Return a draft as an answer."""
    items = [
        DraftItemOut(item=one.item, line=one.line, drawn_from=one.drawn_from, says=one.says) for one in draft.items
    ]
    return PackDraftOut(text=draft.text, items=items, missing=list(draft.missing))
