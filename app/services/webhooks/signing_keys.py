"""A webhook's signing secret, sealed; after a change the former one signs as well for a day."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.models import Webhook
from app.platforms.signing import new_secret
from app.platforms.vault import Vault

#: How long a receiver has to take over a new secret.
BOTH_SIGN_FOR = timedelta(days=1)


def seal_new(webhook: Webhook, vault: Vault) -> str:
    """Give a webhook its first secret and return it."""
    secret = new_secret()
    webhook.sealed = vault.encrypt({"secret": secret})
    return secret


def renew(webhook: Webhook, vault: Vault, now: datetime) -> str:
    """Give a webhook a new secret and return it. The one before signs beside it for a day from `now` (aware).

    Raises:
        BadConfiguration: The present one cannot be opened.
    """
    former = vault.decrypt(webhook.sealed)["secret"]
    secret = new_secret()
    until = (now + BOTH_SIGN_FOR).isoformat()
    webhook.sealed = vault.encrypt({"secret": secret, "former": former, "until": until})
    return secret


def in_force(webhook: Webhook, vault: Vault, now: datetime) -> tuple[str, ...]:
    """Return the secrets that sign at `now` (aware), the newest first.

    Raises:
        BadConfiguration: They cannot be opened.
    """
    kept = vault.decrypt(webhook.sealed)
    if "former" in kept and now < datetime.fromisoformat(kept["until"]):
        return kept["secret"], kept["former"]
    return (kept["secret"],)
