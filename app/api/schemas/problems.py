"""Problems as OpenAPI shows them; `api/problems.py` writes them."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from app.api.problems import KINDS, MEDIA_TYPE
from app.api.schemas.base import Output
from app.api.schemas.pauses import WaitingOut
from app.api.schemas.unacknowledged import UnacknowledgedWarning


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
    hint: str | None = Field(None, description="What to do next.", examples=["List the campaigns."])
    errors: list[FieldError] | None = Field(None, description="The fields that it is about.")
    error_id: str | None = Field(None, description="Id of an unexpected failure, to be told to the operator.")
    waiting: list[WaitingOut] | None = Field(
        None, description="For pause.undecided: what waits for the pause, the first 200."
    )
    waiting_count: int | None = Field(None, description="For pause.undecided: how many there are.")
    warnings: list[UnacknowledgedWarning] | None = Field(
        None, description="For approval.unacknowledged: the warnings that were not acknowledged."
    )


_EXAMPLES = {
    400: ("json.malformed", "The body is no JSON: Expecting ',' delimiter at character 12.", "Correct it."),
    401: (
        "not_signed_in",
        "It is not known who asks: there is no session or token in force with this request.",
        "Sign in at /sign-in, or send Authorization: Bearer with an API token.",
    ),
    403: (
        "not_allowed",
        "The campaign cannot go live on agency-page: nobody has confirmed Voice line.",
        "Call, text or open each one, then confirm it for this campaign.",
    ),
    404: ("not_found", "There is no campaign 12.", "List the campaigns to see which there are."),
    409: ("conflict", "It is paused already.", "Resume it first to give another reason."),
    412: (
        "precondition.failed",
        "Somebody has changed it since the state that If-Match names.",
        "Read it again, and make the change on what is there now.",
    ),
    413: ("body.too_large", "The request's body is larger than 1,000,000 bytes.", "Send less at a time."),
    415: ("body.not_json", "A write must be JSON.", "Send Content-Type: application/json."),
    422: (
        "validation.failed",
        "cadence.min_gap_minutes: expected 1 or more",
        "Correct the fields named in errors.",
    ),
    429: ("too_many_tries", "That was tried too often.", "Wait for 30 seconds, then try again."),
    502: (
        "network.unreachable",
        "The e-mail was not sent. mail.example: the mail server did not answer in time.",
        "Ask the operator to look at the mail server.",
    ),
    503: (
        "storage.unavailable",
        "The connection to the database was lost.",
        "Check that the database runs, then try again.",
    ),
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return OpenAPI's responses for these statuses, each with an example."""
    return {status: _response(status) for status in sorted({*statuses})}


def _response(status: int) -> dict[str, Any]:
    code, detail, hint = _EXAMPLES[status]
    example = {
        "type": f"/problems/{code}",
        "title": KINDS[code].title,
        "status": status,
        "detail": detail,
        "code": code,
        "hint": hint,
    }
    schema = {"$ref": "#/components/schemas/ProblemOut"}
    return {"description": KINDS[code].title, "content": {MEDIA_TYPE: {"schema": schema, "example": example}}}
