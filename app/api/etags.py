"""`ETag`, `If-Match`, `If-None-Match` (RFC 9110): nobody overwrites what they have not seen, or reads it twice.

A tag is `"<version>-<digest>"`: the version of what can be edited (or a digest of it, where the row has no version),
and a digest of the whole answer, which also tells what changes by itself (counts, states). `If-None-Match` looks at all
of it. `If-Match` looks at the version: a delivery that has gone out meanwhile is no edit that could be lost. A weak tag
never fits `If-Match`.
"""

from __future__ import annotations

import hashlib
import re
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from pydantic import BaseModel
from starlette.responses import Response

from app.errors import PreconditionFailed

_TAG = re.compile(r'\s*(W/)?"([\x21\x23-\x7e\x80-\xff]*)"\s*(?:,|$)')
_LONGEST = 2000

_IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=_LONGEST,
        description="Only change it if it still stands as this `ETag` says; `*` if it is there at all.",
        examples=['"7-5f2b0c8d9e1a4b36"'],
    ),
]
_IfNoneMatch = Annotated[
    str | None,
    Header(
        alias="If-None-Match",
        max_length=_LONGEST,
        description="Only answer with it if it differs from what this `ETag` stands for.",
        examples=['"7-5f2b0c8d9e1a4b36"'],
    ),
]


class NotModified(Exception):
    """What was asked for is what the client has already."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        super().__init__()


class Edit:
    """What an edit says of the state that it was made on."""

    def __init__(self, request: Request, if_match: _IfMatch = None) -> None:
        # A header may come in several lines, which count as one.
        self._given = ", ".join(request.headers.getlist("if-match")) if if_match is not None else None

    def require(self, version: int | str) -> None:
        """Refuse an edit that was made on another version of what is there; call it once the row is locked.

        Raises:
            PreconditionFailed: It was.
        """
        if self._given is None or self._given.strip() == "*":
            return
        if not any(not weak and tag.partition("-")[0] == str(version) for weak, tag in _tags(self._given)):
            raise PreconditionFailed(
                "Somebody has changed it since the state that If-Match names.",
                hint="Read it again, and make the change on what is there now.",
            )


class Look:
    """What a client that reads something has of it already."""

    def __init__(self, request: Request, if_none_match: _IfNoneMatch = None) -> None:
        self._given = ", ".join(request.headers.getlist("if-none-match")) if if_none_match is not None else None

    def refuse_known(self, response: Response) -> None:
        """Answer with nothing but the tag where the client has what `response` is tagged as.

        Raises:
            NotModified: It has.
        """
        tag = response.headers["ETag"]
        given = self._given
        if given is not None and (given.strip() == "*" or any(f'"{known}"' == tag for _, known in _tags(given))):
            raise NotModified(tag)


EditDep = Annotated[Edit, Depends()]
LookDep = Annotated[Look, Depends()]


def tag(response: Response, answer: BaseModel, version: int | str) -> None:
    """Give an answer about something at a version its tag."""
    response.headers["ETag"] = f'"{version}-{_digest(answer)}"'


def edition(answer: BaseModel, *fields: str) -> str:
    """Return what stands for the version of something whose row has none: a digest of the fields that can be edited."""
    return _digest(answer, *fields)


def _digest(answer: BaseModel, *fields: str) -> str:
    said = answer.model_dump_json(include=set(fields) or None)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:16]


async def not_modified(_request: Request, error: Exception) -> Response:
    """Answer that nothing has changed; for the application's table of handlers."""
    assert isinstance(error, NotModified)  # noqa: S101 - registered for this class only
    return Response(status_code=304, headers={"ETag": error.tag})


def tagged(status: int = 200) -> dict[int | str, dict[str, Any]]:
    """Return OpenAPI's response for an answer with a tag."""
    schema = {"type": "string", "examples": ['"7-5f2b0c8d9e1a4b36"']}
    return {status: {"headers": {"ETag": {"description": "The state that this is, for If-Match.", "schema": schema}}}}


#: OpenAPI's responses for reading something that has a tag.
READ: dict[int | str, dict[str, Any]] = tagged() | {304: {"description": "It is what If-None-Match names."}}


def _tags(given: str) -> list[tuple[bool, str]]:
    """Return the tags of a header, and whether each is weak; none where it cannot be read."""
    found, at = [], 0
    while at < len(given):
        match = _TAG.match(given, at)
        if match is None:
            return []
        found.append((match[1] is not None, match[2]))
        at = match.end()
    return found
