"""The accounts of the service on this machine, for rehearsals of them. Reads only; makes nothing."""

from __future__ import annotations

import typer
from sqlalchemy.exc import DBAPIError

from app.bootstrap import House
from app.errors import FocusweekError
from app.planning.values import PlanAccount
from app.services.accounts import accounts_of
from app.settings import read_settings


def own_accounts() -> tuple[PlanAccount, ...]:
    """Return the connected accounts of this machine's service; none where it was never started."""
    settings = read_settings()
    if settings.database_url is None and not (settings.data_dir / "focusweek.sqlite3").exists():
        return ()
    try:
        house = House(settings)
        try:
            with house.read() as scope:
                rows = accounts_of(scope)
        finally:
            house.close()
    except (FocusweekError, DBAPIError) as error:
        # Damaged, out of reach, or never brought up to date: a rehearsal needs none of it, but is of other accounts.
        why = error.message if isinstance(error, FocusweekError) else "The database could not be read."
        typer.echo(f"focusweek: your own accounts are not rehearsed, the built-in ones are. {why}", err=True)
        return ()
    return tuple(PlanAccount(a.slug, a.platform, a.min_gap_minutes) for a in rows if a.state != "disconnected")
