"""`focusweek pack update`: a new version of a pack over the one that a campaign was made from."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from app.bootstrap import open_house
from app.cli.lines import write_json_line
from app.cli.options import JsonOption
from app.cli.own_campaigns import CampaignOption, chosen_campaign
from app.errors import InvalidInput
from app.packs.comparing import Kind, Side
from app.packs.reading import read_pack
from app.services.pack_updates import PackUpdate, commit_update, preview_update
from app.settings import read_settings

_QUIET = (Kind.UNCHANGED, Kind.OWN)
_LONGEST = 100


def update(
    file: Annotated[Path, typer.Argument(help="The new version's file.")],
    campaign: CampaignOption = None,
    commit: Annotated[
        bool, typer.Option("--commit", help="Make it true; without it, only show what would change.")
    ] = False,
    post: Annotated[
        list[str] | None, typer.Option("--post", help="KEY=ours or KEY=theirs, where both have changed it; repeatable.")
    ] = None,
    conflicts: Annotated[
        Side | None, typer.Option("--conflicts", help="For all conflicts not named by --post.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Bring a campaign to a new version of its pack. What the agency has edited is kept; you decide on conflicts."""
    choices = _choices(post or ())
    new = read_pack(file)
    house = open_house(read_settings())
    try:
        with house.write() as scope:
            chosen = chosen_campaign(scope, campaign, lock=True)
            found = preview_update(scope, chosen, new)
            done = commit_update(scope, chosen, new, found.digest, choices, rest=conflicts) if commit else None
    finally:
        house.close()
    if as_json:
        committed = None
        if done is not None:
            committed = {
                "changed": done.changed, "added": done.added, "left_out": done.left_out, "kept": done.kept,
            }  # fmt: skip
        write_json_line(_view(found) | {"committed": committed})
        return
    _tell(found)
    if done is None:
        typer.echo("Nothing was written. To make it true: add --commit, with --post or --conflicts for the conflicts.")
    else:
        typer.echo(
            f"Now version {done.version}: {done.changed} posts changed, {done.added} added, {done.left_out} left out, "
            f"{done.kept} kept as they are here."
        )


def _choices(given: tuple[str, ...] | list[str]) -> dict[str, Side]:
    choices: dict[str, Side] = {}
    for pair in given:
        key, _, side = pair.partition("=")
        if side not in set(Side):
            raise InvalidInput(f"--post {pair!r} is not KEY=ours or KEY=theirs.", hint="For example: w1-welcome=theirs")
        choices[key] = Side(side)
    return choices


def _tell(found: PackUpdate) -> None:
    counts = Counter(post.kind for post in found.comparison.posts)
    said = ", ".join(f"{counts[kind]} {kind.value.replace('_', ' ')}" for kind in Kind if counts[kind])
    typer.echo(f"From version {found.from_version} to {found.to_version}. Posts: {said}.")
    for post in found.comparison.posts:
        if post.kind in _QUIET:
            continue
        typer.echo(f"  {post.kind.value.replace('_', ' ')}: {post.key}")
        for change in post.fields:
            whose = "to choose" if change.side is None else f"{change.side.value} is taken"
            typer.echo(f"    {change.field} ({whose})")
            typer.echo(f"      ours:   {_short(change.ours)}")
            typer.echo(f"      theirs: {_short(change.theirs)}")
    if found.comparison.sections:
        typer.echo(f"  Taken as they are: {', '.join(found.comparison.sections)}")
    if found.comparison.facts:
        typer.echo(f"  To be confirmed again: {', '.join(found.comparison.facts)}")
    for problem in found.problems:
        typer.echo(f"  In the way: {problem}")


def _short(value: Any) -> str:  # noqa: ANN401 - whatever a field holds
    text = " ".join(str(value.get("text", value) if isinstance(value, dict) else value).split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _view(found: PackUpdate) -> dict[str, Any]:
    return {
        "from_version": found.from_version,
        "to_version": found.to_version,
        "digest": found.digest,
        "posts": [
            {
                "key": post.key,
                "kind": post.kind.value,
                "fields": [
                    {"field": c.field, "base": c.base, "ours": c.ours, "theirs": c.theirs, "taken": c.side}
                    for c in post.fields
                ],
            }
            for post in found.comparison.posts
            if post.kind not in _QUIET
        ],
        "sections": list(found.comparison.sections),
        "contact_facts": list(found.comparison.facts),
        "problems": list(found.problems),
    }
