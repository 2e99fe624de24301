"""Pauses: a person stops an instance, organization, campaign, week or account, with a reason, from the next gate on.

None is ever lifted by itself; `services/resuming.py` is how a person ends one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import defer

from app.clock import utc_text
from app.delivery.resume import lock_reach
from app.errors import Conflict, InvalidInput, NotAllowed, NotFound
from app.identity.permissions import Permission
from app.models import Account, Campaign, Delivery, Pause, State
from app.services.accounts import account_by_slug
from app.services.pages import Asked, Page, page_of
from app.services.scope import Scope, across_organizations
from app.services.voices import pack_of


@dataclass(frozen=True, slots=True)
class PauseView:
    """A pause with what its ids stand for."""

    pause: Pause
    campaign: Campaign | None = None
    account: Account | None = None

    @property
    def of(self) -> str:
        """What it holds, for a person."""
        if self.account is not None:
            return f"account {self.account.slug}"
        if self.campaign is not None:
            week = "" if self.pause.week is None else f"week {self.pause.week} of "
            return f"{week}campaign {self.campaign.slug}"
        return f"the whole {self.pause.scope}"


def pause_instance(scope: Scope, *, reason: str) -> Pause:
    """Pause everything on this instance, every organization's; for its operator.

    Raises:
        NotAllowed: Somebody else asks.
        Conflict, InvalidInput: See `pause_campaign`.
    """
    refuse_others_than_operator(scope)
    return _order(scope, Pause(scope="instance"), reason)


def pause_organization(scope: Scope, *, reason: str) -> Pause:
    """Pause everything of the organization. Raises as `pause_campaign` does."""
    return _order(scope, Pause(scope="organization", organization_id=scope.organization_id), reason)


def pause_campaign(scope: Scope, campaign: Campaign, *, reason: str, week: int | None = None) -> Pause:
    """Pause a campaign, or one of its focus weeks. It stays so until a person resumes it.

    Raises:
        Conflict: It is paused already.
        InvalidInput: No reason is given, or the campaign has no such week.
    """
    if week is not None and week not in (weeks := [entry.number for entry in pack_of(campaign).weeks]):
        raise InvalidInput(f"The campaign has no week {week}.", hint=f"Its weeks are {', '.join(map(str, weeks))}.")
    kind = "campaign" if week is None else "week"
    pause = Pause(scope=kind, organization_id=scope.organization_id, campaign_id=campaign.id, week=week)
    return _order(scope, pause, reason)


def pause_account(scope: Scope, slug: str, *, reason: str) -> Pause:
    """Pause an account. Raises as `pause_campaign` does, and InvalidInput where there is none of that slug."""
    account = account_by_slug(scope, slug)
    if account is None:
        raise InvalidInput(f"There is no account {slug!r}.", hint="List the accounts to see which there are.")
    return _order(scope, Pause(scope="account", organization_id=scope.organization_id, account_id=account.id), reason)


def _order(scope: Scope, pause: Pause, reason: str) -> Pause:
    if not reason.strip():
        raise InvalidInput("A pause needs a reason.", hint="Say in a few words why, for whoever finds it paused.")
    with reaching(scope, pause):
        lock_reach(scope.session, pause)
    if (present := pause_in_force(scope, pause)) is not None:
        since = utc_text(present.started_at.replace(microsecond=0))
        raise Conflict(
            f"It is paused already, by {present.started_by} since {since}: {present.reason}",
            hint=f"Resume pause {present.id} first to give another reason.",
        )
    pause.reason, pause.started_by, pause.started_at = reason.strip(), scope.actor, scope.now
    scope.session.add(pause)
    try:
        scope.session.flush()
    except IntegrityError:
        # An organization without campaigns has nothing to lock, so two may come here at once.
        raise Conflict("It was paused at this very moment.", hint="List the pauses to see by whom and why.") from None
    return pause


def pause_in_force(scope: Scope, like: Pause) -> Pause | None:
    """Return the pause in force of the same scope and thing as `like`, which need not be stored."""
    same = (
        Pause.organization_id.is_not_distinct_from(like.organization_id),
        Pause.campaign_id.is_not_distinct_from(like.campaign_id),
        Pause.week.is_not_distinct_from(like.week),
        Pause.account_id.is_not_distinct_from(like.account_id),
    )
    query = select(Pause).where(Pause.scope == like.scope, *same, Pause.ended_at.is_(None))
    return scope.session.scalars(query.limit(1)).first()


def refuse_others_than_operator(scope: Scope) -> None:
    """Refuse whoever may not pause or resume the whole instance.

    Raises:
        NotAllowed: Somebody else than the operator acts.
    """
    if not scope.may(Permission.OPERATE):
        raise NotAllowed(
            "The whole instance is paused and resumed by its operator only.", hint="Pause your organization instead."
        )


def reaching(scope: Scope, pause: Pause) -> AbstractContextManager[None]:
    """Let a unit of work reach all that a pause holds: the instance's holds every organization's deliveries."""
    return across_organizations(scope.session) if pause.scope == "instance" else nullcontext()


def find_pause(scope: Scope, pause_id: int) -> Pause:
    """Return a pause that touches the organization, in force or ended.

    Raises:
        NotFound: There is none.
    """
    found = scope.session.scalars(select(Pause).where(Pause.id == pause_id, _touches(scope))).first()
    if found is None:
        raise NotFound(f"There is no pause {pause_id}.", hint="List the pauses to see which there are.")
    return found


def pauses_page(scope: Scope, asked: Asked, *, ended: bool = False) -> Page[PauseView]:
    """Return a page of the pauses that touch the organization, newest first: those in force, or those that ended."""
    query = select(Pause).where(_touches(scope), Pause.ended_at.is_not(None) if ended else Pause.ended_at.is_(None))
    page = page_of(scope.session, query, (Pause.id,), lambda row: (row.id,), asked, newest_first=True)
    return Page(pause_views(scope, page.items), page.next_cursor)


def pauses_in_force(scope: Scope) -> list[PauseView]:
    """Return all pauses in force that touch the organization, oldest first."""
    return _in_force(scope, _touches(scope))


def pauses_of(scope: Scope, campaign: Campaign) -> list[PauseView]:
    """Return the pauses in force that touch a campaign, oldest first.

    They are its own and its weeks', the organization's and the instance's, and those of accounts that it posts to.
    """
    used = select(Delivery.id).where(
        Delivery.campaign_id == campaign.id,
        Delivery.account_id == Pause.account_id,
        Delivery.state != State.CANCELLED.value,
    )
    wide = Pause.scope.in_(("instance", "organization"))
    account = and_(Pause.scope == "account", exists(used.correlate(Pause)))
    return _in_force(scope, and_(_touches(scope), or_(wide, Pause.campaign_id == campaign.id, account)))


def account_pauses(scope: Scope, accounts: Sequence[Account]) -> Mapping[int, Pause]:
    """Return by account id the pause in force of each of these accounts; one that is not paused has no entry."""
    query = select(Pause).where(
        _touches(scope), Pause.ended_at.is_(None), Pause.account_id.in_([account.id for account in accounts])
    )
    return {pause.account_id: pause for pause in scope.session.scalars(query) if pause.account_id is not None}


def pause_views(scope: Scope, pauses: Sequence[Pause]) -> list[PauseView]:
    """Return pauses, in the same order, with what their ids stand for."""
    rows = scope.session.execute(_named().where(Pause.id.in_([pause.id for pause in pauses])))
    named = {row[0].id: PauseView(row[0], row[1], row[2]) for row in rows}
    return [named[pause.id] for pause in pauses]


def _in_force(scope: Scope, condition: ColumnElement[bool]) -> list[PauseView]:
    rows = scope.session.execute(_named().where(Pause.ended_at.is_(None), condition).order_by(Pause.id))
    return [PauseView(row[0], row[1], row[2]) for row in rows]


def _touches(scope: Scope) -> ColumnElement[bool]:
    return or_(Pause.organization_id == scope.organization_id, Pause.scope == "instance")


def _named() -> Select[Pause, Campaign, Account]:
    return (
        select(Pause, Campaign, Account)
        .outerjoin(Campaign, Campaign.id == Pause.campaign_id)
        .outerjoin(Account, Account.id == Pause.account_id)
        .options(defer(Campaign.pack))
    )
