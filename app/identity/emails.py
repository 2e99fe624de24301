"""E-mail addresses: one mailbox and nothing else, in lower case."""

from __future__ import annotations

import re

from app.errors import InvalidInput

#: What could begin another header or another recipient does not fit.
MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
#: RFC 5321's limit, in characters.
LONGEST = 254


def is_mailbox(text: str) -> bool:
    """Whether a text is one e-mail address."""
    return len(text) <= LONGEST and MAILBOX.fullmatch(text) is not None and ".." not in text


def clean_email(text: str) -> str:
    """Return an e-mail address as users are known by it: in lower case.

    Raises:
        InvalidInput: It is none.
    """
    email = text.strip()
    if not is_mailbox(email):
        raise InvalidInput("That is no e-mail address.", hint="Give one address, such as name@agency.example.")
    return email.lower()
