"""A pack's posts and voice as the values that the composing room takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from app.composing.values import LinkTarget, PostText, Voice
from app.errors import InvalidInput
from app.packs.policy import build_policy
from app.packs.schema import Pack, PackPost
from app.packs.schema.posts import FillIn
from app.policy.finding import Level

#: Control characters and line breaks of any kind: a fill-in stands inside a sentence.
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
#: A link that any network's reader can follow: with its scheme, and a host that has a dot or is a bracketed address.
_LINK = re.compile(r"https?://(?:[^\s/?#@]+\.[^\s/?#@.]+|\[[0-9A-Fa-f:.]+\](?::[0-9]+)?)(?:[/?#]\S*)?", re.IGNORECASE)
#: Digits, which may be grouped: 31, 1,200.
_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)*")
#: The longest value in characters; no network takes a post as long.
_LONGEST = 5000


def build_voice(
    pack: Pack, *, year: int, fill_ins: Mapping[str, str] | None = None, levels: Mapping[str, Level] | None = None
) -> Voice:
    """Return the campaign's voice in `year` with its filled fill-ins, which are stripped of space at both ends.

    Any plain text may stand in here, whatever the fill-in's kind: values that are kept pass `filled_values` first.

    Raises:
        InvalidInput: A fill-in is unknown, empty or no plain text, or a level is lowered that may not be.
    """
    return Voice(
        policy=build_policy(pack, year=year, levels=levels),
        mention_forms=tuple(pack.mention_forms.items()),
        fill_ins=tuple(stand_ins(pack, fill_ins or {}).items()),
    )


def post_text(post: PackPost) -> PostText:
    """Return the post as composing needs it; links whose target the source does not give are left out."""
    return PostText(
        key=post.key,
        text=post.text,
        language=post.language,
        links=tuple(LinkTarget(link.visible, link.target) for link in post.links if link.target),
        variants=tuple(post.variants.items()),
    )


def filled_values(pack: Pack, values: Mapping[str, str]) -> dict[str, str]:
    """Return the values of fill-ins by key, in the pack's order, stripped of space at both ends, each of its kind.

    Raises:
        InvalidInput: A fill-in is unknown, empty, no plain text, or not of its kind.
    """
    fitting = stand_ins(pack, values)
    for fill_in in pack.fill_ins:
        if fill_in.key in fitting:
            _refuse_other_kind(fill_in, fitting[fill_in.key])
    return fitting


def stand_ins(pack: Pack, values: Mapping[str, str]) -> dict[str, str]:
    """Return the values of fill-ins as `filled_values` does, of whatever kind: for looking at what would go out.

    Raises:
        InvalidInput: A fill-in is unknown, empty or no plain text.
    """
    refuse_unknown_fill_ins(pack, values)
    return {fill_in.key: _fit(fill_in.key, values[fill_in.key]) for fill_in in pack.fill_ins if fill_in.key in values}


def refuse_unknown_fill_ins(pack: Pack, keys: Iterable[str]) -> None:
    """Refuse keys that the pack has no fill-in for.

    Raises:
        InvalidInput: There is such a key.
    """
    known = [fill_in.key for fill_in in pack.fill_ins]
    if unknown := sorted(set(keys) - set(known)):
        listed = f"Known: {', '.join(known)}." if known else "The pack has no fill-ins."
        raise InvalidInput(f"The pack has no fill-in named {unknown[0]!r}.", hint=listed)


def _refuse_other_kind(fill_in: FillIn, value: str) -> None:
    if fill_in.kind == "link" and not _LINK.fullmatch(value):
        raise InvalidInput(
            f"the fill-in {fill_in.key!r} is a link, and its value is no web address",
            hint="Copy the whole address from the browser, such as https://www.example.gov/page.",
        )
    if fill_in.kind == "number" and not _NUMBER.fullmatch(value):
        raise InvalidInput(
            f"the fill-in {fill_in.key!r} is a number, and its value is none", hint="Write it in digits, such as 31."
        )


def _fit(key: str, value: str) -> str:
    value = value.strip()
    if not value:
        raise InvalidInput(f"The fill-in {key!r} is empty.", hint="Give it a value, or leave it out.")
    if found := _UNFIT.search(value):
        raise InvalidInput(
            f"the fill-in {key!r} holds the control character U+{ord(found[0]):04X}",
            hint="Write it on one line, as plain text.",
        )
    if len(value) > _LONGEST:
        raise InvalidInput(f"the fill-in {key!r} is longer than {_LONGEST} characters", hint="Shorten it.")
    return value
