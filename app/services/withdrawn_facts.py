"""An issuer's urgent correction: a number, link or wording that nobody may publish any more, in any organization."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ScalarSelect, select

from app.errors import NotFound
from app.identity.permissions import EVERYTHING
from app.identity.principal import Principal
from app.models import Campaign, Organization, WithdrawnFact
from app.services.fact_checks import NewFact, refuse_known, refuse_unfit, refuse_unknown_pack
from app.services.fact_marks import sought, still_says
from app.services.fact_sweeps import Swept, sweep, touch_all
from app.services.house import House
from app.services.pages import Asked, Page, page_of
from app.services.published_search import Hit, search
from app.services.scope import Scope

#: What was being sent when a fact was withdrawn is out, or not, well before this.
_LOOKED_AGAIN_FOR = timedelta(hours=1)
_CHORE = Principal("engine", EVERYTHING, via="engine")


@dataclass(frozen=True, slots=True)
class Issued:
    """A withdrawn fact, and by organization what it was found in: numbers only, never a text."""

    fact: WithdrawnFact
    organizations: tuple[Swept, ...]


def withdraw_fact(house: House, who: Principal, new: NewFact) -> Issued:
    """Withdraw a fact of a pack. From the first commit on the gate lets nothing out that says it.

    Then every organization's campaigns of that pack are looked through: what is ahead and says it is blocked, what is
    out is marked to be withdrawn, and where a new value is given it takes the old one's place in the campaign's pack.

    Raises:
        InvalidInput: No campaign is made of that pack and none comes with the service, or a value is none of its kind.
        AlreadyExists: It was withdrawn before, with the same new value.
    """
    refuse_unfit(new)
    with house.write_instance(who) as scope:
        refuse_unknown_pack(scope, new.pack_key)
        refuse_known(scope, new)
        fact = WithdrawnFact(
            pack_key=new.pack_key, kind=new.kind, old=new.old.strip(), new=new.new.strip() if new.new else None,
            reason=new.reason.strip(), issued_by=scope.actor, issued_at=scope.now,
        )  # fmt: skip
        scope.session.add(fact)
        scope.session.flush()
    return Issued(fact, _apply(house, who, fact))


def look_again(house: House) -> None:
    """Make the sweeps that were cut short, and look again for what was being sent when a fact was withdrawn."""
    with house.read_instance(_CHORE) as scope:
        query = select(WithdrawnFact).where(
            WithdrawnFact.applied_at.is_(None) | (WithdrawnFact.issued_at > scope.now - _LOOKED_AGAIN_FOR)
        )
        facts = scope.session.scalars(query.order_by(WithdrawnFact.id)).all()
    for fact in facts:
        _apply(house, _CHORE, fact)


def lift_fact(house: House, who: Principal, fact_id: int) -> None:
    """Take a withdrawal back that was a mistake: what it blocked is looked at anew. A replaced value stays replaced.

    Raises:
        NotFound: There is none.
    """
    with house.write_instance(who) as scope:
        fact = scope.session.get(WithdrawnFact, fact_id)
        if fact is None:
            raise _no_fact(fact_id)
        pack_key = fact.pack_key
        scope.session.delete(fact)
    for organization_id, _ in _organizations(house, who, pack_key):
        touch_all(house, who, organization_id, pack_key)


def withdrawn_facts_page(scope: Scope, asked: Asked) -> Page[WithdrawnFact]:
    """Return a page of what was withdrawn of the packs that the organization's campaigns are made of, newest first."""
    query = select(WithdrawnFact).where(WithdrawnFact.pack_key.in_(_own_keys(scope)))
    return page_of(scope.session, query, (WithdrawnFact.id,), lambda row: (row.id,), asked, newest_first=True)


def withdrawn_fact(scope: Scope, fact_id: int) -> WithdrawnFact:
    """Return one withdrawn fact that concerns the organization.

    Raises:
        NotFound: There is none, or it is of a pack that no campaign of the organization is made of.
    """
    query = select(WithdrawnFact).where(WithdrawnFact.id == fact_id, WithdrawnFact.pack_key.in_(_own_keys(scope)))
    fact = scope.session.scalars(query).first()
    if fact is None:
        raise _no_fact(fact_id)
    return fact


def published_with(scope: Scope, fact_id: int, asked: Asked) -> Page[Hit]:
    """Return the organization's deliveries that are out, say a withdrawn fact and are not being taken back yet.

    A page may have fewer rows than asked for, or none, and still a cursor to go on from.

    Raises:
        NotFound: See `withdrawn_fact`.
    """
    fact = withdrawn_fact(scope, fact_id)
    page = search(scope, sought(fact), asked)
    return Page([hit for hit in page.items if still_says(hit, fact)], page.next_cursor)


def _apply(house: House, who: Principal, fact: WithdrawnFact) -> tuple[Swept, ...]:
    first = fact.applied_at is None
    found = tuple(
        sweep(house, who, organization_id, slug, fact, first=first)
        for organization_id, slug in _organizations(house, who, fact.pack_key)
    )
    if first:
        with house.write_instance(who) as scope:
            row = scope.session.get(WithdrawnFact, fact.id)
            if row is not None:
                row.applied_at = fact.applied_at = scope.now
    return found


def _organizations(house: House, who: Principal, pack_key: str) -> list[tuple[int, str]]:
    with house.read_instance(who) as scope:
        theirs = select(Campaign.organization_id).where(Campaign.pack_key == pack_key)
        query = select(Organization.id, Organization.slug).where(Organization.id.in_(theirs)).order_by(Organization.id)
        return [(row[0], row[1]) for row in scope.session.execute(query)]


def _own_keys(scope: Scope) -> ScalarSelect[str]:
    return select(Campaign.pack_key).where(Campaign.organization_id == scope.organization_id).scalar_subquery()


def _no_fact(fact_id: int) -> NotFound:
    return NotFound(f"There is no withdrawn fact {fact_id}.", hint="List the withdrawn facts to see which there are.")
