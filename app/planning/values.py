"""What planning takes and gives. Local times are wall times in the campaign's zone; instants are aware, UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class WeekSpan:
    """A focus week as dates of one year, both ends included."""

    number: int
    title: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class Window:
    """A campaign's days in one year, both ends included, in its zone."""

    starts_on: date
    ends_on: date
    zone: ZoneInfo
    weeks: tuple[WeekSpan, ...]


@dataclass(frozen=True, slots=True)
class Cadence:
    """When posts may go out.

    `slots` are the preferred times of a day; `min_gap_minutes` stands between two deliveries of one account;
    `stagger_minutes` sets the accounts apart from one another; nothing is placed in the quiet hours
    (`quiet_from` to `quiet_until`, which may span midnight), nor on days off, pins excepted.
    `holiday_country` is an ISO 3166 code whose federal or national holidays are days off, or None; it also says which
    days its weekend has (Saturday and Sunday without it). Equal quiet times mean that there are no quiet hours.
    """

    slots: tuple[time, ...] = (time(9, 0), time(12, 30), time(16, 0))
    min_gap_minutes: int = 60
    stagger_minutes: int = 5
    quiet_from: time = time(21, 0)
    quiet_until: time = time(7, 0)
    weekends_off: bool = False
    holiday_country: str | None = None
    days_off: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanPost:
    """A post to place.

    `accounts` and `platforms` say what it is for (None: every one); `left_out` is the reason that it is not planned at
    all. `pins` are dates in the window; each pin is one occurrence. `at` (aware) is the moment that a person has given
    it: there it stands, whatever its week, the cadence and the quiet hours say.
    """

    key: str
    week: int
    pins: tuple[date, ...] = ()
    accounts: frozenset[str] | None = None
    platforms: frozenset[str] | None = None
    left_out: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PlanAccount:
    """An account to plan for; `min_gap_minutes` overrides the cadence's."""

    slug: str
    platform: str
    min_gap_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Existing:
    """A delivery that is there already. One that is not `movable` keeps its time and takes up its place.

    A `cancelled` one takes up no place; as the same occurrence is never made twice, the plan leaves it out.
    """

    post: str
    account: str
    occurrence: str
    due_at: datetime
    movable: bool
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """One delivery to be: `local` is aware in the campaign's zone, `utc` the same instant in UTC.

    `occurrence` is `week` for a post planned into its week, or at a moment of its own, and the pin's ISO date
    (`2027-01-11`) for a pin.
    """

    post: str
    account: str
    platform: str
    week: int
    occurrence: str
    local: datetime
    utc: datetime


@dataclass(frozen=True, slots=True)
class Unplaced:
    """What does not fit, why (`reason` is a stable code), and what a person can do about it."""

    post: str
    account: str
    platform: str
    week: int
    occurrence: str
    reason: str
    message: str
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A post (or a post on one account, or one occurrence of it) that is meant for no delivery, with the reason."""

    post: str
    account: str | None
    reason: str
    occurrence: str | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many deliveries stand in a week, on a day and for an account; every combination is listed, zeros too.

    A delivery counts for its post's own week, and for the local day on which it goes out. `gaps` are the accounts and
    days of the focus weeks that have nothing although they are no days off.
    """

    by_week: tuple[tuple[int, int], ...]
    by_day: tuple[tuple[date, int], ...]
    by_account: tuple[tuple[str, int], ...]
    by_account_and_week: tuple[tuple[str, int, int], ...]
    gaps: tuple[tuple[str, date], ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole plan, deterministic for the same input. `digest` is of everything placed, unplaced and left out.

    `placed` holds what is there already and stays as well as what is new, in the order of time. `superfluous` are the
    deliveries that are there and that nothing asks for any more: a removed post, account or pin.
    """

    placed: tuple[Planned, ...]
    unplaced: tuple[Unplaced, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    coverage: Coverage = field(default_factory=lambda: Coverage((), (), (), ()))
    digest: str = ""
    superfluous: tuple[Existing, ...] = ()
