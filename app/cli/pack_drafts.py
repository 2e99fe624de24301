"""`focusweek pack draft` and `focusweek pack confirm`: from a toolkit to a pack, with a person's word on each item."""

from __future__ import annotations

from collections.abc import Sized
from pathlib import Path
from typing import Annotated

import typer

from app.cli.lines import write_json_line
from app.cli.options import JsonOption
from app.errors import InvalidInput
from app.packs.confirming import confirmed_text, unconfirmed_in_text
from app.packs.drafting.draft import draft_of
from app.packs.drafting.files import read_toolkit
from app.packs.drafting.finding import find_all
from app.packs.drafting.writing import draft_as_yaml
from app.packs.reading import LARGEST


def draft(
    file: Annotated[Path, typer.Argument(help="The toolkit: text, DOCX or PDF.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The draft; standard output without it.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Read a toolkit into a draft of a pack. Each item says where it stands; a person confirms it before it is used."""
    made = draft_of(find_all(read_toolkit(file)))
    text = draft_as_yaml(made, file.name)
    if output is not None:
        if output.exists():
            raise InvalidInput(
                f"{output} exists already.", hint="Choose another name: a draft may have been corrected."
            )
        output.write_text(text, encoding="utf-8")
    document = made.document
    if as_json:
        write_json_line({"draft": document, "missing": list(made.missing)})
        return
    if output is None:
        typer.echo(text, nl=False)
    found = f"{_many(document['weeks'], 'week')}, {_many(document['posts'], 'post')}"
    typer.echo(f"{found}, {_many(unconfirmed_in_text(text), 'item')} to confirm.", err=output is None)
    for said in made.missing:
        typer.echo(f"Not found: {said}", err=output is None)


def confirm(
    file: Annotated[Path, typer.Argument(help="A draft of a pack.")],
    item: Annotated[
        list[str] | None, typer.Option("--item", help="An item, such as posts[3]; may be repeated.")
    ] = None,
    confirm_all: Annotated[bool, typer.Option("--all", help="Everything: you have compared all of it.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Confirm items of a draft, in the file itself. Without --item or --all, list what waits."""
    text = _read(file)
    if item and confirm_all:
        raise InvalidInput("--item and --all exclude one another.", hint="Give one of them.")
    done = 0
    if item or confirm_all:
        text, confirmed = confirmed_text(text, item or None)
        file.write_text(text, encoding="utf-8", newline="")
        done = len(confirmed)
    left = unconfirmed_in_text(text)
    if as_json:
        rows = [{"item": w.item, "line": w.line, "drawn_from": w.drawn_from, "says": w.says} for w in left]
        write_json_line({"confirmed": done, "waiting": rows})
        return
    for waiting in left:
        typer.echo(f"{file}:{waiting.line}: {waiting.item} ({waiting.drawn_from or 'by hand'}): {waiting.says}")
    typer.echo(f"{done} confirmed, {len(left)} to confirm." if done or left else "All of it is confirmed.")


def _many(things: Sized, name: str) -> str:
    return f"{len(things)} {name}" if len(things) == 1 else f"{len(things)} {name}s"


def _read(file: Path) -> str:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{file}: {error.strerror}.", hint="Give a draft's file.") from None
    if len(content) > LARGEST:
        raise InvalidInput(f"{file} is larger than {LARGEST:,} bytes.", hint="This is no draft of a pack.")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidInput(f"{file} is not UTF-8.", hint="Save it as UTF-8.") from None
