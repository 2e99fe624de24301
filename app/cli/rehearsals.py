"""`focusweek rehearse`: the whole campaign in seconds, through the real engine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from app.bootstrap import rehearsal_stage
from app.cli.lines import write_json_line
from app.cli.options import (
    FillOption,
    JsonOption,
    PackOption,
    YearOption,
    ZoneOption,
    chosen_pack,
    chosen_year,
    fill_ins,
)
from app.cli.own_accounts import own_accounts
from app.clock import utc_text
from app.packs.schema import Pack
from app.services.outlook import BUILT_IN_ACCOUNTS
from app.services.rehearsals import PublishedPost, RehearsalReport
from app.services.rehearsals import rehearse as run_rehearsal


def rehearse(
    year: YearOption = None,
    pack: PackOption = None,
    fill: FillOption = None,
    zone: ZoneOption = None,
    as_json: JsonOption = False,
) -> None:
    """Rehearse a campaign in virtual time: every adapter is a sandbox under its network's limits, no socket is opened.

    Your own accounts are rehearsed where you have some, four built-in ones (x, bluesky, mastodon, threads) otherwise.
    """
    chosen = chosen_pack(pack)
    report = rehearse_with_progress(chosen, chosen_year(chosen, year), fill_ins(fill), zone=zone)
    if as_json:
        write_json_line(report_view(report))
    else:
        print_report(report, chosen, zone)


def rehearse_with_progress(
    pack: Pack, year: int, values: Mapping[str, str], *, zone: str | None = None
) -> RehearsalReport:
    """Rehearse with a progress bar on standard error where that is a terminal."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("Rehearsing"), BarColumn(), MofNCompleteColumn(), console=console, disable=not console.is_terminal
    )
    with bar, rehearsal_stage() as stage:
        task = bar.add_task("", total=None)
        return run_rehearsal(
            stage,
            pack,
            year=year,
            zone=zone,
            fill_ins=values,
            accounts=own_accounts() or BUILT_IN_ACCOUNTS,
            progress=lambda done, planned: bar.update(task, completed=done, total=planned),
        )


def print_report(report: RehearsalReport, pack: Pack, zone: str | None = None) -> None:
    """Print what went out and when, by week and account, and everything that was held back with its reason."""
    # Reasons and posts stay on lines of their own, however narrow the terminal is said to be.
    console = Console(soft_wrap=True, highlight=False)
    _print_what_went_out(console, report, ZoneInfo(zone or pack.time_zone))
    accounts = sorted({published.account for published in report.published})
    table = Table(title=f"{pack.title} {report.year}: {len(report.published)} of {report.planned} deliveries went out")
    table.add_column("Focus week", overflow="fold")
    for account in accounts:
        table.add_column(account, justify="right")
    for week in pack.weeks:
        counts = [sum(p.week == week.number and p.account == a for p in report.published) for a in accounts]
        table.add_row(f"{week.number} {week.title}", *map(str, counts))
    Console().print(table)
    threads = sum(len(published.parts) > 1 for published in report.published)
    if threads:
        console.print(f"{threads} went out as threads, the mention whole in the first part.")
    _print_what_was_held_back(console, report)


def _print_what_went_out(console: Console, report: RehearsalReport, zone: ZoneInfo) -> None:
    """Print a line for each occurrence of a post: its first moment, its key, and the accounts it went out on."""
    occurrences: dict[tuple[str, date], list[PublishedPost]] = {}
    for published in report.published:
        day = published.at.astimezone(zone).date()
        occurrences.setdefault((published.post, day), []).append(published)
    for (post, _), out in sorted(occurrences.items(), key=lambda item: item[1][0].at):
        names = ", ".join(f"{p.account} ({len(p.parts)} parts)" if len(p.parts) > 1 else p.account for p in out)
        console.print(f"  {out[0].at.astimezone(zone):%a %d %b %H:%M}  {post}: {names}", markup=False)
    console.print()


def _print_what_was_held_back(console: Console, report: RehearsalReport) -> None:
    for left_out in report.left_out:
        where = f" on {left_out.account}" if left_out.account else ""
        console.print(f"  left out: {left_out.post}{where}: {left_out.reason}", markup=False)
    if not report.held_back:
        console.print("Nothing was held back.")
        return
    console.print(f"\n{len(report.held_back)} held back:")
    reasons: dict[tuple[str, str, str], list[str]] = {}
    for held in report.held_back:
        reasons.setdefault((held.post, held.state, held.reason), []).append(held.account)
    for (post, state, reason), on in reasons.items():
        console.print(f"  {post} on {', '.join(on)} ({state}): {reason}", markup=False)


def report_view(report: RehearsalReport) -> dict[str, Any]:
    """Return a report as the JSON that `--json` writes."""
    view: dict[str, Any] = {
        "planned": report.planned,
        "by_state": dict(report.by_state),
        "published": [
            {
                "post": p.post,
                "account": p.account,
                "platform": p.platform,
                "week": p.week,
                "at": utc_text(p.at),
                "parts": [{"text": text, "length": length} for text, length in p.parts],
            }
            for p in report.published
        ],
        "held_back": [
            {"post": h.post, "account": h.account, "state": h.state, "reason": h.reason} for h in report.held_back
        ],
    }
    if report.left_out:
        view["left_out"] = [{"post": o.post, "account": o.account, "reason": o.reason} for o in report.left_out]
    return view


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(rehearse)
