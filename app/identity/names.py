"""Names that people give themselves and their organizations: one line, whatever way they come in."""

from __future__ import annotations

from app.errors import InvalidInput

LONGEST = 200
#: Bidirectional embeddings, overrides and isolates: in a name they rearrange the rest of its line.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean_name(text: str, *, what: str, optional: bool = False, longest: int = LONGEST) -> str:
    """Return a name with its spaces put in order. `what` says whose it is in the refusal's words.

    Raises:
        InvalidInput: There is none, it is too long, or it holds what no line of text holds.
    """
    name = " ".join(text.split())
    if not name and not optional:
        raise InvalidInput(f"{what} is missing.", hint="Give it, then try again.")
    if len(name) > longest:
        raise InvalidInput(f"{what} is longer than {longest} characters.", hint="Shorten it.")
    if any(letter in _TURNING or not (letter.isprintable() or letter in "\u200c\u200d") for letter in name):
        raise InvalidInput(f"{what} holds characters that cannot be shown.", hint="Type it anew.")
    return name
