"""Users of the whole service, as its operator sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from app.api.schemas.base import Flag, Input, Moment, Output, moment, moment_or_none
from app.identity.permissions import Role
from app.models import User


class UserPlaceOut(Output):
    """What a user is in an organization."""

    organization: str = Field(description="Its slug.", examples=["default"])
    role: Role = Field(description="What they are there.")


class UserOut(Output):
    """A user."""

    id: int = Field(description="The user's id.", examples=[1])
    email: str = Field(description="The address that they sign in with.", examples=["name@agency.example"])
    name: str = Field(description="Their name; empty where none was given.", examples=["A. Name"])
    state: str = Field(description="active or disabled.", examples=["active"])
    is_operator: bool = Field(description="Whether they run this service.")
    second_factor: bool = Field(description="Whether a code is asked for at each sign-in.")
    openid: bool = Field(description="Whether it is known who they are at the OpenID provider.")
    organizations: list[UserPlaceOut] = Field(description="Where they belong.")
    last_sign_in: Moment | None = Field(description="When they signed in last.")
    created: Moment = Field(description="Since when there is this user.")


class UserChange(Input):
    """What to change of a user; what is left out stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"state": "disabled"}]})

    state: Literal["active", "disabled"] | None = Field(
        None, description="A disabled user is refused from the next request on, their tokens included."
    )
    is_operator: Flag | None = Field(None, description="Whether they run this service.")

    @model_validator(mode="before")
    @classmethod
    def _something(cls, data: Any) -> Any:  # noqa: ANN401 - whatever the JSON holds
        if isinstance(data, dict) and not data:
            raise PydanticCustomError("empty", "expected at least one field")
        return data


def user_out(user: User, places: Mapping[int, Sequence[tuple[str, str]]]) -> UserOut:
    """Return a user as an answer."""
    return UserOut(
        id=user.id,
        email=user.email,
        name=user.name,
        state=user.state,
        is_operator=user.is_operator,
        second_factor=user.totp_since is not None,
        openid=user.subject is not None,
        organizations=[UserPlaceOut(organization=slug, role=Role(role)) for slug, role in places[user.id]],
        last_sign_in=moment_or_none(user.last_sign_in_at),
        created=moment(user.created_at),
    )
