"""`focusweek plan`: when every post of a pack would go out."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from app.cli.lines import write_json_line
from app.cli.options import JsonOption, PackOption, YearOption, ZoneOption, chosen_pack, chosen_year
from app.clock import SystemClock, utc_text
from app.planning.values import Plan, Planned
from app.services.outlook import plan_pack


def plan(
    year: YearOption = None,
    pack: PackOption = None,
    zone: ZoneOption = None,
    as_json: JsonOption = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing of what does not fit.")] = False,
) -> None:
    """Plan a pack's year on the four built-in sandbox accounts, from now on. Nothing is written."""
    chosen = chosen_pack(pack)
    found = plan_pack(chosen, year=chosen_year(chosen, year), zone=zone, now=SystemClock().now())
    if as_json:
        for planned in found.placed:
            write_json_line(_view(planned))
    else:
        _table(found)
    if not quiet:
        _say_unplaced(found)


def _view(planned: Planned) -> dict[str, object]:
    return {
        "post": planned.post,
        "account": planned.account,
        "platform": planned.platform,
        "week": planned.week,
        "local": planned.local.isoformat(),
        "utc": utc_text(planned.utc),
    }


def _table(found: Plan) -> None:
    table = Table(title=f"{len(found.placed)} deliveries")
    for heading in ("When", "Week", "Account", "Post"):
        # Folded and not cut: a name that is cut cannot be looked for.
        table.add_column(heading, overflow="fold")
    for planned in found.placed:
        table.add_row(f"{planned.local:%a %d %b %H:%M}", str(planned.week), planned.account, planned.post)
    Console().print(table)


def _say_unplaced(found: Plan) -> None:
    console = Console(stderr=True, soft_wrap=True)
    for unplaced in found.unplaced:
        choices = f" Choices: {'; '.join(unplaced.choices)}." if unplaced.choices else ""
        console.print(f"not planned: {unplaced.post} on {unplaced.account}: {unplaced.message}{choices}", markup=False)
    for left_out in found.left_out:
        on = f" on {left_out.account}" if left_out.account else ""
        console.print(f"left out: {left_out.post}{on}: {left_out.reason}", markup=False)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(plan)
