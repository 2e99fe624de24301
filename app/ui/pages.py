"""Pages: Jinja templates with everything escaped, and times as pages show them."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.clock import utc_text

_TEMPLATES = Path(__file__).parent / "templates"


def page(template: str, status: int = 200, **values: object) -> HTMLResponse:
    """Return a page made of a template under `templates/`."""
    # Without it, browsers would say of our own forms that they come from nowhere (Origin: null).
    headers = {"Referrer-Policy": "same-origin"}
    return HTMLResponse(_environment().get_template(template).render(**values), status, headers)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "utc": _utc,
        "local": _local,
        "machine": utc_text,
        "day": _day,
        "instant": datetime.fromisoformat,
    }
    return environment


def _utc(instant: datetime) -> str:
    return f"{_words(instant.astimezone(UTC))} UTC"


def _local(instant: datetime, zone: str) -> str:
    there = instant.astimezone(ZoneInfo(zone))
    # A zone without a name of its own is called by its offset, and "-03 time" would say little.
    name = there.tzname() or ""
    return f"{_words(there)} {name if name.isalpha() else f'UTC{there.isoformat()[-6:]}'}"


def _day(day: str) -> str:
    return _words(datetime.fromisoformat(day)).partition(",")[0]


def _words(instant: datetime) -> str:
    # No locale is asked: the page reads the same on every machine.
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{instant.day} {months[instant.month - 1]} {instant.year}, {instant:%H:%M}"
