"""A pack's plan without a database: what a campaign of it would look like on given accounts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from app.packs.schema import Pack
from app.packs.window import build_window, plan_posts
from app.planning.plan import make_plan
from app.planning.values import Cadence, Plan, PlanAccount

#: The accounts that stand in where a person has none yet; each is a sandbox under the network's own rules.
BUILT_IN_ACCOUNTS = tuple(PlanAccount(slug, slug) for slug in ("x", "bluesky", "mastodon", "threads"))


def plan_pack(
    pack: Pack,
    *,
    year: int,
    now: datetime,
    zone: str | None = None,
    accounts: Sequence[PlanAccount] = BUILT_IN_ACCOUNTS,
    cadence: Cadence | None = None,
) -> Plan:
    """Plan a pack for a year from `now` (aware) on; `zone` is an IANA name, the pack's where it is None.

    Raises:
        InvalidInput: The zone, the year or the cadence cannot be used.
    """
    window = build_window(pack, year=year, zone=zone)
    return make_plan(plan_posts(pack, year), accounts, window, cadence or Cadence(), now=now)
