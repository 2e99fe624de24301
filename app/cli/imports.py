"""`focusweek import`: a file of posts, looked at first, then committed, and undone while nothing of it was sent."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.bootstrap import House, open_house
from app.cli.import_views import Bar, preview_json, show_preview
from app.cli.lines import write_json_line
from app.cli.options import JsonOption
from app.cli.own_campaigns import chosen_campaign
from app.errors import FocusweekError, InvalidInput, NotFound
from app.models import Campaign, ImportRun
from app.packs.sheets.formats import NAMES
from app.packs.sheets.refusals import LARGEST_FILE
from app.packs.sheets.values import DateOrder
from app.services.campaigns import campaigns
from app.services.imports.doing import commit_file
from app.services.imports.fixes import FIX_NAMES
from app.services.imports.mappings import mapping_by_name, save_mapping
from app.services.imports.previews import compare, judge, read_file
from app.services.imports.targets import Ground, bundled_ground, ground_of
from app.services.imports.undoing import undo as undo_run
from app.services.imports.values import Asked, Fix, Preview, Which
from app.services.scope import Scope
from app.settings import read_settings

_MOST_ROWS_NAMED = 100_000


class Dates(StrEnum):
    """In which order a file's dates are read."""

    DAY_FIRST = DateOrder.DAY_FIRST.value
    MONTH_FIRST = DateOrder.MONTH_FIRST.value


@dataclass(frozen=True, slots=True)
class _Result:
    preview: Preview
    campaign: str | None
    run: ImportRun | None = None
    refusal: FocusweekError | None = None


