"""Which post of the campaign a row is, and what it would change.

A row with a key is the post of that key. Other schedulers' rows have none: such a row is the post that the very same
row became before, else one that was imported with its text, else the only one that was imported for its moment, else
what is planned here and would go out with that text at that minute.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import select

from app.models import Account, Campaign, Delivery, Post, State, Variant
from app.packs.sheets.values import RowDraft
from app.services.imports.values import Action, RowView
from app.services.plans import compositions_for
from app.services.scope import Scope

#: What of a post a row can change, beside its variants; names of the table.
COLUMNS = ("week", "section", "resource", "language", "text", "links", "media", "pins", "tags", "platforms", "accounts",
           "left_out", "at")  # fmt: skip
_MARK = timedelta(minutes=5)
_FIVE = 5
_KEY_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Held:
    """A post as it stands, with its variants by network."""

    id: int
    key: str
    source_digest: str | None
    values: Mapping[str, Any]


def match_rows(scope: Scope, campaign: Campaign, views: Sequence[RowView], form: str) -> None:
    """Say of every row which post it is and what would be done; rows with errors are refused."""
    held = held_posts(scope, campaign)
    matcher = _Matcher(held, form)
    open_views: list[RowView] = []
    for view in views:
        if view.draft.errors:
            view.action, view.key = Action.REFUSED, view.draft.key
        elif view.draft.key is not None:
            _settle(view, matcher.by_key.get(view.draft.key), view.draft.key)
        else:
            open_views.append(view)
    for view, found in zip(open_views, matcher.match([view.draft for view in open_views]), strict=True):
        if found is not None:
            _settle(view, found, found.key)
    left = [view for view in open_views if view.key is None]
    _match_planned(scope, campaign, left)
    taken = set(matcher.by_key) | {view.key for view in views if view.key is not None}
    for view in left:
        if view.key is None:
            view.key = _new_key(view.draft, form, taken)
            taken.add(view.key)


def held_posts(scope: Scope, campaign: Campaign) -> list[Held]:
    """Return a campaign's posts with what a row can change, read as plain values."""
    columns = [getattr(Post, name) for name in COLUMNS]
    where = (Post.organization_id == scope.organization_id, Post.campaign_id == campaign.id)
    variants: dict[int, dict[str, str]] = defaultdict(dict)
    for post_id, platform, text in scope.session.execute(
        select(Variant.post_id, Variant.platform, Variant.text).join(Post, Post.id == Variant.post_id).where(*where)
    ):
        variants[post_id][platform] = text
    rows = scope.session.execute(
        select(Post.id, Post.key, Post.source_digest, *columns).where(*where).order_by(Post.id)
    )
    return [
        Held(row[0], row[1], row[2], dict(zip(COLUMNS, row[3:], strict=True)) | {"variants": variants[row[0]]})
        for row in rows
    ]


def stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a draft's values as the table holds them."""
    found = dict(values)
    if "pins" in found:
        found["pins"] = [pin.isoformat() if isinstance(pin, date) else pin for pin in found["pins"]]
    return found


def _settle(view: RowView, post: Held | None, key: str) -> None:
    view.key = key
    if post is None:
        view.action = Action.ADDED
        return
    view.post_id = post.id
    view.fields = () if post.source_digest == view.draft.digest and not view.draft.fixed else _changes(view.draft, post)
    view.action = Action.CHANGED if view.fields else Action.UNCHANGED


