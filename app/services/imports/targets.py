"""What a file is read and judged for: a campaign, or, before there is one, the bundled pack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.composing.values import Voice
from app.errors import InvalidInput
from app.models import Campaign
from app.packs.bundled import default_pack
from app.packs.sheets.values import DateOrder, ImportTarget, ReadOptions
from app.packs.window import build_window, default_year
from app.platforms.registry import NETWORKS
from app.services.accounts import accounts_of
from app.services.campaigns import window_of
from app.services.scope import Scope
from app.services.voices import pack_of, voice_for, voice_of


@dataclass(frozen=True, slots=True)
class Ground:
    """The campaign's days and accounts, its rules, and the networks that it posts to."""

    target: ImportTarget
    voice: Voice
    platforms: tuple[str, ...]
    campaign_id: int | None = None


def ground_of(scope: Scope, campaign: Campaign) -> Ground:
    """Return what files for a campaign are read and judged for; with no account yet, every network counts."""
    accounts = accounts_of(scope)
    platforms = sorted({account.platform for account in accounts if account.state != "disconnected"})
    target = ImportTarget(
        window_of(campaign), pack_of(campaign).language, scope.now, frozenset(account.slug for account in accounts)
    )
    return Ground(target, voice_of(scope.session, campaign), tuple(platforms or NETWORKS), campaign.id)


def bundled_ground(now: datetime) -> Ground:
    """Return the bundled pack in its next year, for looking at a file before there is a campaign."""
    pack = default_pack()
    year = default_year(pack, now)
    target = ImportTarget(build_window(pack, year=year), pack.language, now)
    return Ground(target, voice_for(pack, year, {}, {}), tuple(NETWORKS))


def read_options(options: Mapping[str, Any]) -> ReadOptions:
    """Return options as they are kept with a run (format, dates, columns) as reading takes them.

    Raises:
        InvalidInput: The order of dates is none.
    """
    dates = options.get("dates")
    if dates is not None and dates not in set(DateOrder):
        raise InvalidInput(f"{dates!r} is no order of dates.", hint=f"Say one of: {', '.join(DateOrder)}.")
    return ReadOptions(options.get("format"), None if dates is None else DateOrder(dates), options.get("columns"))
