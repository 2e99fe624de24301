"""A campaign's cadence as people set it, and as planning takes it."""

from __future__ import annotations

from datetime import date, time

from pydantic import BaseModel, ConfigDict, Field

from app.planning.values import Cadence


class CadenceSettings(BaseModel):
    """When posts may go out. Times are wall times in the campaign's zone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    slots: tuple[time, ...] = Field(
        (time(9, 0), time(12, 30), time(16, 0)), min_length=1, max_length=48, description="Preferred times of a day."
    )
    min_gap_minutes: int = Field(60, ge=1, le=1440, description="Minutes between two posts of one account.")
    stagger_minutes: int = Field(5, ge=0, le=120, description="Minutes that set the accounts apart.")
    quiet_from: time = Field(time(21, 0), description="Nothing goes out from here ...")
    quiet_until: time = Field(time(7, 0), description="... until here.")
    weekends_off: bool = Field(False, description="Saturdays and Sundays are days off.")
    holiday_country: str | None = Field(
        None, pattern=r"^[A-Z]{2}$", description="Country whose public holidays are days off, as ISO 3166, such as US."
    )
    days_off: tuple[date, ...] = Field((), max_length=366, description="Further days off.")

    def to_value(self) -> Cadence:
        """Return the cadence as planning takes it."""
        return Cadence(**self.model_dump())
