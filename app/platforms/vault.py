"""Credentials at rest: encrypted with keys that never stand beside them in the database."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from app.errors import BadConfiguration
from app.settings import Settings

KEY_FILE = "credentials.key"
_VARIABLE = "FOCUSWEEK_CREDENTIALS_KEYS"
_HOW = (
    f"Set {_VARIABLE} to one or more keys, newest first, comma-separated; a new one comes from "
    "python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'."
)


class Vault:
    """Encrypts with the newest key and decrypts with any of them, so that keys can be changed one after another."""

    def __init__(self, keys: Sequence[str]) -> None:
        usable = [key.strip() for key in keys if key.strip()]
        if not usable:
            raise BadConfiguration("There is no key for stored credentials.", hint=_HOW)
        try:
            self._fernet = MultiFernet([Fernet(key) for key in usable])
        except (ValueError, TypeError):
            # Neither the key nor the library's message about it is shown.
            raise BadConfiguration("A key for stored credentials is not a Fernet key.", hint=_HOW) from None
        # Signing has keys of its own, made of these: no key serves two purposes.
        self._signing = [hmac.digest(key.encode(), b"focusweek signing", hashlib.sha256) for key in usable]

    @classmethod
    def from_settings(cls, settings: Settings) -> Vault:
        """Return the vault for an operator's settings: their keys, or the key file in their data directory.

        Raises:
            BadConfiguration: A key is wrong, or the file cannot be read or made.
        """
        keys = settings.credentials_keys
        return open_vault(None if keys is None else keys.get_secret_value(), settings.data_dir)

    def encrypt(self, values: Mapping[str, str]) -> bytes:
        """Return the values as one encrypted token."""
        return self._fernet.encrypt(json.dumps(dict(values), ensure_ascii=False).encode())

    def decrypt(self, token: bytes) -> dict[str, str]:
        """Return the values in a token.

        Raises:
            BadConfiguration: None of the keys opens it.
        """
        try:
            values = json.loads(self._fernet.decrypt(token))
        except (InvalidToken, ValueError, TypeError):
            raise BadConfiguration(
                "Stored credentials cannot be opened with the present key.",
                hint=f"Put the former key back ({_VARIABLE} or {KEY_FILE}), or connect the account again.",
            ) from None
        return {str(name): str(value) for name, value in dict(values).items()}

    def sign(self, message: bytes) -> bytes:
        """Return a signature of the newest key."""
        return hmac.digest(self._signing[0], message, hashlib.sha256)

    def has_signed(self, message: bytes, signature: bytes) -> bool:
        """Whether one of the keys made this signature; every key is tried, so that the time says nothing."""
        made = [hmac.compare_digest(hmac.digest(key, message, hashlib.sha256), signature) for key in self._signing]
        return any(made)

    def rotate(self, token: bytes) -> bytes:
        """Return the token encrypted with the newest key.

        Raises:
            BadConfiguration: None of the keys opens it.
        """
        return self.encrypt(self.decrypt(token))


def open_vault(keys: str | None, data_dir: Path) -> Vault:
    """Return the vault for the operator's `keys` (comma-separated), or for the key file in `data_dir`.

    The file is made on first use, readable by its owner only.

    Raises:
        BadConfiguration: A key is wrong, or the file cannot be read or made.
    """
    if keys is not None and keys.strip():
        return Vault(keys.split(","))
    path = data_dir / KEY_FILE
    try:
        if not path.exists():
            _make(path)
        if os.name == "posix" and path.stat().st_mode & 0o077:
            path.chmod(0o600)
        kept = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it holds no key"
        raise BadConfiguration(f"The key file {path} cannot be used: {why}.", hint=_HOW) from None
    try:
        return Vault(kept.splitlines())
    except BadConfiguration as error:
        raise BadConfiguration(f"The key file {path} holds no usable key.", hint=error.hint) from None


def has_key(settings: Settings) -> bool:
    """Whether there is a key, without making one."""
    keys = settings.credentials_keys
    return bool(keys is not None and keys.get_secret_value().strip()) or (settings.data_dir / KEY_FILE).exists()


def _make(path: Path) -> None:
    """Write a new key beside `path` and link it into place: of two processes at once, both end with the first's key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(Fernet.generate_key() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
        except OSError:
            # A file system without links: exclusive creation by renaming where nothing stands yet.
            if not path.exists():
                draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)
