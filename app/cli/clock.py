"""`focusweek clock`: whether the clock is trusted, and a person's word that it is right."""

from __future__ import annotations

import typer
from rich.console import Console

from app.bootstrap import open_house
from app.cli.lines import spoken, write_json_line
from app.cli.options import JsonOption
from app.clock import utc_text
from app.services.clocks import clock_state, confirm_clock
from app.settings import read_settings

commands = typer.Typer(no_args_is_help=True, help="Whether the clock is trusted, and your word that it is.")


@commands.command()
def show(as_json: JsonOption = False) -> None:
    """Say what time decides, and why nothing is claimed where the clock is not trusted."""
    house = open_house(read_settings())
    try:
        with house.read() as scope:
            state = clock_state(scope.session, house.deps, house.settings.longest_sleep)
    finally:
        house.close()
    if as_json:
        write_json_line({"now": utc_text(state.now), "refusal": state.refusal, "hint": state.hint})
        return
    console = Console(soft_wrap=True)
    console.print(f"It is {spoken(state.now)}.", highlight=False)
    if state.refusal is None:
        console.print("The clock is trusted.")
    else:
        console.print(f"NOTHING IS CLAIMED: {state.refusal}", markup=False, highlight=False)
        console.print(f"  {state.hint}", markup=False, highlight=False)


@commands.command()
def confirm(as_json: JsonOption = False) -> None:
    """Confirm that the clock is right after it was set. The running service claims again from its next tick on."""
    house = open_house(read_settings())
    try:
        with house.write() as scope:
            state = confirm_clock(scope, house.deps, house.settings.longest_sleep)
    finally:
        house.close()
    if as_json:
        write_json_line({"now": utc_text(state.now), "confirmed": state.refusal})
        return
    console = Console(soft_wrap=True)
    console.print(f"Confirmed: {state.refusal} It is {spoken(state.now)}.", markup=False, highlight=False)
    seconds = round(house.settings.tick_seconds)
    console.print(f"Every scheduler claims again from its next tick on, within {seconds} seconds.", highlight=False)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(commands, name="clock")
