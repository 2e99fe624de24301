"""Many organizations at once, from a CSV file: `slug,name,admin_email`, a line each."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import select

from app.errors import FocusweekError, InvalidInput
from app.identity.emails import clean_email
from app.identity.permissions import Role
from app.identity.principal import Principal
from app.models import Organization
from app.services.house import House
from app.services.invitations import invite
from app.services.organizations import add_organization, checked_name
from app.services.scope import InstanceScope

COLUMNS = ("slug", "name", "admin_email")
_MOST = 1000


@dataclass(frozen=True, slots=True)
class Listed:
    """What became of one line, counted from 1 as the file shows it: added, unchanged or refused, and why.

    `link` is its admin's invitation where no mail was sent; for the operator to hand over.
    """

    row: int
    slug: str
    action: str
    problem: FocusweekError | None = None
    link: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class _Line:
    row: int
    slug: str
    name: str
    email: str | None


def import_organizations(house: House, who: Principal, text: str, *, commit: str | None) -> list[Listed]:
    """Add the organizations of a file that are not there yet, and invite their admins; the same file again adds none.

    `commit` is `all` (none, where a line cannot be used), `good` (the lines that can), or None to only look.

    Raises:
        InvalidInput: It is no such file, or with `all`, a line cannot be used.
    """
    lines = _lines(text)
    with house.read_instance(who) as scope:
        verdicts = _verdicts(scope, lines)
    refused = [one for one in verdicts if one.action == "refused"]
    if commit is None:
        return verdicts
    if commit == "all" and refused:
        problem = refused[0].problem
        raise InvalidInput(
            f"Line {refused[0].row} cannot be used: {problem.message if problem else ''} Nothing was added.",
            hint="Correct the file, or take the good lines only.",
        )
    with house.write_instance(who) as scope:
        added = {
            line.row: add_organization(scope, line.slug, line.name).id
            for line, verdict in zip(lines, verdicts, strict=True)
            if verdict.action == "added"
        }
    return [
        _invited(house, who, line, verdict, added.get(line.row)) for line, verdict in zip(lines, verdicts, strict=True)
    ]


def _lines(text: str) -> list[_Line]:
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        heads = [head.strip() for head in reader.fieldnames or ()]
        if heads != list(COLUMNS):
            raise InvalidInput(
                f"The file's first line must be {','.join(COLUMNS)}.", hint="Leave admin_email empty to invite nobody."
            )
        lines = []
        for row in reader:
            given = {head.strip(): (value or "").strip() for head, value in row.items() if isinstance(head, str)}
            lines.append(_Line(reader.line_num, given["slug"], given["name"], given["admin_email"] or None))
    except csv.Error as error:
        raise InvalidInput(f"The file is no CSV: {error}.", hint="Save it as CSV (UTF-8).") from None
    if len(lines) > _MOST:
        raise InvalidInput(f"The file has more than {_MOST:,} lines.", hint="Split it.")
    return lines


def _verdicts(scope: InstanceScope, lines: Sequence[_Line]) -> list[Listed]:
    known = set(scope.session.scalars(select(Organization.slug)))
    seen: set[str] = set()
    found = []
    for line in lines:
        problem = _problem(line, seen)
        action = "refused" if problem else "unchanged" if line.slug in known else "added"
        seen.add(line.slug)
        found.append(Listed(line.row, line.slug, action, problem))
    return found


def _problem(line: _Line, seen: set[str]) -> FocusweekError | None:
    if line.slug in seen:
        return InvalidInput(f"{line.slug!r} stands in the file twice.", hint="Keep one of the lines.")
    try:
        checked_name(line.slug, line.name)
        if line.email is not None:
            clean_email(line.email)
    except FocusweekError as error:
        return error
    return None


def _invited(house: House, who: Principal, line: _Line, verdict: Listed, organization_id: int | None) -> Listed:
    if organization_id is None or line.email is None:
        return verdict
    try:
        invited = invite(house, replace(who, organization_id=organization_id), line.email, Role.ADMIN)
    except FocusweekError as error:
        # The organization is there; its admin is invited by hand.
        return replace(verdict, problem=error)
    return replace(verdict, link=invited.link)
