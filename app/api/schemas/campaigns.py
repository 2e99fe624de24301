"""Campaigns as requests and answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from app.api.schemas.base import Day, Flag, Id, Input, Line200, Output, SlugName, Whole
from app.api.schemas.pauses import PauseOut, pause_out
from app.models import Campaign
from app.packs.schema.base import Code
from app.packs.window import FIRST_YEAR, LAST_YEAR
from app.planning.values import Window
from app.policy.finding import Level
from app.services.cadences import CadenceSettings
from app.services.pauses import PauseView


def _wall_time(value: time) -> time:
    if value.tzinfo is not None:
        raise PydanticCustomError("wall_time", "expected a wall time such as 09:00, without an offset")
    return value.replace(microsecond=0)


#: JSON Schema's own `time` carries an offset, which a wall time has not.
_WALL_TIME_SCHEMA = WithJsonSchema({"type": "string", "pattern": r"^\d{2}:\d{2}(:\d{2})?$", "examples": ["09:00"]})
_WallTime = Annotated[time, AfterValidator(_wall_time), _WALL_TIME_SCHEMA]
_WallTimeOut = Annotated[time, PlainSerializer(lambda value: value.strftime("%H:%M")), _WALL_TIME_SCHEMA]


class CadenceChanges(Input):
    """What changes of a cadence; what is left out stays. Times are wall times in the campaign's zone."""

    slots: list[_WallTime] | None = Field(None, min_length=1, max_length=48, description="Preferred times of a day.")
    min_gap_minutes: Whole | None = Field(None, ge=1, le=1440, description="Minutes between two posts of one account.")
    stagger_minutes: Whole | None = Field(None, ge=0, le=120, description="Minutes that set the accounts apart.")
    quiet_from: _WallTime | None = Field(None, description="Nothing goes out from here ...")
    quiet_until: _WallTime | None = Field(None, description="... until here.")
    weekends_off: Flag | None = Field(None, description="Whether weekends are days off.")
    holiday_country: str | None = Field(
        None, pattern=r"^[A-Z]{2}$", description="Country (ISO 3166) whose public holidays are days off; null for none."
    )
    days_off: list[Day] | None = Field(None, max_length=366, description="Further days off.")

    def changes(self) -> dict[str, Any]:
        """Return what was given, as the cadence keeps it; null stands for "as before" except for the country."""
        given = self.model_dump(mode="json", exclude_unset=True)
        return {name: value for name, value in given.items() if value is not None or name == "holiday_country"}


class CadenceOut(Output):
    """When posts may go out. Times are wall times in the campaign's zone."""

    slots: list[_WallTimeOut] = Field(description="Preferred times of a day.")
    min_gap_minutes: int = Field(description="Minutes between two posts of one account.")
    stagger_minutes: int = Field(description="Minutes that set the accounts apart.")
    quiet_from: _WallTimeOut = Field(description="Nothing goes out from here ...")
    quiet_until: _WallTimeOut = Field(description="... until here.")
    weekends_off: bool = Field(description="Whether weekends are days off.")
    holiday_country: str | None = Field(description="Country (ISO 3166) whose public holidays are days off.")
    days_off: list[date] = Field(description="Further days off.")


