"""The command line: `focusweek`. One thin module per noun."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from app.cli import (
    accounts,
    alerts,
    audit,
    calendar,
    clock,
    deliveries,
    exports,
    facts,
    imports,
    organizations,
    packs,
    pauses,
    plans,
    posts,
    rehearsals,
    reviews,
    service,
    texts,
    tokens,
    users,
    webhooks,
    withdrawals,
)
from app.cli.errors import run_safely
from app.cli.lines import use_utf8_output
from app.logs import set_up_logs
from app.version import version

app = typer.Typer(
    name="focusweek",
    help="Plans, checks and publishes an awareness month's posts.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for module in (
    organizations,
    texts,
    packs,
    plans,
    posts,
    deliveries,
    calendar,
    rehearsals,
    accounts,
    alerts,
    webhooks,
    pauses,
    withdrawals,
    reviews,
    clock,
    service,
    users,
    tokens,
    exports,
    imports,
    facts,
    audit,
):
    module.register(app)


def _tell_version(asked: bool) -> None:
    if asked:
        typer.echo(f"focusweek {version()}")
        raise typer.Exit


@app.callback()
def options(
    organization: Annotated[
        str | None,
        typer.Option("--organization", help="Slug of the organization to work in, where there are several."),
    ] = None,
    _version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Say which Focusweek this is.")
    ] = False,
) -> None:
    """Plans, checks and publishes an awareness month's posts."""
    if organization is not None:
        os.environ["FOCUSWEEK_ORGANIZATION"] = organization


def main() -> None:
    """Run the command line. Exit code 0: done; 1: failed; 2: bad input, nothing changed."""
    run_safely(_run)


def _run() -> None:
    use_utf8_output()
    # Commands speak for themselves; only the running service writes its log (`serve`).
    set_up_logs("WARNING")
    app()


if __name__ == "__main__":
    main()
