"""Passwords: Argon2id as pwdlib recommends it, and the few rules that help: length, and none that anybody would try.

Each hash takes 64 MiB for a tenth of a second, so only a few are made at the same time in one process.
"""

from __future__ import annotations

import threading
import unicodedata
from functools import cache

from pwdlib import PasswordHash
from pwdlib.exceptions import PwdlibError

from app.errors import InvalidInput
from app.identity.common_passwords import WHOLE, WORDS

#: In characters, after normalization.
SHORTEST, LONGEST = 12, 128
#: A text of fewer different characters than this is a pattern, whatever its length.
_FEWEST_DIFFERENT = 5
#: Fewer digits and signs without a letter are a date or a telephone number.
_DIGITS_ENOUGH = 20
_AT_ONCE = threading.BoundedSemaphore(4)
_HINT = f"Use {SHORTEST} to {LONGEST} characters; several words with spaces between them are easy to remember."


@cache
def _argon2() -> PasswordHash:
    return PasswordHash.recommended()


@cache
def _nobodys() -> str:
    """Return a hash that no password fits, of the same cost as a person's."""
    return _argon2().hash("\0nobody\0")


def checked_password(password: str, *, email: str) -> str:
    """Return a password that may be set, as it is hashed.

    Raises:
        InvalidInput: It is too short or too long, the person's own e-mail address, or among the commonest.
    """
    chosen = _normal(password)
    if not SHORTEST <= len(chosen) <= LONGEST:
        raise InvalidInput(f"The password must have {SHORTEST} to {LONGEST} characters.", hint=_HINT)
    folded = chosen.casefold().strip()
    if folded in (email.casefold(), email.casefold().partition("@")[0]):
        raise InvalidInput("The password must not be the e-mail address.", hint=_HINT)
    core = folded.strip("0123456789!?.,-_#*+$%&@=/\\()[]{}'\"^~<>|:; ")
    few = len(set(folded)) < _FEWEST_DIFFERENT
    only_digits = not core and len(folded) < _DIGITS_ENOUGH
    if few or only_digits or core in WORDS or folded.replace(" ", "") in WHOLE:
        raise InvalidInput("The password is among the first that anybody would try.", hint=_HINT)
    return chosen


def hash_password(password: str) -> str:
    """Return what is kept of a password that `checked_password` has let through."""
    with _AT_ONCE:
        return _argon2().hash(_normal(password))


def verify_password(password: str, kept: str | None) -> bool:
    """Whether a password is the one that was kept. Without one (nobody by that name), it takes as long to say no."""
    given = _normal(password)[: LONGEST + 1]
    with _AT_ONCE:
        try:
            right = _argon2().verify(given, kept or _nobodys())
        except PwdlibError:
            return False
    return right and kept is not None


def renewed(password: str, kept: str) -> str | None:
    """Return a new hash of a right password where what was kept is weaker than what is made today."""
    with _AT_ONCE:
        return _argon2().verify_and_update(_normal(password), kept)[1]


def _normal(password: str) -> str:
    # The same letters come in several forms from different keyboards. What no text can hold does not reach the hash.
    return unicodedata.normalize("NFKC", password.encode("utf-8", "replace").decode("utf-8"))
