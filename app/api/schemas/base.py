"""What all schemas share: closed input that can be stored, times in two forms, and pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Annotated, Any, ClassVar, Generic, TypeVar
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from app.api.plain_words import EXPECTED_DAY, EXPECTED_INSTANT
from app.clock import utc_text
from app.policy.finding import Finding

T = TypeVar("T")

#: A whole number, and nothing that only looks like it, such as "7" or true.
Whole = Annotated[int, Strict()]
#: Row ids: what a 64-bit column holds.
Id = Annotated[Whole, Field(ge=1, le=2**63 - 1)]
#: A focus week's number.
WeekNumber = Annotated[Whole, Field(ge=1, le=99)]
#: Yes or no, and nothing that only looks like it, such as 0 or "no".
Flag = Annotated[bool, Strict()]
#: A stable name of a campaign or account.
SlugName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=64)]


def _one_line(text: str) -> str:
    if any(letter in "\r\n\u2028\u2029" or (ord(letter) < 32 or 127 <= ord(letter) < 160) for letter in text):  # noqa: PLR2004 - control characters
        raise PydanticCustomError("line", "expected one line of text without control characters")
    if any(letter in _TURNING for letter in text):
        raise PydanticCustomError("line", "expected text without characters that turn the direction of what follows")
    return text


_ONE_LINE = AfterValidator(_one_line)
#: One line of text with something in it, stripped, of at most so many characters.
Line100 = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), _ONE_LINE]
Line200 = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), _ONE_LINE]
Line500 = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), _ONE_LINE]
Line1000 = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000), _ONE_LINE]
Line2000 = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), _ONE_LINE]

#: Bidirectional embeddings, overrides and isolates: in a name they rearrange the rest of the page's line.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _iso_only(value: object) -> object:
    # Pydantic would also take seconds since 1970, which nobody means here.
    if not isinstance(value, str) or value.strip().lstrip("+-").replace(".", "").isdigit():
        raise PydanticCustomError("instant", EXPECTED_INSTANT)
    return value.strip()


def _with_offset(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise PydanticCustomError("instant", f"{EXPECTED_INSTANT}; this one has no offset, so its instant is unknown")
    if not 1970 < value.year < 9999:  # noqa: PLR2004 - beyond, offsets overflow
        raise PydanticCustomError("instant", "expected a year between 1971 and 9998")
    return value.astimezone(UTC)


def _words_only(value: object) -> object:
    if not isinstance(value, str) or value.strip().lstrip("+-").replace(".", "").isdigit():
        raise PydanticCustomError("day", EXPECTED_DAY)
    return value


#: A day as clients send it.
Day = Annotated[date, BeforeValidator(_words_only)]
#: An aware instant as clients send it.
Instant = Annotated[datetime, BeforeValidator(_iso_only), AfterValidator(_with_offset)]


class Input(BaseModel):
    """A request's body: closed to unknown fields, and to text that no database keeps."""

    model_config = ConfigDict(extra="forbid")

    #: Whether the text is kept; what is only looked at may hold anything but broken characters.
    kept: ClassVar[bool] = True

    @model_validator(mode="before")
    @classmethod
    def _only_whole_text(cls, data: Any) -> Any:  # noqa: ANN401 - whatever the JSON holds
        for text in _texts_in(data):
            if cls.kept and "\0" in text:
                raise PydanticCustomError("text", "expected text without the NUL character (\\u0000)")
            if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
                raise PydanticCustomError("text", "expected whole characters, found half of a surrogate pair")
        return data


def _texts_in(data: Any) -> Iterator[str]:  # noqa: ANN401 - as above
    waiting = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            waiting.extend(value)
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


class Output(BaseModel):
    """An answer's body."""

    model_config = ConfigDict(frozen=True)


class Moment(Output):
    """An instant, twice: in UTC, and on the wall clock of the campaign's zone."""

    utc: str = Field(description="ISO 8601, ending in Z.", examples=["2027-01-11T14:00:00Z"])
    local: str | None = Field(
        description="ISO 8601 with offset in the campaign's zone; null where no campaign is known.",
        examples=["2027-01-11T09:00:00-05:00"],
    )


def moment(instant: datetime, zone: ZoneInfo | str | None = None) -> Moment:
    """Return an aware instant in both forms."""
    zone = ZoneInfo(zone) if isinstance(zone, str) else zone
    return Moment(utc=utc_text(instant), local=instant.astimezone(zone).isoformat() if zone else None)


def moment_or_none(instant: datetime | None, zone: ZoneInfo | str | None = None) -> Moment | None:
    """Return an instant in both forms, or None."""
    return None if instant is None else moment(instant, zone)


class PartOut(Output):
    """One message exactly as it goes out."""

    text: str = Field(description="The exact text.")
    length: int = Field(description="Its length in the network's own count.")


class FindingOut(Output):
    """One thing a rule says of a text."""

    code: str = Field(description="The rule's code.", examples=["mention.missing"])
    level: str = Field(description="error blocks sending; warning and note do not.", examples=["error"])
    span: tuple[int, int] = Field(description="Half-open, in Unicode code points of the text.", examples=[[0, 12]])
    message: str = Field(description="What is found, for the writer.")
    suggestion: str | None = Field(description="What to write or do instead.")


def finding_out(finding: Finding) -> FindingOut:
    """Return a finding as an answer."""
    return FindingOut(
        code=finding.code,
        level=finding.level.value,
        span=finding.span,
        message=finding.message,
        suggestion=finding.suggestion,
    )


class PageOut(Output, Generic[T]):
    """One page of a list."""

    items: list[T] = Field(description="The rows of this page.")
    next_cursor: str | None = Field(description="Give it as `cursor` for the next page; null at the end.")
