"""`focusweek export`: a campaign as a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.bootstrap import open_house
from app.cli.lines import write_json_line
from app.cli.options import JsonOption
from app.cli.own_campaigns import CampaignOption, chosen_campaign
from app.clock import utc_text
from app.errors import InvalidInput
from app.services.exports import Export, ExportFormat, export_campaign, note_export
from app.settings import read_settings


def export(
    form: Annotated[
        ExportFormat, typer.Option("--format", help="pack (YAML), json, csv, xlsx; buffer, hootsuite: what is planned.")
    ],
    campaign: CampaignOption = None,
    account: Annotated[
        str | None, typer.Option("--account", help="For buffer and hootsuite: the account's slug.")
    ] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="The file; standard output without it.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Write a campaign as a file. What the file cannot hold is told of, post by post.

    What is exported for another scheduler still goes out from here: pause the account once you have the file.
    """
    if as_json and output is None:
        raise InvalidInput("Both the file and the JSON would go to standard output.", hint="Give -o FILE as well.")
    house = open_house(read_settings())
    try:
        with house.write() as scope:
            chosen = chosen_campaign(scope, campaign)
            made = export_campaign(scope, house.platforms, chosen, form, account=account)
            # Written before it goes on record: what could not be written was not exported.
            _write(made, output)
            note_export(scope, chosen, form, made)
    finally:
        house.close()
    _tell(made, output, as_json=as_json)


def _write(made: Export, output: Path | None) -> None:
    if output is None:
        sys.stdout.buffer.write(made.content)
        sys.stdout.buffer.flush()
    else:
        output.write_bytes(made.content)


def _tell(made: Export, output: Path | None, *, as_json: bool) -> None:
    if as_json:
        left = [
            {
                "post": one.post,
                "due": None if one.at is None else utc_text(one.at),
                "why": one.why,
                "in_file": one.moved,
            }
            for one in made.left
        ]
        write_json_line({"file": str(output), "rows": made.rows, "not_exported": left})
        return
    for one in made.left:
        due = "" if one.at is None else f" ({utc_text(one.at)})"
        typer.echo(f"focusweek: {'moved' if one.moved else 'not exported'}: {one.post}{due}: {one.why}", err=True)
    if output is not None:
        typer.echo(f"{output}: {made.rows} {'post' if made.rows == 1 else 'posts'}.")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(export)
