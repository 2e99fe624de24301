"""`focusweek serve`, `focusweek status` and `focusweek demo`."""

from __future__ import annotations

import contextlib
import signal
import socket
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import make_url

from app.bootstrap import open_house
from app.cli.lines import spoken, write_json_line
from app.cli.options import FillOption, JsonOption, YearOption, chosen_year, fill_ins
from app.cli.pauses import paused_line
from app.cli.rehearsals import print_report, rehearse_with_progress
from app.cli.users import set_up_words
from app.errors import BadConfiguration
from app.logs import set_up_logs
from app.packs.bundled import default_pack
from app.services.demo import set_up_demo
from app.services.health_view import health_view
from app.services.overview import overview
from app.settings import Settings, read_settings

PortOption = Annotated[int | None, typer.Option("--port", min=1, max=65535, help="Port to listen on.")]

#: How long a stop waits for requests that are being answered, in seconds.
_GRACE_SECONDS = 10


def serve(
    host: Annotated[
        str | None, typer.Option("--host", help="Address to listen on; 0.0.0.0 for all of this machine's.")
    ] = None,
    port: PortOption = None,
) -> None:
    """Serve the API with the scheduler running, until it is stopped."""
    settings = _settings(host, port)
    _serve(settings, greeting=f"Focusweek is at http://{settings.host}:{settings.port}. Stop with Ctrl-C.")


def demo(
    port: PortOption = None,
    fill: FillOption = None,
    year: YearOption = None,
    rehearse_only: Annotated[bool, typer.Option("--rehearse-only", help="Do not serve afterwards.")] = False,
) -> None:
    """Rehearse the bundled campaign, show what went out and what was held back, then serve it on sandbox accounts."""
    settings = _settings(None, port)
    pack = default_pack()
    chosen = chosen_year(pack, year)
    values = fill_ins(fill)
    print_report(rehearse_with_progress(pack, chosen, values), pack)
    if rehearse_only:
        return
    _refuse_taken_port(settings)
    house = open_house(settings)
    try:
        with house.write() as scope:
            campaign, planned = set_up_demo(scope, house.vault, pack, chosen, values)
        console = Console(soft_wrap=True)
        console.print(f"\n{campaign.name}: {planned} deliveries stand in {_shown(settings.url)}", highlight=False)
        base = f"http://{settings.host}:{settings.port}"
        console.print("Its posts are approved by this demonstration, for the sandbox only.", highlight=False)
        console.print(f"The feed, as the audience sees it:  {base}/sandbox", highlight=False)
        console.print(f"The API:                            {base}/api/v1/openapi.json", highlight=False)
        console.print("Stop with Ctrl-C; what is scheduled goes on when it is started again.\n")
    finally:
        house.close()
    _serve(settings)


def status(as_json: JsonOption = False) -> None:
    """Say how the campaigns stand, and whether a scheduler works on them: by state, what is next, what needs you."""
    house = open_house(read_settings())
    try:
        with house.read() as scope:
            view = overview(scope)
        view["health"] = health_view(house.health)
    finally:
        house.close()
    if as_json:
        write_json_line(view)
    else:
        _print_status(view)


def _print_status(view: dict[str, Any]) -> None:
    console = Console(soft_wrap=True)
    _print_health(console, view["health"])
    for pause in view["pauses"]:
        console.print(paused_line(pause), markup=False, highlight=False)
    for warning in view["alerts"]["warnings"]:
        console.print(f"WARNING: {warning}", markup=False, highlight=False)
    if view["alerts"]["open"]:
        counts = ", ".join(f"{alert['count']} {alert['title'].lower()}" for alert in view["alerts"]["open"])
        console.print(f"OPEN ALERTS: {counts}. See them: focusweek alerts", markup=False, highlight=False)
    if not view["campaigns"]:
        console.print("There is no campaign yet. Try: focusweek demo")
    for campaign in view["campaigns"]:
        console.print(f"{campaign['name']} ({campaign['slug']}), {campaign['starts_on']} to {campaign['ends_on']}")
        if campaign["pauses"]:
            console.print(f"  PAUSED: {', '.join(pause['of'] for pause in campaign['pauses'])}", markup=False)
        table = Table("State", "Deliveries")
        for state, count in campaign["by_state"].items():
            table.add_row(state, str(count))
        console.print(table)
        if campaign["next"]:
            following = campaign["next"]
            line = f"  Next: {following['post']} on {following['account']}, {spoken(following['utc'])}"
            console.print(line, markup=False, highlight=False)
    for item in view["needs_a_person"]:
        what = f"{item['post']} on {item['account']} (delivery {item['delivery']})"
        console.print(f"  {item['state']}: {what}: {item['reason']}", markup=False, highlight=False)


def _print_health(console: Console, health: dict[str, Any]) -> None:
    for reason in health["reasons"]:
        console.print(f"NOT READY: {reason['message']}", markup=False, highlight=False)
        console.print(f"  {reason['hint']}", markup=False, highlight=False)
    for scheduler in health["schedulers"]:
        times = f"last tick {spoken(scheduler['last_tick'])}, next due {spoken(scheduler['next_due'])}"
        console.print(f"Scheduler {scheduler['name']}: {times}", markup=False, highlight=False)


def _settings(host: str | None, port: int | None) -> Settings:
    given = {"host": host, "port": port}
    return read_settings(**{name: value for name, value in given.items() if value is not None})


def _refuse_taken_port(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with contextlib.closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host.strip("[]"), settings.port))
        except OSError as error:
            raise BadConfiguration(
                f"Port {settings.port} on {settings.host} cannot be listened on ({error.strerror}).",
                hint="Stop what uses it, or give another: --port 8001 (make run PORT=8001).",
            ) from None


def _shown(url: str) -> str:
    """Return a database's URL as it may be shown: without a password."""
    return make_url(url).render_as_string(hide_password=True)


def _serve(settings: Settings, *, greeting: str = "") -> None:
    _refuse_taken_port(settings)
    set_up_logs(settings.log_level)
    # The web is imported where it is served, so that checking a text does not wait for it.
    import uvicorn  # noqa: PLC0415 - as said above

    from app.main import create_app  # noqa: PLC0415 - as said above

    # The server stops at a SIGTERM and then raises it again; taken here, what is being sent is waited for all the same.
    signal.signal(signal.SIGTERM, lambda _signal, _frame: None)
    house = open_house(settings)
    if greeting:
        typer.echo(greeting, err=True)
    if (words := set_up_words(house)) is not None:
        typer.echo(words, err=True)
    try:
        uvicorn.run(
            create_app(house),
            host=settings.host.strip("[]"),
            port=settings.port,
            log_level="warning",
            # Its own set-up would print beside the log that set_up_logs has made, past what leaves secrets out of it.
            log_config=None,
            access_log=False,
            server_header=False,
            # Who asks goes on record: only what a proxy of ours says of it counts.
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=list(settings.trusted_proxies),
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
    finally:
        house.close()


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(serve)
    app.command()(status)
    app.command()(demo)
