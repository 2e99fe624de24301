"""Writing a previewed file into its campaign: all of it, or the good rows, in one unit of work.

Rows go in by the hundred through the session, so that each post is noted in the audit trail like any other; a row's
digest stays with its post, so that the same row again changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar, cast

from sqlalchemy import Table, func, insert, select

from app.clock import utc_text
from app.errors import InvalidInput
from app.models import Campaign, ImportRow, ImportRun, Post, Variant
from app.records import journal
from app.services.campaigns import touch
from app.services.imports.matching import stored
from app.services.imports.values import Action, Preview, RowView, Which
from app.services.scope import Scope
from app.services.writers import add_writer, writer_of

_AT_ONCE = 500
#: What of a post its readers get.
_SAID = frozenset({"text", "variants", "links", "media", "language"})

T = TypeVar("T")


def commit(
    scope: Scope, campaign: Campaign, run: ImportRun, preview: Preview, which: Which, *,
    progress: Callable[[int, int], None] | None = None,
) -> ImportRun:  # fmt: skip
    """Write a preview that was compared in this unit of work, under its run.

    Raises:
        InvalidInput: A question is open, or all rows are wanted and one of them cannot be imported.
    """
    refuse_open(preview, which)
    done, total = 0, len(preview.rows)
    changed: list[Post] = []
    position = _next_position(scope, campaign)
    added = [view for view in preview.rows if view.action is Action.ADDED]
    for batch in _batches(added):
        position = _add(scope, campaign, batch, position)
        done = _tell(progress, done + len(batch), total)
    before: dict[int, dict[str, Any]] = {}
    for batch in _batches([view for view in preview.rows if view.action is Action.CHANGED]):
        changed += _change(scope, batch, before)
        done = _tell(progress, done + len(batch), total)
    _keep_rows(scope, run, preview, before)
    run.state, run.committed_by, run.committed_at = "committed", scope.actor, scope.now
    run.content, run.expires_at = None, None
    run.format, run.counts = preview.format, preview.counts
    journal.note(scope.session, "imported", "campaign", campaign.id, after={"run": run.id, "file": run.file_name,
                 "digest": run.file_digest, **preview.counts})  # fmt: skip
    if added or changed:
        touch(scope, campaign, posts=changed)
    _tell(progress, total, total)
    return run


def refuse_open(preview: Preview, which: Which) -> None:
    """Refuse what cannot be committed as it is asked.

    Raises:
        InvalidInput: See `commit`.
    """
    if preview.questions:
        first = preview.questions[0]
        raise InvalidInput(
            f"{first.message}", hint=f"Nothing was written. Answer with the option {first.option}, then commit."
        )
    wrong = [view for view in preview.rows if view.action is Action.REFUSED]
    if wrong and which is Which.ALL:
        error = wrong[0].errors[0]
        count = "One row" if len(wrong) == 1 else f"{len(wrong)} rows"
        raise InvalidInput(
            f"{count} cannot be imported, so nothing was written. The first is row {error.row}: {error.message}",
            hint="Correct them in the file, or commit the good rows only.",
        )
    if wrong and len(wrong) == len(preview.rows):
        raise InvalidInput("No row can be imported, so nothing was written.", hint="See the preview for each reason.")


def _tell(progress: Callable[[int, int], None] | None, done: int, total: int) -> int:
    if progress is not None:
        progress(done, total)
    return done


def _batches(rows: Sequence[T]) -> Iterator[list[T]]:
    left = iter(rows)
    while batch := list(islice(left, _AT_ONCE)):
        yield batch


def _next_position(scope: Scope, campaign: Campaign) -> int:
    query = select(func.max(Post.position)).where(
        Post.organization_id == scope.organization_id, Post.campaign_id == campaign.id
    )
    last = scope.session.scalar(query)
    return 0 if last is None else last + 1


def _add(scope: Scope, campaign: Campaign, views: Sequence[RowView], position: int) -> int:
    posts = []
    for view in views:
        values = stored(view.draft.values)
        values.pop("variants", None)
        values.setdefault("language", campaign.pack["language"])
        posts.append(
            Post(
                organization_id=scope.organization_id, campaign_id=campaign.id, key=view.key, position=position,
                source_digest=view.draft.digest, review_state="draft", writers=[writer_of(scope.who)],
                created_at=scope.now, updated_at=scope.now, **values,
            )
        )  # fmt: skip
        position += 1
    scope.session.add_all(posts)
    scope.session.flush()
    variants = []
    for view, post in zip(views, posts, strict=True):
        view.post_id = post.id
        for platform, text in (view.draft.values.get("variants") or {}).items():
            variants.append(_variant(scope, post.id, platform, text))
    _let_go(scope, [*posts, *variants], variants)
    return position


def _let_go(scope: Scope, rows: Sequence[object], new: Sequence[object]) -> None:
    """Write what is new, then keep none of it in memory: thousands follow."""
    scope.session.add_all(new)
    scope.session.flush()
    for row in rows:
        scope.session.expunge(row)


def _variant(scope: Scope, post_id: int, platform: str, text: str) -> Variant:
    return Variant(
        organization_id=scope.organization_id, post_id=post_id, platform=platform, text=text, updated_at=scope.now
    )


def _change(scope: Scope, views: Sequence[RowView], before: dict[int, dict[str, Any]]) -> list[Post]:
    ids = [view.post_id for view in views]
    posts = {post.id: post for post in scope.session.scalars(scope.query(Post).where(Post.id.in_(ids)))}
    held: dict[int, dict[str, Variant]] = {post_id: {} for post_id in posts}
    for variant in scope.session.scalars(scope.query(Variant).where(Variant.post_id.in_(posts))):
        held[variant.post_id][variant.platform] = variant
    for view in views:
        assert view.post_id is not None  # noqa: S101 - a changed row has its post
        post, values = posts[view.post_id], stored(view.draft.values)
        was: dict[str, Any] = {"source_digest": post.source_digest}
        for field in view.fields:
            if field == "variants":
                was["variants"] = {platform: row.text for platform, row in held[post.id].items()}
                put_variants(scope, post.id, held[post.id], values["variants"])
            else:
                old = getattr(post, field)
                was[field] = utc_text(old) if field == "at" and old is not None else old
                setattr(post, field, values[field])
        before[view.row] = was
        post.source_digest = view.draft.digest
        post.version += 1
        post.updated_at = scope.now
        if _SAID & set(view.fields):
            add_writer(post, scope.who)
    scope.session.flush()
    return list(posts.values())


def put_variants(scope: Scope, post_id: int, held: dict[str, Variant], texts: dict[str, str]) -> None:
    """Give a post exactly these variants; `held` are those that it has."""
    for platform in held.keys() - texts.keys():
        scope.session.delete(held[platform])
    for platform, text in texts.items():
        if platform in held:
            held[platform].text, held[platform].updated_at = text, scope.now
        else:
            scope.session.add(_variant(scope, post_id, platform, text))


def _keep_rows(scope: Scope, run: ImportRun, preview: Preview, before: dict[int, dict[str, Any]]) -> None:
    scope.session.flush()
    for batch in _batches(preview.rows):
        scope.session.execute(
            insert(cast("Table", ImportRow.__table__)),
            [
                {
                    "organization_id": scope.organization_id,
                    "import_run_id": run.id,
                    "row": view.row,
                    "action": view.action.value,
                    "post_id": view.post_id,
                    "digest": view.draft.digest,
                    "before": before.get(view.row),
                    "errors": [
                        {"column": error.column, "code": error.code, "message": error.message} for error in view.errors
                    ],
                }
                for view in batch
            ],
        )
