"""Calendar feeds as requests and answers. An address is shown once, where it is made."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from app.api.schemas.base import Id, Input, Line100, Moment, Output, moment, moment_or_none
from app.models import CalendarFeed

_EXAMPLE: JsonDict = {
    "id": 1,
    "campaign_id": 1,
    "name": "The newsroom's calendar",
    "created_by": "author@agency.example",
    "created": {"utc": "2026-12-01T12:00:00Z", "local": None},
    "used": None,
    "revoked": None,
}


class CalendarFeedCreate(Input):
    """A feed to be made."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "The newsroom's calendar"}, {}]})

    name: Line100 | None = Field(None, description="Whose it is, so that it can be told from others.")


class CalendarFeedOut(Output):
    """A feed, without its address."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: Id
    campaign_id: Id
    name: str
    created_by: str
    created: Moment
    used: Moment | None = Field(description="When a calendar program last asked, to the hour.")
    revoked: Moment | None = Field(description="Since when its address leads nowhere.")


class NewCalendarFeedOut(CalendarFeedOut):
    """A feed as it was made, with its address: it is never shown again."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [_EXAMPLE | {"url": "https://focusweek.agency.example/calendar/SECRET.ics"}]}
    )

    url: str = Field(description="Whoever has it can read the campaign's plan. Give it to a calendar program.")


def feed_values(feed: CalendarFeed) -> dict[str, Any]:
    """Return what is shown of a feed."""
    return {
        "id": feed.id,
        "campaign_id": feed.campaign_id,
        "name": feed.name,
        "created_by": feed.created_by,
        "created": moment(feed.created_at),
        "used": moment_or_none(feed.used_at),
        "revoked": moment_or_none(feed.revoked_at),
    }
