"""What must never stand in a log line: secrets by the name of their field, and by their look wherever they stand.

Texts of posts go by the name of their field, and out of validation errors, which quote what they were given.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

LEFT_OUT = "[left out]"

#: Words in a field's name that mean that its value is a secret, or a text.
_SECRET_NAME = re.compile(
    r"(?i)token|passw|pwd|secret|authorization|cookie|credential|api_?key|private_?key|jwt|bearer|sealed|signature|dsn|"
    r"text|body|payload"
)
#: Numbers under such a name are none: a fencing token, a count of texts.
_HARMLESS = (bool, int, float, type(None))
#: A line longer than this is cut: whole answers of a server do not belong into a log. In characters.
_LONGEST = 20_000

#: A name, of bounded length so that hostile text costs no more than its length, with one of those words in it.
_NAMED = r"[\w.-]{0,40}(?:token|passw|pwd|secret|api_?key|private_?key|jwt|signature|authorization|cookie)[\w.-]{0,40}"
_HIDDEN: tuple[tuple[re.Pattern[str], str], ...] = (
    # https://user:password@host, postgresql://user:password@host; the last @ before the path ends the user's part.
    (re.compile(r"(?<=://)[^\s/?#\"'<>]*@"), f"{LEFT_OUT}@"),
    # ?access_token=..., &key=..., &code=..., and the same in a form's body.
    (re.compile(rf"(?i)([?&](?:{_NAMED}|key|code|sig|auth|hmac|state)=)[^&\s\"'<>#]+"), rf"\1{LEFT_OUT}"),
    # Whole headers, whatever their scheme, and the schemes without the header's name before them.
    (re.compile(r"(?i)\b((?:proxy-)?authorization|(?:set-)?cookie)(\s*[:=]\s*)[^\r\n]+"), rf"\1\2{LEFT_OUT}"),
    (re.compile(r"(?i)\b(bearer|dpop)[ +]+[\w.~+/:=-]{6,}"), rf"\1 {LEFT_OUT}"),
    (re.compile(r"(?i)\b(basic|bot)[ +]+(?=[\w.~+/:-]*[\d=._~+/-])[\w.~+/:=-]{8,}"), rf"\1 {LEFT_OUT}"),
    # A header as a pair of bytes or strings, as HTTP libraries log them: (b'Authorization', b'...').
    (re.compile(rf"(?i)(b?(['\"]){_NAMED}\2\s*[,:]\s*)(b?(['\"])(?:\\.|(?!\4).){{0,4000}}\4)"), rf"\1{LEFT_OUT}"),
    # name=value and name: value.
    (re.compile(rf"(?i)\b({_NAMED}\s*[=:]\s*)(?!\[left)['\"]?[^\s'\",;&}})\]]+['\"]?"), rf"\1{LEFT_OUT}"),
    # What a validation error was given: it may be a post's whole text.
    (re.compile(r"input_value=.*?(?=, input_type=)", re.DOTALL), f"input_value={LEFT_OUT}"),
    (re.compile(r"\bwhsec_[\w+/=-]+"), LEFT_OUT),
    # JSON Web Tokens.
    (re.compile(r"\beyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?"), LEFT_OUT),
    # Bluesky's app passwords.
    (re.compile(r"(?<![\w-])[a-z0-9]{4}(?:-[a-z0-9]{4}){3}(?![\w-])"), LEFT_OUT),
    # Telegram's bot tokens, also as bot<token> in a path; Discord's webhook addresses.
    (re.compile(r"\d{6,12}:[\w-]{30,}"), LEFT_OUT),
    (re.compile(r"(/webhooks/\d+/)[\w-]+"), rf"\1{LEFT_OUT}"),
    # Long opaque words of mixed letters and digits, as most tokens and keys are; digests in hex are not mixed.
    (re.compile(r"(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*\d)[\w-]{32,}=*"), LEFT_OUT),
)


#: What most fields of most lines are: words without digits, and instants.
_PLAIN = re.compile(r"[a-z_. ]{0,40}|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)")


def without_secrets(value: str) -> str:
    """Return a text without what looks like a secret."""
    if _PLAIN.fullmatch(value):
        return value
    if len(value) > _LONGEST:
        value = f"{value[:_LONGEST]} [cut]"
    for pattern, instead in _HIDDEN:
        value = pattern.sub(instead, value)
    return value


def redacted(value: Any) -> Any:  # noqa: ANN401  # whatever is logged
    """Return a log line's value without secrets and texts, however deep they stand in it."""
    if isinstance(value, _HARMLESS):
        return value
    if isinstance(value, str):
        return without_secrets(value)
    if isinstance(value, bytes | bytearray):
        return without_secrets(bytes(value).decode("utf-8", "backslashreplace"))
    if isinstance(value, Mapping):
        return {str(name): field(str(name), kept) for name, kept in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redacted(item) for item in value]
    return without_secrets(str(value))


def field(name: str, value: Any) -> Any:  # noqa: ANN401  # whatever is logged
    """Return one field's value without secrets and texts, judged by its name and by its look."""
    if _SECRET_NAME.search(name) and not isinstance(value, _HARMLESS):
        return LEFT_OUT
    return redacted(value)
