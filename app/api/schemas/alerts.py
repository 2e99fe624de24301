"""Alerts and their channels as requests and answers. A signing secret is shown once, where it is made."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints, model_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from app.api.schemas.base import Id, Input, Line100, Line1000, Moment, Output, Whole, moment, moment_or_none
from app.models import AlertChannel
from app.services.alerting.channels import NewChannel, Tested, shown_target
from app.services.alerting.kinds import AlertKind, kind_of
from app.services.alerting.links import Links
from app.services.alerting.told import Told

_Kinds = Annotated[list[Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,32}$")]], Field(max_length=30)]
_Minutes = Annotated[Whole, Field(ge=1, le=1440)]

_CHANNEL_EXAMPLE: JsonDict = {
    "id": 1,
    "name": "duty desk",
    "via": "webhook",
    "target": "https://receiver.example/alerts",
    "kinds": None,
    "digest_minutes": 15,
    "state": "on",
    "state_reason": None,
    "last_message": {"utc": "2027-01-11T14:00:00Z", "local": None},
    "created": {"utc": "2026-12-01T12:00:00Z", "local": None},
}


class AlertChannelCreate(Input):
    """A channel to be made."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "duty desk", "via": "email", "target": "alerts@agency.example"},
                {
                    "name": "pager",
                    "via": "webhook",
                    "target": "https://receiver.example/alerts",
                    "kinds": ["needs_review", "held", "missed"],
                    "digest_minutes": 5,
                },
            ]
        }
    )

    name: Line100 = Field(description="What people call it; unique.")
    via: Literal["email", "webhook"] = Field(description="How alerts leave.")
    target: Line1000 = Field(description="One e-mail address, or the https address that takes webhooks.")
    kinds: _Kinds | None = Field(
        None, description="Kinds of alert that it gets, see /api/v1/alert-kinds; null for all."
    )
    digest_minutes: _Minutes = Field(15, description="The least minutes between two messages.")

    def value(self) -> NewChannel:
        """Return the channel as the service takes it."""
        return NewChannel(self.name, self.via, self.target, self.kinds, self.digest_minutes)


class AlertChannelChange(Input):
    """What is to change of a channel; what is not given stays."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"kinds": ["missed", "held"]}, {"state": "off"}, {"digest_minutes": 60}]}
    )

    name: Line100 = Field("", description="What people call it; unique.")
    target: Line1000 = Field("", description="Where alerts go from now on.")
    kinds: _Kinds | None = Field(None, description="Kinds of alert that it gets; null for all.")
    digest_minutes: _Minutes = Field(15, description="The least minutes between two messages.")
    state: Literal["on", "off"] = Field("on", description="Off: nothing is sent. What is open then is told once on.")

    @model_validator(mode="after")
    def _something(self) -> AlertChannelChange:
        if not self.model_fields_set:
            raise PydanticCustomError("change", "expected at least one field to change")
        return self

    def values(self) -> dict[str, Any]:
        """Return what was given."""
        return self.model_dump(include=self.model_fields_set)


class AlertChannelOut(Output):
    """A channel, without its secret."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CHANNEL_EXAMPLE]})

    id: Id
    name: str
    via: str = Field(description="email or webhook.")
    target: str = Field(description="Where alerts go; a webhook's query is left out, for it may hold a secret.")
    kinds: list[str] | None = Field(description="Kinds of alert that it gets; null for all.")
    digest_minutes: int = Field(description="The least minutes between two messages.")
    state: str = Field(description="on or off.")
    state_reason: str | None = Field(description="Why it is off, or what failed last; null where all is well.")
    last_message: Moment | None = Field(description="When its last message was written.")
    created: Moment


