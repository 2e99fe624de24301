"""The second factor: codes of an authenticator app (TOTP, RFC 6238), and recovery codes for when it is lost.

Each code works once: the last time step that was used is kept, and a recovery code is taken off the list. Callers lock
the user's row first.
"""

from __future__ import annotations

import base64
import secrets
from datetime import datetime, timedelta
from hmac import compare_digest

import pyotp

from app.identity.secret_words import digest_of
from app.models import User
from app.platforms.vault import Vault

ISSUER = "Focusweek"
RECOVERY_CODES = 10
_RECOVERY_BYTES = 10
_STEP = timedelta(seconds=30)
#: A code of the step before is still typed, and clocks differ by some seconds.
_STEPS_AROUND = (0, -1, 1)


def begin(user: User, vault: Vault) -> tuple[str, str]:
    """Give a user a secret that is in force once they have confirmed it; return it, and as an app's address of it."""
    secret = pyotp.random_base32()
    user.totp = vault.encrypt({"totp": secret, "user": str(user.id)})
    user.totp_since = user.totp_step = None
    return secret, pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=ISSUER)


def take_totp(user: User, vault: Vault, code: str, now: datetime) -> bool:
    """Whether a code is right at `now` (aware) and has not been used; it is used up then."""
    code = _plain(code)
    if user.totp is None or not (code.isascii() and code.isdigit()):
        return False
    kept = vault.decrypt(user.totp)
    if kept.get("user") != str(user.id):
        return False
    totp = pyotp.TOTP(kept["totp"])
    here = int(now.timestamp()) // int(_STEP.total_seconds())
    for step in (here + around for around in _STEPS_AROUND):
        if compare_digest(totp.generate_otp(step), code) and (user.totp_step is None or step > user.totp_step):
            user.totp_step = step
            return True
    return False


def take_recovery_code(user: User, code: str) -> bool:
    """Whether this is one of the user's recovery codes that are left; it is used up then."""
    digest = digest_of(_plain(code))
    left = [kept for kept in user.recovery_codes if not compare_digest(kept, digest)]
    if len(left) == len(user.recovery_codes):
        return False
    user.recovery_codes = left
    return True


def take_code(user: User, vault: Vault, code: str, now: datetime) -> str | None:
    """Take a code of either kind; return `totp` or `recovery`, or None where it is neither."""
    if take_totp(user, vault, code, now):
        return "totp"
    return "recovery" if take_recovery_code(user, code) else None


def new_recovery_codes(user: User) -> list[str]:
    """Give a user new recovery codes, which are shown once; the old ones are void."""
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    user.recovery_codes = [digest_of(_plain(code)) for code in codes]
    return codes


def remove(user: User) -> None:
    """Take the second factor away."""
    user.totp = user.totp_since = user.totp_step = None
    user.recovery_codes = []


def _recovery_code() -> str:
    letters = base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode().lower()
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))


def _plain(code: str) -> str:
    return "".join(code.split()).replace("-", "").lower()
