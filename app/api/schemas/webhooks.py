"""Webhooks and their log as requests and answers. A signing secret is shown once, where it is made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints, model_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from app.api.schemas.base import Id, Input, Line200, Line1000, Moment, Output, moment, moment_or_none
from app.models import Webhook, WebhookMessage, WebhookTry
from app.services.receivers import shown_receiver
from app.services.webhooks.endpoints import NewWebhook, Tried
from app.services.webhooks.kinds import NewsKind
from app.services.webhooks.log import MessageState, state_of

_Kinds = Annotated[list[Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,32}$")]], Field(max_length=30)]

_EXAMPLE: JsonDict = {
    "id": 1,
    "url": "https://receiver.example/focusweek",
    "description": "The duty desk's board",
    "kinds": ["published", "failed", "missed"],
    "state": "on",
    "state_reason": None,
    "failing_since": None,
    "created_by": "admin@agency.example",
    "created": {"utc": "2026-12-01T12:00:00Z", "local": None},
}
_MESSAGE: JsonDict = {
    "id": 5,
    "webhook_id": 1,
    "message_id": "msg_2c3f0f5b8d0e4b6f9c1d2e3f4a5b6c7d",
    "kind": "published",
    "state": "sent",
    "body": {
        "type": "delivery.published",
        "timestamp": "2027-01-11T14:00:02Z",
        "data": {"organization": "agency", "delivery_id": 12, "state": "published"},
    },
    "tries": [{"at": {"utc": "2027-01-11T14:00:05Z", "local": None}, "status": 200, "error": None, "milliseconds": 41}],
    "next_try": None,
    "sent": {"utc": "2027-01-11T14:00:05Z", "local": None},
    "given_up": None,
    "created": {"utc": "2027-01-11T14:00:04Z", "local": None},
}


class WebhookCreate(Input):
    """A webhook to be made."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"url": "https://receiver.example/focusweek", "description": "The duty desk's board"},
                {"url": "https://receiver.example/focusweek", "kinds": ["published", "failed", "missed"]},
            ]
        }
    )

    url: Line1000 = Field(description="The https address that takes the messages.")
    description: Line200 | None = Field(None, description="What it is for.")
    kinds: _Kinds | None = Field(None, description="Kinds of news, see /api/v1/webhook-kinds; null for all.")

    def value(self) -> NewWebhook:
        """Return the webhook as the service takes it."""
        return NewWebhook(self.url, self.description or "", self.kinds)


class WebhookChange(Input):
    """What is to change of a webhook; what is not given stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"state": "off"}, {"kinds": ["missed"]}]})

    url: Line1000 = Field("", description="Where messages go from now on.")
    description: Line200 | None = Field(None, description="What it is for; null for nothing.")
    kinds: _Kinds | None = Field(None, description="Kinds of news that it gets; null for all.")
    state: Literal["on", "off"] = Field("on", description="Turned on, it is told of what happens from then on.")

    @model_validator(mode="after")
    def _something(self) -> WebhookChange:
        if not self.model_fields_set:
            raise PydanticCustomError("change", "expected at least one field to change")
        return self

    def values(self) -> dict[str, Any]:
        """Return what was given."""
        given = self.model_dump(include=self.model_fields_set)
        if "description" in given:
            given["description"] = given["description"] or ""
        return given


class WebhookOut(Output):
    """A webhook, without its secret."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: Id
    url: str = Field(description="Where messages go; its query is left out, for it may hold a secret.")
    description: str
    kinds: list[str] | None = Field(description="Kinds of news that it gets; null for all.")
    state: str = Field(description="on or off.")
    state_reason: str | None = Field(description="Why it is off, or what failed last; null where all is well.")
    failing_since: Moment | None = Field(description="Since when it takes nothing; after five days it is turned off.")
    created_by: str
    created: Moment


class NewWebhookOut(WebhookOut):
    """A webhook as it was made, with its signing secret: it is never shown again."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [_EXAMPLE | {"secret": "whsec_" + "the base64 of 32 bytes"}]}
    )

    secret: str = Field(description="Signs each message (Standard Webhooks). Keep it now.")


class WebhookSecretOut(Output):
    """A new signing secret: it is never shown again."""

    secret: str = Field(description="Signs from now on; for a day the former one signs as well. Keep it now.")


class WebhookTriedOut(Output):
    """What became of a test message."""

    sent: bool = Field(description="Whether the receiver took it.")
    status: int | None = Field(description="The receiver's HTTP status; null where it did not answer.")
    detail: str = Field(description="What happened.", examples=["The receiver took it."])


class WebhookTryOut(Output):
    """One try to send a message."""

    at: Moment
    status: int | None = Field(description="The receiver's HTTP status; null where it did not answer.")
    error: str | None = Field(description="What went wrong; null where it was taken.")
    milliseconds: int = Field(description="How long the try took.")


class WebhookMessageOut(Output):
    """One message of a webhook with its tries."""

    model_config = ConfigDict(json_schema_extra={"examples": [_MESSAGE]})

    id: Id
    webhook_id: Id
    message_id: str = Field(description="The header webhook-id, the same on every try: who gets it twice can tell.")
    kind: str
    state: MessageState = Field(description="waiting for a try, sent, or given_up.")
    body: dict[str, Any] = Field(description="What is sent: ids and states, never the text of a post.")
    tries: list[WebhookTryOut] = Field(description="The oldest first; kept for 30 days.")
    next_try: Moment | None
    sent: Moment | None
    given_up: Moment | None
    created: Moment


class WebhookKindOut(Output):
    """One kind of news."""

    kind: str = Field(examples=["published"])
    type: str = Field(description="The message's `type`.", examples=["delivery.published"])
    meaning: str


class WebhookKindsOut(Output):
    """All kinds of news."""

    items: list[WebhookKindOut]


def webhook_values(webhook: Webhook) -> dict[str, Any]:
    """Return what is shown of a webhook."""
    return {
        "id": webhook.id,
        "url": shown_receiver(webhook.url),
        "description": webhook.description,
        "kinds": webhook.kinds,
        "state": webhook.state,
        "state_reason": webhook.state_reason,
        "failing_since": moment_or_none(webhook.failing_since),
        "created_by": webhook.created_by,
        "created": moment(webhook.created_at),
    }


def webhook_out(webhook: Webhook) -> WebhookOut:
    """Return a webhook as an answer."""
    return WebhookOut(**webhook_values(webhook))


def tried_out(tried: Tried) -> WebhookTriedOut:
    """Return what became of a test message as an answer."""
    return WebhookTriedOut(sent=tried.sent, status=tried.status, detail=tried.detail)


def message_out(message: WebhookMessage, tries: Sequence[WebhookTry]) -> WebhookMessageOut:
    """Return a message with its tries as an answer."""
    return WebhookMessageOut(
        id=message.id,
        webhook_id=message.webhook_id,
        message_id=message.key,
        kind=message.kind,
        state=state_of(message),
        body=message.body,
        tries=[
            WebhookTryOut(at=moment(one.at), status=one.status, error=one.error, milliseconds=one.milliseconds)
            for one in tries
        ],
        next_try=moment_or_none(message.next_try_at),
        sent=moment_or_none(message.sent_at),
        given_up=moment_or_none(message.given_up_at),
        created=moment(message.created_at),
    )


def kind_out(kind: NewsKind) -> WebhookKindOut:
    """Return a kind as an answer."""
    return WebhookKindOut(kind=kind.slug, type=kind.type, meaning=kind.meaning)
