"""The two ways out of an alert message."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import structlog

from app.errors import BadConfiguration
from app.models import AlertChannel
from app.platforms.vault import Vault
from app.services.alerting.mail import Letter, MailServer
from app.services.alerting.sending import SendFailed
from app.services.alerting.webhook import Webhooks
from app.services.alerting.words import letter_of, subject_of

log = structlog.get_logger(__name__)


class Senders:
    """Sends a message over its channel. `mail` is None where the operator set up no mail server."""

    def __init__(self, mail: MailServer | None, webhooks: Webhooks, vault: Callable[[], Vault]) -> None:
        self.mail = mail
        self._webhooks = webhooks
        self._vault = vault

    def send(self, channel: AlertChannel, *, key: str, body: Mapping[str, Any], written_at: datetime) -> None:
        """Send one message, outside any transaction.

        Raises:
            SendFailed: It was not taken; the detail may be shown.
        """
        try:
            if channel.via == "email":
                self._letter(channel, key, body, written_at)
            else:
                self._webhook(channel, key, body)
        except SendFailed:
            raise
        except BadConfiguration as error:
            raise SendFailed(f"{error.message} {error.hint}".strip()) from None
        except Exception as error:  # noqa: BLE001 - see below
            # Whatever it is must not keep the other channels' messages back; its words might hold a secret.
            log.error("alert_sending_failed", channel=channel.id, error=type(error).__name__)  # noqa: TRY400 - see above
            raise SendFailed(f"Something went wrong in sending it ({type(error).__name__}).") from None

    def _letter(self, channel: AlertChannel, key: str, body: Mapping[str, Any], written_at: datetime) -> None:
        if self.mail is None:
            raise SendFailed("No mail server is set up: set FOCUSWEEK_SMTP_HOST and FOCUSWEEK_SMTP_FROM.")
        self.mail.send(Letter(channel.target, subject_of(body), letter_of(body), key, written_at))

    def _webhook(self, channel: AlertChannel, key: str, body: Mapping[str, Any]) -> None:
        if channel.sealed is None:
            raise SendFailed("The channel has no signing secret: give it a new one.")
        secret = self._vault().decrypt(channel.sealed)["secret"]
        self._webhooks.post(channel.target, secret, key=key, body=body)