def _changes(draft: RowDraft, post: Held) -> tuple[str, ...]:
    new = stored(draft.values)
    fields = [name for name in (*COLUMNS, "variants") if name in new and _plain(new[name]) != _plain(post.values[name])]
    if draft.week_inferred and "at" not in fields and "week" in fields:
        fields.remove("week")
    return tuple(fields)


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a column holds
    """Return a value for comparing: files differ in how they end lines, and not in what they say by it."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n")
    if isinstance(value, dict):
        # A link may carry a note of its pack, which no sheet has.
        return {name: _plain(one) for name, one in value.items() if name != "note" and one is not None}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value


class _Matcher:
    """Finds the posts of rows without keys; each post is one row's at most."""

    def __init__(self, held: Sequence[Held], form: str) -> None:
        self.by_key = {post.key: post for post in held}
        imported = [post for post in held if post.source_digest is not None and post.key.startswith(f"{form}-")]
        self._digests = _grouped(imported, lambda post: post.source_digest)
        self._texts = _grouped(imported, lambda post: _plain(post.values["text"]))
        self._moments = _grouped(imported, lambda post: post.values["at"])
        self._used: set[int] = set()

    def match(self, drafts: Sequence[RowDraft]) -> list[Held | None]:
        """Return the post of each row, the surest first."""
        found: list[Held | None] = [None] * len(drafts)
        steps: tuple[tuple[dict[Any, list[Held]], Callable[[RowDraft], Any], bool], ...] = (
            (self._digests, lambda draft: draft.digest, False),
            (self._texts, lambda draft: _plain(draft.values.get("text")), False),
            (self._moments, lambda draft: draft.values.get("at"), True),
        )
        for groups, value, alone in steps:
            for place, draft in enumerate(drafts):
                if found[place] is None and (wanted := value(draft)) is not None:
                    found[place] = self._take(groups.get(wanted, ()), alone=alone)
        return found

    def _take(self, posts: Iterable[Held], *, alone: bool) -> Held | None:
        free = [post for post in posts if post.id not in self._used]
        if not free or (alone and len(free) > 1):
            return None
        self._used.add(free[0].id)
        return free[0]


def _grouped(posts: Iterable[Held], value: Callable[[Held], Any]) -> dict[Any, list[Held]]:
    found: dict[Any, list[Held]] = defaultdict(list)
    for post in posts:
        found[value(post)].append(post)
    return found


def _match_planned(scope: Scope, campaign: Campaign, views: Sequence[RowView]) -> None:
    """Recognise rows that were exported from here: planned at that minute, with exactly that text."""
    timed = [view for view in views if view.draft.values.get("at") is not None]
    if not timed:
        return
    planned = _planned(scope, campaign)
    posts: dict[int, Post] = {}
    used: set[int] = set()
    for view in timed:
        for delivery_id, post_id, platform in planned.get(view.draft.values["at"], ()):
            if delivery_id in used:
                continue
            post = posts.setdefault(post_id, scope.session.get_one(Post, post_id))
            composition = compositions_for(scope, campaign, [post], [platform])[post.key, platform]
            if _plain(composition.parts[0].text) == _plain(view.draft.values.get("text")):
                used.add(delivery_id)
                view.action, view.post_id, view.key = Action.UNCHANGED, post.id, post.key
                break


def _planned(scope: Scope, campaign: Campaign) -> dict[datetime, list[tuple[int, int, str]]]:
    """Return what is planned, by the minute as files have it: its own, and the next mark of five."""
    found: dict[datetime, list[tuple[int, int, str]]] = defaultdict(list)
    query = (
        select(Delivery.id, Delivery.post_id, Account.platform, Delivery.due_at)
        .join(Account, Account.id == Delivery.account_id)
        .where(
            Delivery.organization_id == scope.organization_id,
            Delivery.campaign_id == campaign.id,
            Delivery.state != State.CANCELLED.value,
        )
    )
    for delivery_id, post_id, platform, due_at in scope.session.execute(query.order_by(Delivery.id)):
        minute = due_at.replace(second=0, microsecond=0)
        beyond = timedelta(minutes=due_at.minute % _FIVE, seconds=due_at.second, microseconds=due_at.microsecond)
        for at in {minute, due_at + (_MARK - beyond if beyond else timedelta(0))}:
            found[at].append((delivery_id, post_id, platform))
    return found


def _new_key(draft: RowDraft, form: str, taken: set[str]) -> str:
    """Return a key for a row without one: it says where it is from, and is the same for the same row."""
    digest = sha256(f"{draft.digest}".encode()).hexdigest()[:_KEY_DIGITS]
    key, number = f"{form}-{digest}", 1
    while key in taken:
        number += 1
        key = f"{form}-{digest}-{number}"
    return key
