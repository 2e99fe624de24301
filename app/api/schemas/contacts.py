"""Contact facts and fill-ins as requests and answers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from app.api.schemas.base import Input, Line200, Moment, Output, moment
from app.models import Campaign
from app.services.contacts import ContactFactView

_Key = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class Confirmed(Output):
    """Who confirmed a fact, how, and when."""

    by: str
    method: str
    at: Moment


class ContactFactOut(Output):
    """A number, code, page or claim of the hotline."""

    key: str
    name: str
    value: str
    source: str | None = Field(description="Where it is said, if not in the pack's own source.")
    note: str | None
    confirmation: Confirmed | None = Field(description="The confirmation that holds for the present value, or null.")


class ContactFactsOut(Output):
    """All contact facts of a campaign."""

    items: list[ContactFactOut]


class ContactConfirm(Input):
    """A named person called, texted or opened these facts and found them right."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"facts": ["voice"], "by": "Name of the person", "method": "called"}]}
    )

    facts: list[_Key] = Field(min_length=1, max_length=50, description="Keys of the facts.")
    by: Line200 = Field(description="The person's name.")
    method: Literal["called", "texted", "opened", "asked"] = Field(description="How it was confirmed.")


class FillInOut(Output):
    """A bracketed placeholder of the campaign's texts."""

    key: str
    text: str = Field(description="The placeholder as it stands in texts.")
    label: str = Field(description="What to ask a person for.")
    kind: str = Field(description="link, text or number.")
    value: str | None = Field(description="Its value; null while it is open.")


class FillInsOut(Output):
    """All fill-ins of a campaign."""

    items: list[FillInOut]


class FillInsPut(Input):
    """Values of fill-ins by key. Keys that are left out stay; null opens one again."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"values": {"link-to-proclamation": "https://www.example.gov/proclamation"}}]}
    )

    values: dict[_Key, Annotated[str, StringConstraints(max_length=5000)] | None] = Field(
        min_length=1, max_length=200, description="Value by key."
    )


def contact_facts_out(facts: tuple[ContactFactView, ...], campaign: Campaign) -> ContactFactsOut:
    """Return a campaign's contact facts as an answer."""
    return ContactFactsOut(items=[_fact(fact, campaign.time_zone) for fact in facts])


def _fact(fact: ContactFactView, zone: str) -> ContactFactOut:
    row = fact.confirmation
    held = None if row is None else Confirmed(by=row.confirmed_by, method=row.method, at=moment(row.confirmed_at, zone))
    return ContactFactOut(
        key=fact.key, name=fact.name, value=fact.value, source=fact.source, note=fact.note, confirmation=held
    )
