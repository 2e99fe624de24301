"""The gate: may this delivery go out now, with these exact parts? It looks at rows under lock and writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session, defer

from app.db import RowId
from app.delivery import reasons
from app.delivery.deps import Composed
from app.delivery.window import waited, window_end
from app.models import Account, Attempt, Campaign, Delivery, Pause, Post, State
from app.policy.finding import Finding, Level


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a delivery does not go out, and the state it goes to."""

    state: State
    reason: str
    detail: str
    verdict: list[Any] | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """The rows that the gate judges, locked until its transaction ends."""

    delivery: Delivery
    post: Post
    account: Account
    campaign: Campaign


_FRESH = {"populate_existing": True}
_THESE = Delivery.id.in_(bindparam("deliveries", type_=RowId, expanding=True))
_COARSE = (
    select(Campaign, Post)
    .join(Post, Post.campaign_id == Campaign.id)
    .join(Delivery, Delivery.post_id == Post.id)
    .where(_THESE)
    # The pack is large, and whoever composes has read it already.
    .options(defer(Campaign.pack))
    .order_by(Campaign.id, Post.id)
    .with_for_update(read=True, of=(Campaign, Post))
)
ACCOUNTS_AND_DELIVERIES = (
    select(Account, Delivery)
    .join(Delivery, Delivery.account_id == Account.id)
    .where(_THESE)
    .order_by(Account.id, Delivery.id)
    # Whoever only refers to an account by a new row need not wait.
    .with_for_update(of=(Account, Delivery), key_share=True)
)


def lock_cases(session: Session, delivery_ids: Sequence[int]) -> dict[int, Case]:
    """Read and lock the rows by delivery id, from the coarse to the fine, each kind in the order of its ids.

    In one order for everybody, so that no two lockers wait for one another.
    """
    these = {"deliveries": list(delivery_ids)}
    posts = {post.id: (campaign, post) for campaign, post in session.execute(_COARSE, these, execution_options=_FRESH)}
    rows = session.execute(ACCOUNTS_AND_DELIVERIES, these, execution_options=_FRESH)
    cases: dict[int, Case] = {}
    for account, delivery in rows:
        campaign, post = posts[delivery.post_id]
        cases[delivery.id] = Case(delivery, post, account, campaign)
    return cases


def lock_case(session: Session, delivery_id: int) -> Case:
    """Read and lock the rows of one delivery."""
    return lock_cases(session, [delivery_id])[delivery_id]


def circumstances(case: Case, pause: Pause | None, now: datetime) -> Refusal | None:
    """Judge everything but the text: a stop asked, the window, the account, a pause. None lets it pass."""
    delivery, account = case.delivery, case.account
    late = now > window_end(delivery.due_at, case.campaign)
    connected = account.state == "connected"
    if delivery.parts_out:
        return _thread(delivery, late=late, connected=connected)
    if delivery.stop_requested_at is not None:
        return Refusal(State.CANCELLED, reasons.STOPPED, "A stop was asked before anything was sent.")
    if late:
        detail = (
            f"It was due {waited(delivery.due_at, now)} ago; the window is {case.campaign.lateness_minutes} minutes."
        )
        return Refusal(State.MISSED, reasons.LATE, detail)
    if not connected:
        return Refusal(State.HELD, f"account.{account.state}", account_detail(account))
    if pause is not None:
        return Refusal(State.SCHEDULED, reasons.PAUSED, f"Paused ({pause.scope}): {pause.reason}")
    return None


def doubt(session: Session, earlier: Attempt | None) -> Refusal | None:
    """Refuse while the answer to an attempt of `earlier`'s generation is open: the network is asked first."""
    if earlier is None:
        return None
    same = (Attempt.delivery_id == earlier.delivery_id, Attempt.generation == earlier.generation)
    unanswered = select(Attempt.id).where(*same, or_(Attempt.outcome.is_(None), Attempt.outcome == "unknown")).limit(1)
    if session.scalars(unanswered).first() is None:
        return None
    return Refusal(State.UNKNOWN, reasons.NO_ANSWER, "An earlier attempt gave no answer; the network is asked first.")


def text(composed: Composed, due_at: datetime | None = None) -> Refusal | None:
    """Judge the exact parts by their verdict and by what blocks from outside the text. None lets them pass.

    What was approved only after `due_at`, the delivery's moment, is missed: nobody had approved it for then.
    """
    found = (*composed.composition.verdict.findings, *composed.refusals)
    errors = [finding for finding in found if finding.level is Level.ERROR]
    if errors:
        unapproved = all(is_approval(finding.code) for finding in errors)
        reason = reasons.UNAPPROVED if unapproved else reasons.RULES
        return Refusal(State.BLOCKED, reason, errors[0].message, verdict=as_json(found))
    if not composed.composition.parts:
        return Refusal(State.BLOCKED, reasons.RULES, "There is nothing to send.", verdict=as_json(found))
    if due_at is not None and composed.approved_at is not None and composed.approved_at > due_at:
        detail = f"It was approved {waited(due_at, composed.approved_at)} after its moment."
        return Refusal(State.MISSED, reasons.LATE_APPROVAL, detail)
    return None


def is_approval(code: str) -> bool:
    """Whether a finding's code says that an approval is missing."""
    return code.startswith("approval.")


def as_json(findings: tuple[Finding, ...]) -> list[Any]:
    """Return findings as they are kept with deliveries and attempts."""
    return [finding.as_json() for finding in findings]


def account_detail(account: Account) -> str:
    """Say for a person why an account does not send."""
    if account.state == "disconnected":
        return f"{account.name or account.slug} is disconnected."
    return account.state_reason or f"{account.name or account.slug} must be reconnected."


def _thread(delivery: Delivery, *, late: bool, connected: bool) -> Refusal | None:
    """A thread that has begun goes on whatever is paused; what cannot go on is for a person to settle."""
    if delivery.stop_requested_at is not None:
        why = "a stop was asked"
    elif late:
        why = "its window has passed"
    elif not connected:
        why = "the account must be reconnected"
    else:
        return None
    return Refusal(State.NEEDS_REVIEW, reasons.THREAD_UNFINISHED, f"{delivery.parts_out} parts are out; {why}.")
