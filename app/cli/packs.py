"""`focusweek pack ...` and `focusweek compose`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from app.cli import pack_drafts, pack_updates
from app.cli.lines import write_json_line
from app.cli.options import (
    FillOption,
    JsonOption,
    PackOption,
    PlatformOption,
    YearOption,
    chosen_pack,
    chosen_year,
    fill_ins,
)
from app.cli.views import parts_view
from app.composing.compose import compose as compose_post
from app.packs.json_schema import pack_json_schema
from app.packs.reading import pack_digest, read_pack
from app.packs.voice import build_voice, post_text
from app.platforms.registry import network

pack_app = typer.Typer(help="Read, check and describe pack files.", no_args_is_help=True)


@pack_app.command("show")
def show(file: Annotated[Path, typer.Argument(help="A pack file.")], as_json: JsonOption = False) -> None:
    """Show what a pack holds."""
    pack = read_pack(file)
    if as_json:
        write_json_line(pack.model_dump(mode="json") | {"digest": pack_digest(pack)})
        return
    typer.echo(f"{pack.title} ({pack.key}, version {pack.version}), {pack.window.starts_on} to {pack.window.ends_on}")
    for week in pack.weeks:
        posts = sum(post.week == week.number for post in pack.posts)
        typer.echo(f"  Week {week.number}: {week.title}, {week.starts_on} to {week.ends_on}, {posts} posts")
    for fill_in in pack.fill_ins:
        used = [post.key for post in pack.posts if fill_in.key in post.fill_ins]
        if used:
            typer.echo(f"  To fill in: {fill_in.key} {fill_in.text} in {', '.join(used)}")


@pack_app.command("validate")
def validate(file: Annotated[Path, typer.Argument(help="A pack file.")], as_json: JsonOption = False) -> None:
    """Check a pack file; every problem is named by file, line, field and what was expected."""
    pack = read_pack(file)
    if as_json:
        write_json_line({"valid": True, "key": pack.key, "version": pack.version, "posts": len(pack.posts)})
    else:
        typer.echo(f"{file}: valid. {pack.key}, version {pack.version}, {len(pack.posts)} posts.")


@pack_app.command("schema")
def schema() -> None:
    """Write the pack format's JSON Schema, for editors."""
    typer.echo(json.dumps(pack_json_schema(), indent=2, ensure_ascii=False))


def compose(
    platform: PlatformOption, pack: PackOption = None, fill: FillOption = None, year: YearOption = None
) -> None:
    """Compose every post of a pack for a network: the exact parts that would go out, and the verdict on them."""
    profile = network(platform).profile
    chosen = chosen_pack(pack)
    voice = build_voice(chosen, year=chosen_year(chosen, year), fill_ins=fill_ins(fill))
    for post in chosen.posts:
        composition = compose_post(post_text(post), profile, voice)
        write_json_line(
            {
                "key": post.key,
                "week": post.week,
                "sendable": composition.sendable,
                "parts": parts_view(composition),
                "findings": [finding.as_json() for finding in composition.verdict.findings],
            }
        )


def register(app: typer.Typer) -> None:
    """Add the commands."""
    pack_app.command("update")(pack_updates.update)
    pack_app.command("draft")(pack_drafts.draft)
    pack_app.command("confirm")(pack_drafts.confirm)
    app.add_typer(pack_app, name="pack")
    app.command()(compose)
