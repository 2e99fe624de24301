"""What is planned for one account, checked as the gate would, as another scheduler's file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.delivery import gate
from app.delivery.deps import Adapters, Composed
from app.delivery.pauses import pauses_on
from app.errors import InvalidInput, NotFound
from app.models import Account, Campaign, Delivery, Pause, Post, State
from app.packs.writing.schedulers import NotExported, ReadyPost, SchedulerFile, SchedulerForm, scheduler_file
from app.services.accounts import account_by_slug
from app.services.composer import CampaignComposer
from app.services.scope import Scope

#: Over, or out: nobody would look for these in a file of what is planned.
_OVER = (State.PUBLISHED, State.WITHDRAWING, State.WITHDRAWN, State.WITHDRAW_FAILED, State.CANCELLED)
#: So many deliveries are composed at a time.
_AT_ONCE = 200


def account_for(scope: Scope, campaign: Campaign, slug: str | None) -> Account:
    """Return the account that a file is for: the one named, or the only one that the campaign is planned for.

    Raises:
        NotFound: There is none of that slug.
        InvalidInput: None is named, and the campaign is planned for none or for several.
    """
    if slug is not None:
        found = account_by_slug(scope, slug)
        if found is None:
            raise NotFound(f"There is no account {slug!r}.", hint="List the accounts to see which there are.")
        return found
    ids = select(Delivery.account_id).where(Delivery.campaign_id == campaign.id).distinct()
    accounts = scope.session.scalars(scope.query(Account).where(Account.id.in_(ids)).order_by(Account.slug)).all()
    if not accounts:
        raise InvalidInput("Nothing is planned yet for any account.", hint="Preview a plan and commit it first.")
    if len(accounts) > 1:
        names = ", ".join(account.slug for account in accounts)
        raise InvalidInput("Such a file is for one account, and there are several.", hint=f"Name one of: {names}.")
    return accounts[0]


def planned_file(
    scope: Scope, adapters: Adapters, campaign: Campaign, account: Account, form: SchedulerForm
) -> SchedulerFile:
    """Return what is planned for an account as a scheduler's file, and all that could not be put into it."""
    query = scope.query(Delivery).where(Delivery.campaign_id == campaign.id, Delivery.account_id == account.id)
    query = query.where(Delivery.state.not_in(_OVER)).order_by(Delivery.due_at, Delivery.id)
    rows = scope.session.scalars(query).all()
    ready: list[ReadyPost] = []
    left: list[NotExported] = []
    for delivery, post, found in _judged(scope, CampaignComposer(adapters), campaign, account, rows):
        if isinstance(found, str):
            left.append(NotExported(post.key, delivery.due_at, found))
        else:
            images = [str(image["url"]) for image in post.media]
            text = found.composition.parts[0].text
            ready.append(ReadyPost(post.key, text, delivery.due_at, post.tags, images))
    made = scheduler_file(form, ready, ZoneInfo(campaign.time_zone))
    return replace(made, left=(*left, *made.left))


def _judged(
    scope: Scope, composer: CampaignComposer, campaign: Campaign, account: Account, rows: Sequence[Delivery]
) -> Iterator[tuple[Delivery, Post, Composed | str]]:
    """Yield each delivery with what would go out, or with why it is not exported."""
    for batch in _batches(rows):
        posts = {post.id: post for post in scope.session.scalars(
            scope.query(Post).where(Post.id.in_({row.post_id for row in batch}))
        )}  # fmt: skip
        pauses = pauses_on(scope.session, [row.id for row in batch])
        wanted = [(posts[row.post_id], account, campaign) for row in batch]
        for row, composed in zip(batch, composer.compose_all(scope.session, wanted), strict=True):
            yield row, posts[row.post_id], _why_not(scope, row, pauses.get(row.id), composed) or _whole(composed)


def _batches(rows: Sequence[Delivery]) -> Iterator[Sequence[Delivery]]:
    return (rows[first : first + _AT_ONCE] for first in range(0, len(rows), _AT_ONCE))


def _why_not(scope: Scope, row: Delivery, pause: Pause | None, composed: Composed | Exception) -> str | None:
    if row.state not in {State.SCHEDULED, State.BLOCKED}:
        return f"It is {row.state.replace('_', ' ')}: {row.state_detail or row.state_reason or 'see its history'}"
    if row.parts_out or row.due_at <= scope.now:
        return "Its time has come already."
    if pause is not None:
        return f"It is paused ({pause.scope}): {pause.reason}"
    if isinstance(composed, Exception):
        return f"It could not be checked ({type(composed).__name__})."
    refusal = gate.text(composed)
    if refusal is not None:
        return refusal.detail
    parts = composed.composition.parts
    return f"It is a thread of {len(parts)} parts, and a file's row is one message." if len(parts) > 1 else None


def _whole(composed: Composed | Exception) -> Composed:
    assert isinstance(composed, Composed)  # noqa: S101 - what is no composition was told of
    return composed