class NewAlertChannelOut(AlertChannelOut):
    """A channel as it was made, with a webhook's signing secret: it is never shown again."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [_CHANNEL_EXAMPLE | {"secret": "whsec_" + "the base64 of 32 bytes"}]}
    )

    secret: str | None = Field(description="For webhooks: signs each message (Standard Webhooks). Keep it now.")


class SecretOut(Output):
    """A new signing secret: it is never shown again."""

    secret: str = Field(description="Replaces the old one at once. Keep it now.")


class TestedOut(Output):
    """What became of a test message."""

    sent: bool = Field(description="Whether the mail server or receiver took it.")
    detail: str = Field(description="What happened.", examples=["The receiver took it."])


class AlertKindOut(Output):
    """One kind of alert."""

    kind: str = Field(examples=["needs_review"])
    severity: str = Field(description="urgent, or soon where there is still time.", examples=["urgent"])
    title: str
    meaning: str
    next: str = Field(description="What a person does about it.")


class AlertKindsOut(Output):
    """All kinds, the gravest first."""

    items: list[AlertKindOut]


class AlertOut(Output):
    """Something that a person should know of, as long as it lasts."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": 7,
                    "kind": "missed",
                    "severity": "urgent",
                    "title": "Missed",
                    "next": "Give it a new time, send it now, or cancel it.",
                    "detail": "Its window passed while its account was not connected.",
                    "campaign_id": 1,
                    "delivery_id": 12,
                    "account_id": 3,
                    "account": "our-mastodon",
                    "post": "nhtta-1",
                    "due": {"utc": "2027-01-11T14:00:00Z", "local": "2027-01-11T09:00:00-05:00"},
                    "opened": {"utc": "2027-01-11T15:00:00Z", "local": "2027-01-11T10:00:00-05:00"},
                    "closed": None,
                    "link": "https://focusweek.agency.example/api/v1/deliveries/12",
                }
            ]
        }
    )

    id: Id
    kind: str
    severity: str
    title: str
    next: str = Field(description="What a person does about it.")
    detail: str = Field(description="What happened, in short.")
    campaign_id: int | None
    delivery_id: int | None
    account_id: int | None
    account: str | None = Field(description="The account's slug.")
    post: str | None = Field(description="The post's key; null where a new plan has removed the delivery.")
    due: Moment | None = Field(description="When the delivery is meant to go out.")
    opened: Moment
    closed: Moment | None = Field(description="When it was over; null while it lasts.")
    link: str | None = Field(description="Where to look; null where the operator set no public address.")


def channel_values(channel: AlertChannel) -> dict[str, Any]:
    """Return what is shown of a channel."""
    return {
        "id": channel.id,
        "name": channel.name,
        "via": channel.via,
        "target": shown_target(channel),
        "kinds": channel.kinds,
        "digest_minutes": channel.digest_minutes,
        "state": channel.state,
        "state_reason": channel.state_reason,
        "last_message": moment_or_none(channel.last_message_at),
        "created": moment(channel.created_at),
    }


def channel_out(channel: AlertChannel) -> AlertChannelOut:
    """Return a channel as an answer."""
    return AlertChannelOut(**channel_values(channel))


def tested_out(tested: Tested) -> TestedOut:
    """Return what became of a test message as an answer."""
    return TestedOut(sent=tested.sent, detail=tested.detail)


def kind_out(kind: AlertKind) -> AlertKindOut:
    """Return a kind as an answer."""
    return AlertKindOut(
        kind=kind.slug, severity=kind.severity.value, title=kind.title, meaning=kind.meaning, next=kind.next
    )


def alert_out(told: Told, links: Links) -> AlertOut:
    """Return an alert as an answer."""
    alert, kind = told.alert, kind_of(told.alert.kind)
    return AlertOut(
        id=alert.id,
        kind=kind.slug,
        severity=kind.severity.value,
        title=kind.title,
        next=kind.next,
        detail=alert.detail,
        campaign_id=alert.campaign_id,
        delivery_id=alert.delivery_id,
        account_id=alert.account_id,
        account=told.account,
        post=told.post,
        due=moment_or_none(told.due_at, told.zone),
        opened=moment(alert.opened_at, told.zone),
        closed=moment_or_none(alert.closed_at, told.zone),
        link=links.alert(alert),
    )
