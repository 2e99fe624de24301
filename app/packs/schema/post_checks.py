"""What must hold between a post and the rest of its pack, and between its parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.packs.schema.days import days_in_window
from app.packs.schema.repeats import Problem, repeated

if TYPE_CHECKING:
    from app.packs.schema.pack import Pack
    from app.packs.schema.posts import PackPost


def post_problems(pack: Pack) -> Iterator[Problem]:
    """Yield what does not hang together in the posts."""
    weeks = {week.number for week in pack.weeks}
    placeholders = {fill_in.key: fill_in.text for fill_in in pack.fill_ins}
    numbers = ", ".join(str(number) for number in sorted(weeks))
    for index, post in enumerate(pack.posts):
        path: tuple[str | int, ...] = ("posts", index)
        if post.week not in weeks:
            yield (*path, "week"), f"expected the number of one of the weeks ({numbers}), found {post.week}"
        yield from _pins(pack, post, path)
        yield from _fill_ins(post, placeholders, path)
        yield from _in_text(post, path)
        yield from repeated((*path, "platforms"), None, post.platforms or (), "a network")
        yield from repeated((*path, "accounts"), None, post.accounts or (), "an account")


def _pins(pack: Pack, post: PackPost, path: tuple[str | int, ...]) -> Iterator[Problem]:
    yield from repeated((*path, "pins"), None, post.pins, "a day")
    for at, pin in enumerate(post.pins):
        if days_in_window(pack, pin) is None:
            yield (
                (*path, "pins", at),
                f"expected a day inside the window ({pack.window.starts_on} to {pack.window.ends_on}), found {pin}",
            )


def _fill_ins(post: PackPost, placeholders: dict[str, str], path: tuple[str | int, ...]) -> Iterator[Problem]:
    texts = (post.text, *post.variants.values())
    yield from repeated((*path, "fill_ins"), None, post.fill_ins, "a fill-in")
    for at, key in enumerate(post.fill_ins):
        if key not in placeholders:
            yield (*path, "fill_ins", at), f"expected the key of one of the pack's fill-ins, found {key!r}"
        elif not any(placeholders[key] in text for text in texts):
            yield (*path, "fill_ins", at), f"expected {placeholders[key]!r} in the post's text, where it does not stand"
    for key, placeholder in placeholders.items():
        if key not in post.fill_ins and any(placeholder in text for text in texts):
            yield (*path, "fill_ins"), f"expected {key!r} among them, for {placeholder!r} stands in the text"


def _in_text(post: PackPost, path: tuple[str | int, ...]) -> Iterator[Problem]:
    texts = (post.text, *post.variants.values())
    for at, link in enumerate(post.links):
        if not any(link.visible in text for text in texts):
            yield (*path, "links", at, "visible"), f"expected words of the post's text, found {link.visible!r}"
    for at, typo in enumerate(post.typos):
        if not any(typo.printed in text for text in texts):
            yield (*path, "typos", at, "printed"), f"expected words of the post's text, found {typo.printed!r}"
