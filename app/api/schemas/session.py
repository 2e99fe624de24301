"""Signing in as requests and answers. The session itself travels in a cookie and never in a body."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from app.api.schemas.base import Flag, Input, Line200, Output, SlugName
from app.api.schemas.identity import Code, Email, GivenEmail, GivenPassword, LinkToken, NewPassword, PersonName


class SignIn(Input):
    """Who signs in."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"email": "name@agency.example", "password": "three words and a half"}]}
    )

    email: GivenEmail = Field(description="The user's e-mail address.")
    password: GivenPassword = Field(description="Their password.", repr=False)


class SecondStep(Input):
    """The second step of a sign-in."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "123456"}]})

    code: Code = Field(description="The code that the app shows now, or a recovery code. Each works once.", repr=False)


class SignedInOut(Output):
    """What signing in has come to. The cookie is new, whatever the browser had before."""

    second_factor_needed: bool = Field(
        description="Whether a code is still to be given to /session/second-factor; until then nothing can be asked."
    )


class OrganizationChoice(Input):
    """The organization to look at."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"organization": "default"}]})

    organization: SlugName = Field(description="The slug of one of your organizations.")


class SetUp(Input):
    """Who sets the service up: its operator, and the first admin of the first organization."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "token": "the token of the link that the service printed",
                    "email": "name@agency.example",
                    "name": "A. Name",
                    "password": "three words and a half",
                    "organization": "Agency of Examples",
                    "works_alone": False,
                }
            ]
        }
    )

    token: LinkToken = Field(description="The token of the link that the service printed at its start.", repr=False)
    email: Email = Field(description="The address to sign in with.")
    name: PersonName | None = Field(None, description="The person's name.")
    password: NewPassword = Field(description="12 to 128 characters.", repr=False)
    organization: Line200 = Field(description="The organization's name.")
    works_alone: Flag = Field(description="Whether nobody else reviews texts here; then people may approve their own.")


class PasswordResetAsk(Input):
    """Whose password is to be set anew."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"email": "name@agency.example"}]})

    email: GivenEmail = Field(description="The user's e-mail address.")


class PasswordResetAskedOut(Output):
    """The same answer to everybody."""

    message: str = Field(
        description="What happens now.",
        examples=["If somebody signs in by this address with a password, a link is on its way to them."],
    )


class PasswordReset(Input):
    """The new password."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"password": "three words and a half"}]})

    password: NewPassword = Field(description="12 to 128 characters.", repr=False)
