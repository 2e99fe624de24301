"""One's own user as requests and answers. The app's secret and recovery codes are shown once, where they are made."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from app.api.schemas.base import Input, Moment, Output, moment, moment_or_none
from app.api.schemas.identity import Code, GivenPassword, NewPassword, PersonName
from app.identity.permissions import Permission
from app.models import UserSession
from app.services.own_user import Me, Place


class MyOrganizationOut(Output):
    """An organization of whoever asks."""

    id: int = Field(description="The organization's id.", examples=[1])
    slug: str = Field(description="Its stable name, for the header Focusweek-Organization.", examples=["default"])
    name: str = Field(description="What people call it.", examples=["Agency of Examples"])
    role: str | None = Field(
        description="viewer, author, reviewer or admin; null for a token without a user.", examples=["author"]
    )


class MyUserOut(Output):
    """The user behind a session or token."""

    id: int = Field(description="The user's id.", examples=[1])
    email: str = Field(description="The address that they sign in with.", examples=["name@agency.example"])
    name: str = Field(description="Their name; empty where none was given.", examples=["A. Name"])
    is_operator: bool = Field(description="Whether they run this service.")
    has_password: bool = Field(description="False for who signs in at a provider.")
    second_factor: bool = Field(description="Whether a code is asked for at each sign-in.")
    recovery_codes_left: int = Field(description="How many recovery codes have not been used.", examples=[10])
    last_sign_in: Moment | None = Field(description="When they signed in last.")


class MeOut(Output):
    """Who asks."""

    name: str = Field(description="How they go on record.", examples=["name@agency.example"])
    via: str = Field(description="session or token.", examples=["session"])
    user: MyUserOut | None = Field(description="Null for a token without a user.")
    organization: MyOrganizationOut | None = Field(
        description="The organization that this request is about; null where none is chosen."
    )
    permissions: list[Permission] = Field(description="What they may do there.", examples=[["view", "write"]])
    organizations: list[MyOrganizationOut] = Field(description="All that they may choose, by name.")


class MeChange(Input):
    """What to change of oneself."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "A. Name"}]})

    name: PersonName = Field(description="One's name.")


class PasswordChange(Input):
    """A new password. All sessions end; this one goes on with a new cookie."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"present": "three words and a half", "new": "four other words and more"}]}
    )

    present: GivenPassword = Field(description="The present password.", repr=False)
    new: NewPassword = Field(description="12 to 128 characters.", repr=False)


class PasswordOnceMore(Input):
    """The password, to show that it is still the same person."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"password": "three words and a half"}]})

    password: GivenPassword = Field(description="The present password.", repr=False)


class CodeIn(Input):
    """A code of the app that is set up."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "123456"}]})

    code: Code = Field(description="The code that the app shows now.", repr=False)


class SecondFactorOut(Output):
    """What an authenticator app is given, this one time."""

    secret: str = Field(description="The secret in Base32, to be typed.", examples=["JBSWY3DPEHPK3PXP"], repr=False)
    address: str = Field(
        description="The same as an address, to be shown as a QR code.",
        examples=["otpauth://totp/Focusweek:name%40agency.example?secret=JBSWY3DPEHPK3PXP&issuer=Focusweek"],
        repr=False,
    )


class RecoveryCodesOut(Output):
    """Codes for when the app is lost, this one time. Each works once."""

    codes: list[str] = Field(
        description="To be printed or kept in a safe.", examples=[["abcd-efgh-ijkl-mnop"]], repr=False
    )


class SessionOut(Output):
    """A place where one is signed in."""

    id: int = Field(description="The session's id.", examples=[1])
    is_this: bool = Field(description="Whether it is the one that asks.")
    address: str = Field(description="The network address that signed in.", examples=["192.0.2.1"])
    agent: str = Field(description="What the browser called itself.", examples=["Mozilla/5.0"])
    created: Moment = Field(description="When it was signed in.")
    seen: Moment = Field(description="When it was used last, to the minute.")
    expires: Moment = Field(description="When it ends at the latest.")


class SessionsOut(Output):
    """Where one is signed in, the one used last first."""

    items: list[SessionOut] = Field(description="The sessions that are in force.")


def me_out(me: Me) -> MeOut:
    """Return who asks as an answer."""
    user = me.user
    return MeOut(
        name=me.who.name,
        via=me.who.via,
        user=None
        if user is None
        else MyUserOut(
            id=user.id,
            email=user.email,
            name=user.name,
            is_operator=user.is_operator,
            has_password=user.password_hash is not None,
            second_factor=user.totp_since is not None,
            recovery_codes_left=len(user.recovery_codes),
            last_sign_in=moment_or_none(user.last_sign_in_at),
        ),
        organization=None if me.here is None else _place_out(me.here),
        permissions=[one for one in Permission if me.who.may(one)],
        organizations=[_place_out(place) for place in me.places],
    )


def _place_out(place: Place) -> MyOrganizationOut:
    one = place.organization
    return MyOrganizationOut(id=one.id, slug=one.slug, name=one.name, role=place.role)


def session_out(row: UserSession, this: int | None) -> SessionOut:
    """Return a session as an answer; `this` is the id of the one that asks."""
    return SessionOut(
        id=row.id,
        is_this=row.id == this,
        address=row.address,
        agent=row.agent,
        created=moment(row.created_at),
        seen=moment(row.seen_at),
        expires=moment(row.expires_at),
    )
