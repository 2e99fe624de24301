"""The query parameters that every list takes."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Depends, Path, Query

from app.identity.links import LONGEST_TOKEN
from app.services.pages import Asked


def _asked(
    limit: Annotated[int, Query(ge=1, le=200, description="Rows of a page.")] = 50,
    cursor: Annotated[
        str | None, Query(max_length=600, description="`next_cursor` of the page before; the first page without it.")
    ] = None,
) -> Asked:
    return Asked(limit, cursor)


#: Words that are looked for: one line, without control characters.
PLAIN_WORDS = r"^[^\x00-\x1f\x7f]*$"
#: A short name that is looked for.
PLAIN_SLUG = r"^[A-Za-z0-9_-]+$"
#: How a post stands in review.
ReviewState = Literal["draft", "in_review", "approved", "returned"]

AskedDep = Annotated[Asked, Depends(_asked)]

#: A row's id in an address. What does not fit a 64-bit column is an id that nothing has.
RowIdPath = Annotated[int, Path(ge=1, le=2**63 - 1, description="The row's id.")]

#: The token of a one-time link in an address.
LinkTokenPath = Annotated[str, Path(min_length=1, max_length=LONGEST_TOKEN, description="The token of the link.")]
