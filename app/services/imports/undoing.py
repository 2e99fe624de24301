"""Undoing an import while nothing of it was sent: what it added goes, what it changed is put back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from sqlalchemy import delete, exists, or_, select

from app.errors import Conflict
from app.models import (
    Approval,
    Attempt,
    Campaign,
    Correction,
    Delivery,
    DeliveryEvent,
    ImportRow,
    ImportRun,
    Post,
    Review,
    ReviewComment,
    State,
    Variant,
)
from app.records import journal
from app.services.campaigns import touch
from app.services.imports.committing import put_variants
from app.services.scope import Scope
from app.services.writers import add_writer

_AT_ONCE = 500
_NAMED = 20
#: Where a post may be out, or on its way.
_OUT = (State.SENDING, State.UNKNOWN, State.HANDED_OVER, State.PUBLISHED, State.WITHDRAWING, State.WITHDRAWN,
        State.WITHDRAW_FAILED)  # fmt: skip


def undo(scope: Scope, run_id: int) -> ImportRun:
    """Undo a committed import: its added posts are removed, its changed ones get their former values back.

    Raises:
        NotFound: There is no such import.
        Conflict: It is not committed, something of it was sent, or a later import changed the same posts.
    """
    run = scope.get(ImportRun, run_id, lock=True)
    campaign = scope.get(Campaign, run.campaign_id, lock=True)
    if run.state != "committed":
        word = "undone already" if run.state == "undone" else "not committed"
        raise Conflict(f"Import {run.id} is {word}.", hint="There is nothing to undo.")
    rows = scope.session.scalars(
        scope.query(ImportRow)
        .where(ImportRow.import_run_id == run.id, ImportRow.action.in_(["added", "changed"]))
        .order_by(ImportRow.row)
    ).all()
    added = [row.post_id for row in rows if row.action == "added" and row.post_id is not None]
    changed = {row.post_id: row for row in rows if row.action == "changed" and row.post_id is not None}
    _refuse_later(scope, run, [*added, *changed])
    _refuse_sent(scope, run, added, list(changed))
    posts: list[Post] = []
    for batch in _batches(list(changed)):
        posts += _put_back(scope, {post_id: changed[post_id] for post_id in batch})
    for batch in _batches(added):
        _remove(scope, batch)
    run.state, run.undone_by, run.undone_at = "undone", scope.actor, scope.now
    after = {"run": run.id, "removed": len(added), "put_back": len(posts)}
    journal.note(scope.session, "import_undone", "campaign", campaign.id, after=after)
    touch(scope, campaign, posts=posts)
    return run


def _batches(ids: Sequence[int]) -> Iterator[list[int]]:
    left = iter(ids)
    while batch := list(islice(left, _AT_ONCE)):
        yield batch


def _refuse_later(scope: Scope, run: ImportRun, ids: Sequence[int]) -> None:
    for batch in _batches(ids):
        later = scope.session.scalars(
            select(ImportRow.import_run_id)
            .join(ImportRun, ImportRun.id == ImportRow.import_run_id)
            .where(
                ImportRow.organization_id == scope.organization_id,
                ImportRow.post_id.in_(batch),
                ImportRow.action == "changed",
                ImportRow.import_run_id > run.id,
                ImportRun.state == "committed",
            )
            .order_by(ImportRow.import_run_id.desc())
        ).first()
        if later is not None:
            raise Conflict(f"Import {later} changed posts of this one later.", hint=f"Undo import {later} first.")


def _refuse_sent(scope: Scope, run: ImportRun, added: Sequence[int], changed: Sequence[int]) -> None:
    """Refuse where a post of the import was attempted since, or posted by hand; all that were are named."""
    sent: list[str] = []
    tried = exists(
        select(Attempt.id).where(Attempt.delivery_id == Delivery.id, Attempt.started_at >= run.committed_at)
    ).correlate(Delivery)
    for ids in (added, changed):
        for batch in _batches(ids):
            out = Delivery.state.in_(_OUT)
            # What was out before the import changed its post went out without it.
            since = tried if ids is changed else or_(tried, out, Delivery.parts_out > 0)
            found = select(Post.key).where(
                Post.organization_id == scope.organization_id,
                Post.id.in_(batch),
                exists(select(Delivery.id).where(Delivery.post_id == Post.id, since)).correlate(Post),
            )
            sent += scope.session.scalars(found.order_by(Post.id))
    if sent:
        more = f" and {len(sent) - _NAMED} more" if len(sent) > _NAMED else ""
        raise Conflict(
            f"Something of import {run.id} was sent, so it cannot be undone: {', '.join(sent[:_NAMED])}{more}.",
            hint="Withdraw what is out, and leave out or change the other posts one by one.",
        )


def _put_back(scope: Scope, rows: dict[int, ImportRow]) -> list[Post]:
    posts = scope.session.scalars(scope.query(Post).where(Post.id.in_(rows))).all()
    held: dict[int, dict[str, Variant]] = {post.id: {} for post in posts}
    for variant in scope.session.scalars(scope.query(Variant).where(Variant.post_id.in_(held))):
        held[variant.post_id][variant.platform] = variant
    for post in posts:
        before = dict(rows[post.id].before or {})
        if "variants" in before:
            put_variants(scope, post.id, held[post.id], before.pop("variants"))
        if before.get("at"):
            before["at"] = datetime.fromisoformat(before["at"])
        for field, value in before.items():
            setattr(post, field, value)
        post.version += 1
        post.updated_at = scope.now
        add_writer(post, scope.who)
    scope.session.flush()
    return list(posts)


def _remove(scope: Scope, ids: Sequence[int]) -> None:
    """Remove posts with all that was planned or said of them; none was ever attempted."""
    of_delivery = select(Delivery.id).where(
        Delivery.organization_id == scope.organization_id, Delivery.post_id.in_(ids)
    )
    scope.session.execute(delete(DeliveryEvent).where(DeliveryEvent.delivery_id.in_(of_delivery)))
    for table in (Delivery, Correction, Review, ReviewComment, Approval, Variant):
        scope.session.execute(delete(table).where(table.post_id.in_(ids)))
    for post in scope.session.scalars(scope.query(Post).where(Post.id.in_(ids))):
        scope.session.delete(post)
    scope.session.flush()
    scope.session.expire_all()
