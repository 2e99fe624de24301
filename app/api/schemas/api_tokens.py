"""API tokens as requests and answers. The token itself is shown once, where it is made."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from app.api.schemas.base import Input, Line100, Moment, Output, Whole, moment, moment_or_none
from app.identity.permissions import Permission
from app.models import ApiToken
from app.services.api_tokens import DAYS, DEFAULT_DAYS, state_of
from app.services.scope import Scope

_Scopes = Annotated[list[Permission], Field(min_length=1, max_length=len(Permission))]


class ApiTokenCreate(Input):
    """A token to be made."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "nightly import", "scopes": ["view", "write"], "days": 90}]}
    )

    name: Line100 = Field(description="What it is for.")
    scopes: _Scopes = Field(
        description="What it may do; none may be more than your own permissions. Each stands alone."
    )
    days: Annotated[Whole, Field(ge=DAYS[0], le=DAYS[-1])] = Field(DEFAULT_DAYS, description="For how many days.")


class ApiTokenOut(Output):
    """A token, without what makes it one."""

    id: int = Field(description="The token's id.", examples=[1])
    name: str = Field(description="What it is for.", examples=["nightly import"])
    hint: str = Field(description="How it begins.", examples=["fwk_Ab3d"])
    scopes: list[Permission] = Field(description="What it may do, as far as its user's role allows it.")
    user_id: int | None = Field(description="Whose it is; null for one that was made on the machine.")
    created_by: str = Field(description="Who made it.", examples=["name@agency.example"])
    state: str = Field(description="active, expired or revoked.", examples=["active"])
    created: Moment = Field(description="When it was made.")
    expires: Moment | None = Field(description="When it ends.")
    used: Moment | None = Field(description="When it was used last, to the minute; null for never.")
    revoked: Moment | None = Field(description="When it was revoked.")


class NewApiTokenOut(ApiTokenOut):
    """A new token."""

    token: str = Field(description="The token, shown this one time.", examples=["fwk_..."], repr=False)


def token_out(scope: Scope, row: ApiToken) -> ApiTokenOut:
    """Return a token as an answer."""
    return ApiTokenOut(
        id=row.id,
        name=row.name,
        hint=row.hint,
        scopes=[Permission(one) for one in row.scopes],
        user_id=row.user_id,
        created_by=row.created_by,
        state=state_of(row, scope.now),
        created=moment(row.created_at),
        expires=moment_or_none(row.expires_at),
        used=moment_or_none(row.used_at),
        revoked=moment_or_none(row.revoked_at),
    )
