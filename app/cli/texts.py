"""`focusweek check` and `focusweek measure`: JSON lines in, JSON lines out."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.lines import read_text_lines, standard_input, write_json_line
from app.cli.options import PackOption, PlatformOption, YearOption, chosen_pack, chosen_year
from app.packs.policy import build_policy
from app.platforms.registry import network
from app.policy.evaluate import evaluate
from app.policy.facts import Facts
from app.text.counting import measure as measure_text


def check(
    pack: PackOption = None,
    platform: Annotated[
        str | None, typer.Option("--platform", help="Apply a network's length and rules as well.")
    ] = None,
    year: YearOption = None,
) -> None:
    """Check texts as they stand, nothing added. Reads {"id","text"} lines, writes a verdict for each.

    Without --platform no length rule applies, and a hashtag counts if any network links it.
    """
    profile = network(platform).profile if platform is not None else None
    chosen = chosen_pack(pack)
    policy = build_policy(chosen, year=chosen_year(chosen, year))
    for line in read_text_lines(standard_input()):
        facts = Facts(line.text, language=line.language or policy.language, profile=profile)
        verdict = evaluate(facts, policy)
        write_json_line(
            {
                "id": line.id,
                "sendable": verdict.sendable,
                "findings": [finding.as_json() for finding in verdict.findings],
            }
        )


def measure(platform: PlatformOption) -> None:
    """Measure texts as a network counts them. Reads {"id","text"} lines, writes length, limit, fits and hashtags."""
    profile = network(platform).profile
    for line in read_text_lines(standard_input()):
        measured = measure_text(line.text, profile)
        write_json_line(
            {
                "id": line.id,
                "length": measured.length,
                "limit": measured.limit,
                "fits": measured.fits,
                "hashtags": list(measured.hashtags),
            }
        )


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(check)
    app.command()(measure)
