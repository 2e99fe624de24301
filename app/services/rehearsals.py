"""Rehearsals: a whole campaign in virtual time, through the real engine, into a feed that is thrown away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import select

from app.clock import VirtualClock
from app.delivery.engine import Engine
from app.models import Account, Attempt, AttemptPart, Campaign, Delivery, Post
from app.packs.schema import Pack
from app.packs.window import build_window
from app.planning.values import LeftOut, Plan, PlanAccount
from app.platforms.base import Via
from app.platforms.vault import Vault
from app.services.accounts import NewAccount, add_account
from app.services.campaigns import create_campaign, set_fill_ins
from app.services.no_network import no_network
from app.services.outlook import BUILT_IN_ACCOUNTS
from app.services.plans import commit_plan, preview_plan
from app.services.scope import Scope

#: How long after the window's end the clock runs on, so that what is retried or handed over comes to its end.
_AFTERMATH = timedelta(days=2)
_STILL = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Stage:
    """What a rehearsal runs on: a database of its own, a clock that is moved, and an engine with no way out."""

    clock: VirtualClock
    engine: Engine
    vault: Vault
    scope: Callable[[], AbstractContextManager[Scope]]


@dataclass(frozen=True, slots=True)
class PublishedPost:
    """A delivery that went out: `at` is aware, UTC; `parts` are exact texts with their lengths."""

    post: str
    account: str
    platform: str
    week: int
    at: datetime
    parts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class HeldBackPost:
    """A delivery that did not go out, with its state and why; `unplaced` and `left_out` where none was planned."""

    post: str
    account: str
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class RehearsalReport:
    """What became of every planned delivery."""

    year: int
    planned: int
    by_state: Mapping[str, int]
    published: tuple[PublishedPost, ...]
    held_back: tuple[HeldBackPost, ...]
    left_out: tuple[LeftOut, ...] = ()


def rehearse(
    stage: Stage,
    pack: Pack,
    *,
    year: int,
    zone: str | None = None,
    fill_ins: Mapping[str, str] | None = None,
    accounts: Sequence[PlanAccount] = BUILT_IN_ACCOUNTS,
    progress: Callable[[int, int], None] = lambda done, planned: None,  # noqa: ARG005 - named for its callers
) -> RehearsalReport:
    """Rehearse a pack's campaign of one year, from the day before its window to two days after it.

    `progress` is called with how many deliveries have come to an end, of how many.

    Raises:
        InvalidInput: The year, zone or a fill-in cannot be used.
    """
    window = build_window(pack, year=year, zone=zone)
    stage.clock.move_to(datetime.combine(window.starts_on - timedelta(days=1), time(12), window.zone))
    end = datetime.combine(window.ends_on, time(0), window.zone).astimezone(UTC) + _AFTERMATH
    with no_network():
        with stage.scope() as scope:
            campaign = create_campaign(scope, pack, year=year, time_zone=zone)
            set_fill_ins(scope, campaign, fill_ins or {}, rehearsal=True)
            for account in accounts:
                _add_sandbox(scope, stage.vault, account)
            preview = preview_plan(scope, campaign)
            commit_plan(scope, campaign, preview.digest)
            campaign_id = campaign.id
        _run(stage, len(preview.plan.placed), end, progress)
        with stage.scope() as scope:
            return _report(scope, scope.get(Campaign, campaign_id), preview.plan)


def _add_sandbox(scope: Scope, vault: Vault, account: PlanAccount) -> None:
    new = NewAccount(account.slug, account.platform, Via.SANDBOX, min_gap_minutes=account.min_gap_minutes)
    add_account(scope, vault, new)


def _run(stage: Stage, planned: int, end: datetime, progress: Callable[[int, int], None]) -> None:
    done = 0
    while (due := stage.engine.next_due()) is not None and due <= end:
        # A moment that stays due (its account is not free yet) must not stop the clock.
        stage.clock.move_to(due if due > stage.clock.now() else stage.clock.now() + _STILL)
        done += stage.engine.tick().settled
        progress(min(done, planned), planned)
    stage.clock.move_to(end)
    stage.engine.tick()
    progress(planned, planned)


def _report(scope: Scope, campaign: Campaign, plan: Plan) -> RehearsalReport:
    query = (
        select(Delivery, Post.key, Account.slug, Account.platform)
        .join(Post, Post.id == Delivery.post_id)
        .join(Account, Account.id == Delivery.account_id)
        .where(Delivery.campaign_id == campaign.id)
        .order_by(Delivery.due_at, Delivery.id)
    )
    rows = [(delivery, key, slug, platform) for delivery, key, slug, platform in scope.session.execute(query)]
    parts = _published_parts(scope, campaign)
    published = [
        PublishedPost(key, slug, platform, d.week, d.published_at or d.due_at, tuple(parts.get(d.id, ())))
        for d, key, slug, platform in rows
        if d.state == "published"
    ]
    held_back = [HeldBackPost(key, slug, d.state, _reason(d)) for d, key, slug, _ in rows if d.state != "published"]
    held_back += [HeldBackPost(u.post, u.account, "unplaced", u.message) for u in plan.unplaced]
    return RehearsalReport(
        year=campaign.year,
        planned=len(rows),
        by_state=dict(Counter(delivery.state for delivery, *_ in rows)),
        published=tuple(published),
        held_back=tuple(held_back),
        left_out=plan.left_out,
    )


def _published_parts(scope: Scope, campaign: Campaign) -> dict[int, list[tuple[str, int]]]:
    query = (
        select(Attempt.delivery_id, AttemptPart.text, AttemptPart.length)
        .join(AttemptPart, AttemptPart.attempt_id == Attempt.id)
        .join(Delivery, Delivery.id == Attempt.delivery_id)
        .where(Delivery.campaign_id == campaign.id, Attempt.outcome == "published")
        .order_by(Attempt.id, AttemptPart.index)
    )
    found: dict[int, list[tuple[str, int]]] = {}
    for delivery_id, text, length in scope.session.execute(query):
        found.setdefault(delivery_id, []).append((text, length))
    return found


def _reason(delivery: Delivery) -> str:
    errors = [finding for finding in delivery.verdict or [] if finding["level"] == "error"]
    if errors:
        return "; ".join(f"{finding['code']}: {finding['message']}" for finding in errors)
    return delivery.state_detail or delivery.state_reason or delivery.state
