"""What Pydantic finds wrong with a request, in words for a person who knows no Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

#: Places of a request that need not be named before a field.
_PLACES = ("body", "query", "path", "header", "cookie")

#: How an instant is written in a request.
EXPECTED_INSTANT = (
    "expected a time in ISO 8601 with its offset, such as 2027-01-11T14:00:00Z or 2027-01-11T09:00:00-05:00 "
    "(in a URL, + is written %2B)"
)
#: How a day is written in a request.
EXPECTED_DAY = "expected a day such as 2027-01-11"

_WORDS = {
    "missing": "this field is missing",
    "missing_body": "the request has no body",
    "extra_forbidden": "there is no such field",
    "string_type": "expected text",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_parsing_size": "expected a whole number of a usual size",
    "int_from_float": "expected a whole number",
    "float_type": "expected a number",
    "float_parsing": "expected a number",
    "finite_number": "expected a number",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "list_type": "expected a list",
    "tuple_type": "expected a list",
    "set_type": "expected a list",
    "dict_type": "expected an object",
    "model_type": "expected an object",
    "model_attributes_type": "expected an object",
    "timezone_aware": EXPECTED_INSTANT,
    "string_unicode": "expected text without broken characters",
    "datetime_parsing": EXPECTED_INSTANT,
    "datetime_from_date_parsing": EXPECTED_INSTANT,
    "datetime_type": EXPECTED_INSTANT,
    "date_parsing": EXPECTED_DAY,
    "date_from_datetime_parsing": EXPECTED_DAY,
    "date_from_datetime_inexact": EXPECTED_DAY,
    "date_type": EXPECTED_DAY,
}

_TEMPLATES = {
    "string_too_short": "expected at least {min_length} characters",
    "string_too_long": "expected at most {max_length} characters",
    "too_short": "expected at least {min_length} entries",
    "too_long": "expected at most {max_length} entries",
    "greater_than": "expected more than {gt}",
    "greater_than_equal": "expected {ge} or more",
    "less_than": "expected less than {lt}",
    "less_than_equal": "expected {le} or less",
    "literal_error": "expected one of {expected}",
    "enum": "expected one of {expected}",
    "string_pattern_mismatch": "does not have the expected form",
}

#: What the forms of fields are, by the field's name.
_NAME_FORM = "expected lower-case letters, digits, - and _"
_KIND_FORM = "expected a kind's name, see /api/v1/alert-kinds"
_FORMS = {
    "url": "expected a web address such as https://www.example.com/posts/123",
    "server": "expected a server's address such as https://social.example, with nothing after it",
    "slug": _NAME_FORM,
    "account": _NAME_FORM,
    "language": "expected a language's code such as en or es",
    "holiday_country": "expected a country's code such as US",
    "kind": _KIND_FORM,
    "kinds": _KIND_FORM,
}


def field_errors(details: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return `{"field", "message"}` for every error; what was sent is not repeated, for it may be a secret."""
    return [{"field": _field(detail["loc"]), "message": _message(detail)} for detail in details]


def _field(loc: Sequence[str | int]) -> str:
    parts = list(loc)
    if parts and parts[0] in _PLACES:
        parts = parts[1:]
    name = ""
    for part in parts:
        if isinstance(part, int):
            name += f"[{part}]"
        elif part != "[key]":
            name += f".{part}" if name else part
    return name[:200]


def _message(detail: Mapping[str, Any]) -> str:
    kind, context = detail["type"], detail.get("ctx") or {}
    if kind == "missing" and tuple(detail["loc"]) == ("body",):
        kind = "missing_body"
    if kind in ("string_too_short", "too_short") and context.get("min_length") == 1:
        return "this must not be empty"
    if kind == "string_pattern_mismatch":
        names = [part for part in detail["loc"] if isinstance(part, str)]
        return _FORMS.get(names[-1], _TEMPLATES[kind])
    if kind in _WORDS:
        return _WORDS[kind]
    if kind in _TEMPLATES:
        return _TEMPLATES[kind].format(**context)
    if kind == "value_error":
        return str(context.get("error", detail["msg"]))
    message = str(detail["msg"])
    return message.removeprefix("Input should be ").removeprefix("Value error, ")