def import_file(
    file: Annotated[Path | None, typer.Argument(help="CSV, XLSX, or a pack (YAML, JSON).", show_default=False)] = None,
    form: Annotated[
        str | None, typer.Option("--format", help=f"One of {', '.join(NAMES)}; detected without it.")
    ] = None,
    dates: Annotated[Dates | None, typer.Option("--dates", help="What 01/02 means; asked where it is open.")] = None,
    campaign: Annotated[
        str | None, typer.Option("--campaign", help="A campaign's id or slug; may be left out where there is one.")
    ] = None,
    columns: Annotated[
        list[str] | None, typer.Option("--map", help="HEADING=FIELD for your own sheet; may be repeated.")
    ] = None,
    mapping: Annotated[str | None, typer.Option("--mapping", help="The name of a saved mapping.")] = None,
    save: Annotated[str | None, typer.Option("--save-mapping", help="Save the --map options under a name.")] = None,
    fixes: Annotated[
        list[str] | None,
        typer.Option("--fix", help=f"NAME or NAME=VALUE, a bulk change: {', '.join(FIX_NAMES)}; may be repeated."),
    ] = None,
    rows: Annotated[str | None, typer.Option("--rows", help="Rows that --fix changes, such as 2-9,14.")] = None,
    commit: Annotated[
        Which | None, typer.Option("--commit", help="Write it: all rows or none, or the good rows. Else: look only.")
    ] = None,
    undo: Annotated[int | None, typer.Option("--undo", help="Undo the import of this number instead.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Import posts from a spreadsheet or pack. Without --commit nothing is written: every row's verdict is shown."""
    if undo is not None:
        _undo(undo, file, as_json=as_json)
        return
    if file is None:
        raise InvalidInput("Which file?", hint="For example: focusweek import posts.csv")
    given = {"format": form, "dates": None if dates is None else dates.value, "columns": _columns(columns)}
    if save is not None and given["columns"] is None:
        raise InvalidInput("There is no mapping to save.", hint="Give it with --map HEADING=FIELD.")
    if mapping is not None and given["columns"] is not None:
        raise InvalidInput("Both --map and --mapping are given.", hint="Give one of them.")
    options = {name: value for name, value in given.items() if value is not None}
    asked = Asked(file.name, _content(file), options, _fixes(fixes, rows))
    house = open_house(read_settings())
    try:
        result = _import(house, asked, campaign, mapping, save, commit)
    finally:
        house.close()
    if as_json:
        write_json_line(preview_json(result.preview, result.campaign, result.run))
    else:
        show_preview(result.preview, result.campaign, result.run)
    if result.refusal is not None:
        raise result.refusal


def _import(
    house: House, asked: Asked, slug: str | None, mapping: str | None, save: str | None, which: Which | None
) -> _Result:
    with house.read() as scope:
        chosen = _campaign(scope, slug)
        if chosen is None and which is not None:
            raise InvalidInput("There is no campaign yet to import into.", hint="Make a campaign first.")
        ground = bundled_ground(scope.now) if chosen is None else ground_of(scope, chosen)
        if mapping is not None:
            columns = _saved_columns(scope, mapping)
            asked = Asked(asked.file_name, asked.content, {**asked.options, "columns": columns}, asked.fixes)
        preview = read_file(asked, ground)
        with Bar("Checking") as bar:
            judge(preview, ground, bar)
        if chosen is not None:
            compare(scope, chosen, preview)
    name = None if chosen is None else chosen.slug
    run, refusal = _commit(house, ground, asked, preview, which) if which is not None else (None, None)
    if save is not None and refusal is None:
        with house.write() as scope:
            save_mapping(scope, save, asked.options["columns"])
    return _Result(preview, name, run, refusal)


def _commit(
    house: House, ground: Ground, asked: Asked, preview: Preview, which: Which
) -> tuple[ImportRun | None, FocusweekError | None]:
    """Write it; what is refused is shown with its preview, and nothing of it is written."""
    try:
        with house.write() as scope, Bar("Writing") as bar:
            assert ground.campaign_id is not None  # noqa: S101 - seen to above
            campaign = scope.get(Campaign, ground.campaign_id, lock=True)
            fresh = preview.fresh()
            run = commit_file(scope, campaign, asked, fresh, which, bar)
        preview.rows[:] = fresh.rows
    except InvalidInput as refusal:
        return None, refusal
    return run, None


def _undo(run_id: int, file: Path | None, *, as_json: bool) -> None:
    if file is not None:
        raise InvalidInput("An import is undone by its number alone.", hint="Leave the file out.")
    if not 0 < run_id < 2**63:
        raise _no_import(run_id)
    house = open_house(read_settings())
    try:
        with house.write() as scope:
            run = undo_run(scope, run_id)
    except NotFound:
        raise _no_import(run_id) from None
    finally:
        house.close()
    counts = run.counts
    if as_json:
        write_json_line({"undone": run.id, "removed": counts["added"], "put_back": counts["changed"]})
    else:
        typer.echo(f"Import {run.id} is undone: {counts['added']} posts removed, {counts['changed']} put back.")


def _no_import(run_id: int) -> InvalidInput:
    return InvalidInput(f"There is no import {run_id}.", hint="Its number is told when it is committed.")


def _saved_columns(scope: Scope, name: str) -> dict[str, str]:
    try:
        return dict(mapping_by_name(scope, name).columns)
    except NotFound as error:
        raise InvalidInput(error.message, hint=error.hint) from None


def _campaign(scope: Scope, named: str | None) -> Campaign | None:
    """Return the campaign of that slug or id, or the only one; None where there is none at all and none is named."""
    if named is None:
        return chosen_campaign(scope, None) if campaigns(scope) else None
    if named.isdigit() and all(one.slug != named for one in campaigns(scope)):
        if len(named) > len(str(2**63)) or int(named) >= 2**63:
            raise InvalidInput(f"There is no campaign {named[:40]}.", hint="Give its slug.")
        try:
            return scope.get(Campaign, int(named))
        except NotFound as error:
            raise InvalidInput(error.message, hint="Give its id or its slug.") from None
    return chosen_campaign(scope, named)


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            # One byte more than is allowed tells a file that is too large, devices that never end included.
            return opened.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        raise InvalidInput(f"There is no file {file}.", hint="See that its name and folder are right.") from None
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read: {error.strerror}.", hint="See that it is a file.") from None


def _columns(given: list[str] | None) -> dict[str, str] | None:
    if not given:
        return None
    found: dict[str, str] = {}
    for pair in given:
        heading, equals, field = pair.rpartition("=")
        if not equals or not heading.strip() or not field.strip():
            raise InvalidInput(f"--map {pair!r} is not HEADING=FIELD.", hint='For example: --map "Post copy=text"')
        if heading.strip() in found:
            raise InvalidInput(f"--map {heading.strip()!r} is given twice.", hint="Give each heading once.")
        found[heading.strip()] = field.strip()
    return found


def _fixes(given: list[str] | None, rows: str | None) -> list[Fix]:
    chosen = None if rows is None else _rows(rows)
    if chosen is not None and not given:
        raise InvalidInput("--rows chooses what --fix changes.", hint="Give a --fix as well.")
    found = []
    for one in given or ():
        name, equals, value = one.partition("=")
        found.append(Fix(name.strip(), chosen, value if equals else None))
    return found


def _rows(text: str) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not first.isdigit() or (dash and not last.strip().isdigit()) or len(first) > 7 or len(last) > 7:  # noqa: PLR2004 - rows have six digits
            raise InvalidInput(f"--rows {text[:60]!r} names no rows.", hint="Write them as 2-9,14.")
        found.update(range(int(first), int(last or first) + 1))
        if len(found) > _MOST_ROWS_NAMED:
            raise InvalidInput("--rows names more rows than a file has.", hint="Leave it out to choose all.")
    return frozenset(found)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("import")(import_file)
