"""Channels: who is told of which alerts, and how."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select

from app.errors import AlreadyExists, Conflict, InvalidInput
from app.identity.emails import is_mailbox
from app.models import AlertChannel, AlertMessage, Organization
from app.platforms.signing import new_secret
from app.platforms.vault import Vault
from app.services.alerting.alerting import Alerting
from app.services.alerting.kinds import checked_kinds
from app.services.alerting.sending import SendFailed
from app.services.alerting.words import check_body
from app.services.house import House
from app.services.outboxes import new_key
from app.services.pages import Asked, Page, page_of
from app.services.receivers import checked_receiver, shown_receiver
from app.services.scope import Scope

#: The minutes between two messages of a channel.
DIGEST_MINUTES = range(1, 1441)


@dataclass(frozen=True, slots=True)
class NewChannel:
    """A channel to be made. `via` is `email` or `webhook`; `kinds` None means all."""

    name: str
    via: str
    target: str
    kinds: Sequence[str] | None = None
    digest_minutes: int = 15


@dataclass(frozen=True, slots=True)
class Tested:
    """What became of a test message."""

    sent: bool
    detail: str


def add_channel(
    scope: Scope, alerting: Alerting, vault: Callable[[], Vault], new: NewChannel
) -> tuple[AlertChannel, str | None]:
    """Add a channel; return it and a webhook's signing secret, which is given this one time.

    It is told of what is wrong now, and of all that follows.

    Raises:
        AlreadyExists: A channel has this name.
        InvalidInput: The target, a kind or the number of minutes cannot be used.
        Conflict: E-mail is asked for, and no mail server is set up.
    """
    _refuse_taken(scope, new.name)
    channel = AlertChannel(
        organization_id=scope.organization_id,
        name=new.name,
        via=new.via,
        target=_checked_target(alerting, new.via, new.target),
        kinds=checked_kinds(new.kinds),
        digest_minutes=_checked_minutes(new.digest_minutes),
        created_at=scope.now,
    )
    if new.via == "email" and alerting.senders.mail is None:
        raise Conflict(
            "No mail server is set up, so no e-mail can be sent.",
            hint="The operator sets FOCUSWEEK_SMTP_HOST and FOCUSWEEK_SMTP_FROM; a webhook needs neither.",
        )
    scope.session.add(channel)
    secret = _seal_new(channel, vault()) if new.via == "webhook" else None
    scope.session.flush()
    return channel, secret


def change_channel(scope: Scope, alerting: Alerting, channel: AlertChannel, values: Mapping[str, Any]) -> AlertChannel:
    """Change what is given of a channel (locked): name, target, kinds, digest_minutes, state.

    Raises:
        AlreadyExists, InvalidInput: As in `add_channel`.
    """
    if "name" in values and values["name"] != channel.name:
        _refuse_taken(scope, values["name"])
        channel.name = values["name"]
    if "target" in values:
        channel.target = _checked_target(alerting, channel.via, values["target"])
    if "kinds" in values:
        channel.kinds = checked_kinds(values["kinds"])
    if "digest_minutes" in values:
        channel.digest_minutes = _checked_minutes(values["digest_minutes"])
    if "state" in values:
        channel.state = values["state"]
    if values.keys() & {"state", "target"}:
        # What went wrong went wrong before this.
        channel.state_reason = None
    scope.session.flush()
    return channel


def remove_channel(scope: Scope, channel: AlertChannel) -> None:
    """Remove a channel (locked) and its messages; the alerts stay."""
    scope.session.execute(delete(AlertMessage).where(AlertMessage.channel_id == channel.id))
    scope.session.delete(channel)
    scope.session.flush()


def renew_secret(scope: Scope, vault: Callable[[], Vault], channel: AlertChannel) -> str:
    """Give a webhook channel (locked) a new signing secret, which replaces the old one at once, and return it.

    Raises:
        Conflict: It is no webhook.
    """
    if channel.via != "webhook":
        raise Conflict("Only webhooks are signed.", hint="There is no secret to renew for e-mail.")
    secret = _seal_new(channel, vault())
    scope.session.flush()
    return secret


def try_channel(house: House, channel_id: int) -> Tested:
    """Send a test message now, and return what happened. Works for a channel that is off, too.

    Raises:
        NotFound: There is none.
    """
    with house.read() as scope:
        channel = scope.get(AlertChannel, channel_id)
        organization = scope.session.get_one(Organization, scope.organization_id)
        now = scope.now
    alerting = house.alerting
    body = check_body(alerting.links, organization=organization.name, channel=channel.name, now=now)
    try:
        alerting.senders.send(channel, key=new_key(), body=body, written_at=now)
    except SendFailed as failure:
        return Tested(sent=False, detail=failure.detail)
    with house.write() as scope:
        row = scope.get(AlertChannel, channel_id, lock=True)
        if row.state == "on":
            row.state_reason = None
    taken = "The mail server took it." if channel.via == "email" else "The receiver took it."
    return Tested(sent=True, detail=taken)


def channels_of(scope: Scope) -> Sequence[AlertChannel]:
    """Return the organization's channels by name."""
    return scope.session.scalars(scope.query(AlertChannel).order_by(AlertChannel.name)).all()


def channels_page(scope: Scope, asked: Asked) -> Page[AlertChannel]:
    """Return a page of the organization's channels by name."""
    return page_of(scope.session, scope.query(AlertChannel), (AlertChannel.name,), lambda row: (row.name,), asked)


def channel_by_name(scope: Scope, name: str) -> AlertChannel:
    """Return a channel by its name.

    Raises:
        InvalidInput: There is none.
    """
    channel = scope.session.scalars(scope.query(AlertChannel).where(AlertChannel.name == name)).first()
    if channel is None:
        raise InvalidInput(f"There is no channel {name!r}.", hint="List them: focusweek alerts channels")
    return channel


def shown_target(channel: AlertChannel) -> str:
    """Return where a channel leads as it may be shown: a webhook's query may hold a secret."""
    return shown_receiver(channel.target)


def _refuse_taken(scope: Scope, name: str) -> None:
    if scope.session.scalars(select(AlertChannel.id).where(
        AlertChannel.organization_id == scope.organization_id, AlertChannel.name == name
    )).first() is not None:  # fmt: skip
        raise AlreadyExists(f"There is a channel {name!r} already.", hint="Choose another name.")


def _checked_target(alerting: Alerting, via: str, target: str) -> str:
    if via == "email":
        if not is_mailbox(target):
            raise InvalidInput("That is no e-mail address.", hint="Give one address, such as alerts@agency.example.")
        return target
    if via != "webhook":
        raise InvalidInput(f"There is no way {via!r}.", hint="Say email or webhook.")
    return checked_receiver(
        target, allow_private=alerting.allow_private, example="https://receiver.example/alerts"
    )  # fmt: skip


def _checked_minutes(minutes: int) -> int:
    if minutes not in DIGEST_MINUTES:
        raise InvalidInput("The minutes between two messages are 1 to 1440.", hint="15 suits most people.")
    return minutes


def _seal_new(channel: AlertChannel, vault: Vault) -> str:
    secret = new_secret()
    channel.sealed = vault.encrypt({"secret": secret})
    return secret