class CampaignCreate(Input):
    """A campaign to be made of a pack: one that comes with Focusweek, or one sent along."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"pack": "hhs-htpm-2023", "year": 2027},
                {"pack_document": "schema_version: 1\nkey: my-observance\n...", "slug": "my-observance-2027"},
            ]
        }
    )

    pack: str | None = Field(
        None, max_length=80, description="Key of a bundled pack; `hhs-htpm-2023` where no pack is named at all."
    )
    pack_document: str | dict[str, Any] | None = Field(
        None, description="A whole pack: YAML or JSON as text, or JSON as an object."
    )
    year: Whole | None = Field(
        None, ge=FIRST_YEAR, le=LAST_YEAR, description="The campaign's year; without it the next window not yet over."
    )
    slug: SlugName | None = Field(None, description="Stable name; made of the pack's key and the year if left out.")
    name: Line200 | None = Field(None, description="Name for people.")
    time_zone: str | None = Field(None, max_length=64, description="IANA zone; the pack's if left out.")

    @model_validator(mode="after")
    def _one_pack(self) -> CampaignCreate:
        if self.pack is not None and self.pack_document is not None:
            raise PydanticCustomError("pack", "give either pack or pack_document, not both")
        return self


class CampaignChange(Input):
    """What changes of a campaign; what is left out stays."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"cadence": {"slots": ["09:00", "16:00"], "weekends_off": True}, "lateness_minutes": 90},
                {"levels": {"language.victim": "error"}},
            ]
        }
    )

    name: Line200 = Field("", description="Name for people.")
    cadence: CadenceChanges = Field(CadenceChanges(), description="When posts may go out.")
    lateness_minutes: Whole = Field(
        60, ge=1, le=10_080, description="A post this many minutes late is missed instead of sent."
    )
    levels: dict[Code, Level] = Field(
        default={}, max_length=100, description="Rules whose level differs from the pack's, all of them, by code."
    )

    def changes(self, campaign: Campaign) -> dict[str, Any]:
        """Return what was given, the cadence put together with the present one."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        if "cadence" in given:
            merged = {**campaign.cadence, **self.cadence.changes()}
            given["cadence"] = CadenceSettings.model_validate(merged).model_dump(mode="json")
        if "levels" in given:
            given["levels"] = {code: level.value for code, level in self.levels.items()}
        return given


class WeekOut(Output):
    """A focus week in this campaign's year."""

    number: int
    title: str
    starts_on: date
    ends_on: date = Field(description="Included.")


class WindowOut(Output):
    """The campaign's days."""

    starts_on: date
    ends_on: date = Field(description="Included.")
    time_zone: str = Field(description="IANA zone that days and local times are in.")
    weeks: list[WeekOut]


class CampaignBrief(Output):
    """A campaign in a list."""

    id: Id
    slug: str
    name: str
    pack_key: str
    pack_version: str
    year: int
    starts_on: date
    ends_on: date
    time_zone: str


class CampaignOut(CampaignBrief):
    """A campaign with all that is set for it and what is open."""

    window: WindowOut
    cadence: CadenceOut
    lateness_minutes: int
    levels: dict[str, str] = Field(description="Rules whose level differs from the pack's.")
    version: int = Field(description="Rises with every change.")
    pauses: list[PauseOut] = Field(
        description="Those in force that touch it, those of the organization, the instance and its accounts included."
    )
    posts: int = Field(description="How many posts it has.")
    deliveries: dict[str, int] = Field(
        description="How many deliveries stand in each state.", examples=[{"scheduled": 138}]
    )
    open_contact_facts: list[str] = Field(
        description="Keys of contact facts that nobody has confirmed; real accounts wait for them."
    )
    open_fill_ins: list[str] = Field(description="Keys of fill-ins without a value; posts with them are held back.")


def campaign_brief(campaign: Campaign) -> CampaignBrief:
    """Return a campaign as a list shows it."""
    return CampaignBrief.model_validate(campaign, from_attributes=True)


def campaign_out(
    campaign: Campaign,
    window: Window,
    *,
    pauses: Sequence[PauseView],
    posts: int,
    deliveries: dict[str, int],
    open_contact_facts: list[str],
    open_fill_ins: list[str],
) -> CampaignOut:
    """Return a campaign as its own page shows it."""
    return CampaignOut(
        **campaign_brief(campaign).model_dump(),
        window=WindowOut(
            starts_on=window.starts_on,
            ends_on=window.ends_on,
            time_zone=campaign.time_zone,
            weeks=[WeekOut.model_validate(week, from_attributes=True) for week in window.weeks],
        ),
        cadence=CadenceOut.model_validate(CadenceSettings.model_validate(campaign.cadence), from_attributes=True),
        lateness_minutes=campaign.lateness_minutes,
        levels={code: str(level) for code, level in campaign.levels.items()},
        version=campaign.version,
        pauses=[pause_out(pause, campaign.time_zone) for pause in pauses],
        posts=posts,
        deliveries=deliveries,
        open_contact_facts=open_contact_facts,
        open_fill_ins=open_fill_ins,
    )
