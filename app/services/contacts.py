"""Contact facts: a named person confirms each one for the year before a campaign goes live on real accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import InvalidInput
from app.models import Campaign, ContactConfirmation
from app.services.campaigns import touch
from app.services.scope import Scope
from app.services.voices import pack_of

#: How a fact may have been confirmed.
METHODS = ("called", "texted", "opened", "asked")


@dataclass(frozen=True, slots=True)
class ContactFactView:
    """A contact fact of a campaign, and the confirmation that holds for its present value, if any."""

    key: str
    name: str
    value: str
    source: str | None
    note: str | None
    confirmation: ContactConfirmation | None


def contact_facts(session: Session, campaign: Campaign) -> tuple[ContactFactView, ...]:
    """Return a campaign's contact facts. A confirmation of another value than the present one does not hold."""
    query = select(ContactConfirmation).where(ContactConfirmation.campaign_id == campaign.id)
    held = {row.fact_key: row for row in session.scalars(query)}
    views: list[ContactFactView] = []
    for fact in pack_of(campaign).contact.facts:
        row = held.get(fact.key)
        holds = row if row is not None and row.value == fact.value else None
        views.append(ContactFactView(fact.key, fact.name, fact.value, fact.source, fact.note, holds))
    return tuple(views)


def unconfirmed(session: Session, campaign: Campaign) -> tuple[str, ...]:
    """Return the names of the facts that nobody has confirmed for this campaign."""
    return tuple(fact.name for fact in contact_facts(session, campaign) if fact.confirmation is None)


def confirm_contacts(scope: Scope, campaign: Campaign, keys: Sequence[str], *, by: str, method: str) -> None:
    """Record that a named person confirmed facts of a campaign.

    Raises:
        InvalidInput: A key is none of the campaign's facts, the method is unknown, or no person is named.
    """
    facts = {fact.key: fact for fact in contact_facts(scope.session, campaign)}
    unknown = [key for key in keys if key not in facts]
    if unknown:
        raise InvalidInput(f"There is no contact fact {unknown[0]!r}.", hint=f"The facts are: {', '.join(facts)}.")
    if method not in METHODS:
        raise InvalidInput(f"Unknown method {method!r}.", hint=f"Say one of: {', '.join(METHODS)}.")
    if not by.strip():
        raise InvalidInput("A confirmation carries the name of the person who made it.", hint="Give a name.")
    query = scope.query(ContactConfirmation).where(ContactConfirmation.campaign_id == campaign.id)
    held = {row.fact_key: row for row in scope.session.scalars(query)}
    for key in dict.fromkeys(keys):
        row = held.get(key)
        if row is None:
            row = ContactConfirmation(
                organization_id=scope.organization_id, campaign_id=campaign.id, fact_key=key, value="",
                confirmed_by="", method="", confirmed_at=scope.now,
            )  # fmt: skip
            scope.session.add(row)
        row.value, row.confirmed_by, row.method, row.confirmed_at = facts[key].value, by.strip(), method, scope.now
    touch(scope, campaign, posts=())
