"""Problems as OpenAPI shows them; `api/problems.py` writes them."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from app.api.problems import KINDS, MEDIA_TYPE
from app.api.schemas.base import Output


class FieldError(Output):
    """One field that cannot be used."""

    field: str = Field(description="Where it stands, such as `cadence.slots[0]`; empty for the whole body.")
    message: str = Field(description="What was expected there.")
    line: int | None = Field(None, description="For packs: the line in the document, from 1.")


class ProblemOut(Output):
    """RFC 9457 problem details."""

    type: str = Field(description="Address of a page about this kind of problem.", examples=["/problems/not_found"])
    title: str = Field(description="The kind of problem.", examples=["Not found"])
    status: int = Field(description="The HTTP status.", examples=[404])
    detail: str = Field(description="What happened.", examples=["There is no campaign 12."])
    code: str = Field(description="Stable code of the kind of problem.", examples=["not_found"])
    hint: str | None = Field(None, description="What to do next.")
    errors: list[FieldError] | None = Field(None, description="The fields that it is about.")
    error_id: str | None = Field(None, description="Id of an unexpected failure, to be told to the operator.")


_EXAMPLES = {
    400: ("json.malformed", "The body is no JSON: Expecting ',' delimiter at character 12."),
    403: ("not_allowed", "The campaign cannot go live on agency-page: nobody has confirmed the voice number."),
    404: ("not_found", "There is no campaign 12."),
    409: ("conflict", "It is paused already."),
    413: ("body.too_large", "The request's body is larger than 1,000,000 bytes."),
    415: ("body.not_json", "A write must be JSON."),
    422: ("validation.failed", "cadence.slots[0]: expected a time of day, such as 09:00"),
    503: ("storage.unavailable", "The database did not take the request."),
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return OpenAPI's responses for these statuses, each with an example."""
    return {status: _response(status) for status in sorted({*statuses})}


def _response(status: int) -> dict[str, Any]:
    code, detail = _EXAMPLES[status]
    example = {
        "type": f"/problems/{code}",
        "title": KINDS[code].title,
        "status": status,
        "detail": detail,
        "code": code,
    }
    schema = {"$ref": "#/components/schemas/ProblemOut"}
    return {"description": KINDS[code].title, "content": {MEDIA_TYPE: {"schema": schema, "example": example}}}
