"""What all parts of a pack share: the base model, and the small kinds of text that fields are made of."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_MONTH_DAY = re.compile(r"[0-9]{2}-[0-9]{2}")
#: Any leap year: a month-day is a real one when it exists in it.
_LEAP_YEAR = 2000


class PackModel(BaseModel):
    """A part of a pack: closed to unknown fields, and never changed once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


class Drafted(PackModel):
    """A part that a draft may hold: found in a toolkit by machine, and of no use until a person has confirmed it.

    Both fields are about the file and no part of the campaign: they are never stored.
    """

    confirmed: bool = Field(
        True, exclude=True, description="False for what a machine has found in a toolkit and no person has confirmed."
    )
    drawn_from: str | None = Field(
        None, exclude=True, max_length=1000, description="Where in the toolkit a machine has found it."
    )


def refuse(message: str) -> PydanticCustomError:
    """Return an error whose message is already in plain words for the pack's author."""
    # Pydantic formats the template; a brace that the author wrote must not be taken for a field of it.
    return PydanticCustomError("pack", "{message}", {"message": message})


def _no_control_characters(text: str) -> str:
    if found := _CONTROL.search(text):
        raise refuse(
            f"expected text without control characters, found U+{ord(found[0]):04X} at character {found.start() + 1}"
        )
    return text


def _not_blank(text: str) -> str:
    if not text.strip():
        raise refuse("expected some text, found none")
    return text


def _one_line(text: str) -> str:
    if "\n" in text or "\r" in text:
        raise refuse("expected a single line, found a line break")
    return text


def _without_mark(value: object) -> object:
    if isinstance(value, str) and value[:1] in {"#", "＃"}:
        return value[1:]
    return value


def _hashtag(word: str) -> str:
    if not re.fullmatch(r"\w+", word) or not any(c.isalpha() for c in word):
        raise refuse(f"expected a hashtag of letters, digits and underscores with at least one letter, found {word!r}")
    return unicodedata.normalize("NFC", word)


def _without_at(value: object) -> object:
    if isinstance(value, str) and value[:1] in {"@", "＠"}:
        return value[1:]
    return value


def _month_day(value: str) -> str:
    if _MONTH_DAY.fullmatch(value):
        try:
            date(_LEAP_YEAR, int(value[:2]), int(value[3:]))
        except ValueError:
            pass
        else:
            return value
    raise refuse(f"expected a day as MM-DD, such as 01-31, found {value!r}")


#: Text of one or more lines, kept exactly.
Text = Annotated[str, AfterValidator(_not_blank), AfterValidator(_no_control_characters)]
#: Text on one line.
Line = Annotated[Text, AfterValidator(_one_line), StringConstraints(max_length=1000)]
#: A stable name in kebab-case: lower-case letters, digits and single hyphens.
Key = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=100), AfterValidator(_one_line)
]
#: A rule's or claim's code: lower-case words joined by dots and underscores.
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+$", max_length=80)]
#: A network's slug, such as `x` or `bluesky`.
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$", max_length=60)]
#: An account's slug, such as `our-mastodon`.
AccountSlug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=64)]
#: A BCP 47 language tag, such as `en` or `es-US`.
LANGUAGE_TAG = r"^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$"
LanguageTag = Annotated[str, StringConstraints(pattern=LANGUAGE_TAG, max_length=35)]
#: A day of any year as MM-DD. `02-29` is the last day of February in a year without it.
MonthDay = Annotated[str, AfterValidator(_month_day)]
#: A hashtag, held without its `#`.
HashtagWord = Annotated[
    str, BeforeValidator(_without_mark), AfterValidator(_hashtag), StringConstraints(max_length=100)
]
#: A handle, held without its `@`.
HandleName = Annotated[
    str,
    BeforeValidator(_without_at),
    StringConstraints(pattern=r"^[A-Za-z0-9_](?:[A-Za-z0-9_.@-]*[A-Za-z0-9_])?$", max_length=253),
]
#: A web address with its scheme.
WebAddress = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/?#]+\S*$", max_length=2000)]
#: A host name without scheme, path and port.
Host = Annotated[
    str,
    StringConstraints(
        pattern=r"^(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]$", max_length=253
    ),
]
