"""The helpline: the facts that a person confirms each year, and that mentions are checked against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from app.packs.schema.base import Drafted, Host, Key, LanguageTag, Line, PackModel, Text, WebAddress, refuse

#: ITU-T E.164 allows fifteen digits; short codes have three or more.
_MOST_DIGITS = 15
_FEWEST_DIGITS = 3


def digits_of(number: str) -> str:
    """Return the ASCII digits of a number as it is written."""
    return "".join(c for c in number if "0" <= c <= "9")


def _number(value: str) -> str:
    if not _FEWEST_DIGITS <= len(digits_of(value)) <= _MOST_DIGITS or not all(c in "0123456789+-.() " for c in value):
        raise refuse(f"expected a telephone number of {_FEWEST_DIGITS} to {_MOST_DIGITS} digits, found {value!r}")
    return value


#: A telephone number or short code, kept as written.
Number = Annotated[str, AfterValidator(_number)]


@dataclass(frozen=True, slots=True)
class ContactFact:
    """One fact to confirm: its key within the pack, what it is called, its value and where it comes from."""

    key: str
    name: str
    value: str
    source: str | None
    note: str | None


class Provenance(Drafted):
    """Where a fact comes from."""

    source: Line | None = Field(None, description="Heading or page that the fact is printed under.")
    note: Text | None = Field(None, description="What a person should know before confirming it.")


class Fact(Provenance):
    """A telephone number of the helpline, such as its voice line."""

    value: Number = Field(description="The number as the issuer prints it.")


class VoiceFact(Fact):
    """The number to call."""

    verbs: dict[LanguageTag, tuple[Line, ...]] = Field(
        default={"en": ("call", "calls", "calling", "dial", "phone", "ring")},
        description="Words by language that ask for a call; the text line's number behind one is a slip.",
    )


class ChatFact(Provenance):
    """The helpline's live chat."""

    value: WebAddress = Field(description="Address of the page that opens the chat.")


class TextLineFact(Provenance):
    """A number that one sends a text message to."""

    value: Number = Field(description="The number to text.")
    keyword: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{2,20}$")] | None = Field(
        None, description="Word that can be texted to or in place of the number."
    )
    verbs: dict[LanguageTag, tuple[Line, ...]] = Field(
        default={"en": ("text", "texts", "texting", "sms")},
        description="Words by language after which the number or keyword counts as a mention.",
    )


class WebsiteFact(Provenance):
    """The helpline's website, and which of its pages count as a mention."""

    value: Host = Field(description="Host name, without `www.`.")
    paths: tuple[Annotated[str, StringConstraints(pattern=r"^[^\s?#]*$", max_length=200)], ...] = Field(
        default=("",), description="Pages that count as a mention; an empty text is the home page."
    )
    languages: tuple[LanguageTag, ...] = Field(
        default=(), description="Language parts that may stand before a page, such as `es` in `/es/chat`."
    )


class Claim(Provenance):
    """Something the issuer says of the helpline, such as its hours."""

    key: Key = Field(description="Stable name of the claim.")
    value: Line = Field(description="The claim in the issuer's words.")


class GoodNumber(PackModel):
    """Another helpline's number, which is never taken for a slip in this one's."""

    number: Number = Field(description="The number as it is written.")
    name: Line = Field(description="Whose number it is.")


class Contact(Drafted):
    """The helpline. At least one of voice, text line and website must be there."""

    name: Line = Field(description="The helpline's name.")
    country_code: Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,2}$")] = Field(
        "1", description="Country code of its numbers, digits only."
    )
    voice: VoiceFact | None = Field(None, description="The number to call.")
    text_line: TextLineFact | None = Field(None, description="The number to text.")
    chat: ChatFact | None = Field(None, description="The live chat.")
    website: WebsiteFact | None = Field(None, description="The website.")
    tty: Fact | None = Field(None, description="The number for TTY users.")
    claims: tuple[Claim, ...] = Field((), description="What the issuer says of the helpline.")
    other_good_numbers: tuple[GoodNumber, ...] = Field((), description="Other helplines' numbers that posts may carry.")

    @model_validator(mode="after")
    def _can_be_reached(self) -> Contact:
        if not (self.voice or self.text_line or self.website):
            raise refuse("expected at least one of `voice`, `text_line` and `website`, found none")
        return self

    @property
    def facts(self) -> tuple[ContactFact, ...]:
        """Every fact that a person confirms before the campaign goes live, in the order of the schema."""
        text = self.text_line
        text_value = f"{text.value} ({text.keyword})" if text and text.keyword else text.value if text else ""
        found: list[tuple[str, str, str, Provenance | None]] = [
            ("voice", "Voice line", self.voice.value if self.voice else "", self.voice),
            ("text-line", "Text line", text_value, text),
            ("chat", "Live chat", self.chat.value if self.chat else "", self.chat),
            ("website", "Website", self.website.value if self.website else "", self.website),
            ("tty", "TTY", self.tty.value if self.tty else "", self.tty),
            *((claim.key, claim.key.replace("-", " ").capitalize(), claim.value, claim) for claim in self.claims),
        ]
        return tuple(
            ContactFact(key, name, value, origin.source, origin.note) for key, name, value, origin in found if origin
        )
